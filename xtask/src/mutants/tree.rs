//! A copy of the repository that is mutated, so that the original stays as it is. What was built there is kept: only
//! the first run compiles everything.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use super::Result;
use crate::workspace::{root, stdout};

/// Files with another content in the copy, or only there, by their paths.
pub(super) type Changed = BTreeMap<String, String>;

/// Makes the copy, or renews it.
pub(super) fn copy(tree: &Path, changed: &Changed) -> Result<()> {
    let mut names = names()?;
    names.extend(changed.keys().cloned());
    copy_files(root(), &names, changed, tree)
}

/// What is committed, and what could be.
fn names() -> Result<BTreeSet<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names = stdout(git.current_dir(root()))?;
    let names = names.split_terminator('\0').map(str::to_owned);
    // Files that are deleted, and still in the index.
    Ok(names.filter(|name| root().join(name).is_file()).collect())
}

/// Writes only what differs, since cargo builds again what has a new time.
fn copy_files(from: &Path, names: &BTreeSet<String>, changed: &Changed, to: &Path) -> Result<()> {
    for name in names {
        let (source, copy) = (from.join(name), to.join(name));
        let bytes = match changed.get(name) {
            Some(changed) => changed.clone().into_bytes(),
            None => fs::read(&source)?,
        };
        if fs::read(&copy).is_ok_and(|copied| copied == bytes) {
            continue;
        }
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&copy, bytes)?;
        if source.exists() {
            // A script stays one.
            fs::set_permissions(&copy, fs::metadata(&source)?.permissions())?;
        }
    }
    remove_others(to, to, names)
}

/// Removes what has been deleted or renamed.
fn remove_others(tree: &Path, folder: &Path, names: &BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = path.strip_prefix(tree)?.to_string_lossy().replace('\\', "/");
        if name == "target" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            remove_others(tree, &path, names)?;
        } else if !names.contains(&name) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_what_has_changed_and_removes_what_is_gone() {
        let folder = std::env::temp_dir().join(format!("topper-mutants-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::create_dir_all(from.join("src")).unwrap();
        fs::create_dir_all(to.join("target")).unwrap();
        let write = |name: &str, text: &str| fs::write(from.join(name), text).unwrap();
        write("src/a.rs", "a");
        write("src/b.rs", "b");
        fs::write(to.join("target/built"), "").unwrap();
        let both = BTreeSet::from(["src/a.rs".to_owned(), "src/b.rs".to_owned()]);
        copy_files(&from, &both, &Changed::new(), &to).unwrap();
        let time = |name: &str| fs::metadata(to.join(name)).unwrap().modified().unwrap();
        let before = time("src/a.rs");

        let one = BTreeSet::from(["src/a.rs".to_owned()]);
        copy_files(&from, &one, &Changed::new(), &to).unwrap();
        assert_eq!(time("src/a.rs"), before);
        assert!(!to.join("src/b.rs").exists());
        write("src/a.rs", "changed");
        copy_files(&from, &one, &Changed::new(), &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("src/a.rs")).unwrap(), "changed");
        let marked = ["src/a.rs", "src/new.rs"].map(|name| (name.to_owned(), "marked".to_owned()));
        let with_new = marked.iter().map(|(name, _)| name.clone()).collect();
        copy_files(&from, &with_new, &Changed::from(marked), &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("src/a.rs")).unwrap(), "marked");
        assert_eq!(fs::read_to_string(to.join("src/new.rs")).unwrap(), "marked");
        assert!(to.join("target/built").exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
