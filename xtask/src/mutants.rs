//! Mutation testing: cargo-mutants changes the code in one place at a time, and some test must fail.
//!
//! `docs/mutants.md` explains each change that no test notices. The list is exact: a change that is not in it fails
//! the command, and so does a line that no longer holds.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::workspace::{root, stdout, target};

mod accepted;
mod area;
mod code;
mod fate;
mod lanes;
mod outcome;
mod reach;
mod running;
mod statement;
mod tree;
mod trial;

use accepted::Accepted;
use area::AREAS;
use outcome::Outcome;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "mutants takes `--in-diff`, with a revision or without, or `--statements`, with names of \
                     stores or without, and any number of `--file GLOB` and `--name TEXT`";

/// What is mutated.
#[derive(Debug, Default, PartialEq)]
struct Choice {
    /// Only lines that differ from this revision.
    since: Option<Since>,
    only: Only,
    /// The statements of these stores, or of all, instead of Rust code.
    statements: Option<Vec<String>>,
}

/// Which changes are tried, if not all.
#[derive(Debug, Default, PartialEq)]
struct Only {
    /// Those in these files, from the folder of the repository.
    files: Vec<String>,
    /// Those with one of these texts in their names.
    names: Vec<String>,
}

impl Only {
    /// By a name without line and column.
    fn has(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|part| name.contains(part.as_str()))
    }
}

#[derive(Debug, PartialEq)]
enum Since {
    Usual,
    Revision(String),
}

/// Mutates what is chosen, or all, and compares what survives with the list.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let choice = chosen(arguments)?;
    let folder = std::path::absolute(target().join("mutants"))?;
    let tree = folder.join("tree");
    let accepted = Accepted::read(&fs::read_to_string(root().join(accepted::PAGE))?)?;
    if let Some(stores) = choice.statements {
        let choice = statement::Choice { stores, only: choice.only };
        return statement::mutate(&choice, &tree, &folder, &accepted.only(true));
    }
    tree::copy(&tree, &tree::Changed::new())?;
    let diff = match &choice.since {
        None => None,
        Some(since) => Some(write_diff(since, &folder)?),
    };
    let mut all = Vec::new();
    let mut outcome = Outcome::default();
    for area in &AREAS {
        all.extend(area.list(&tree)?);
        outcome.add(code::mutate(area, &tree, &folder, diff.as_deref(), &choice.only)?);
        // The list of the next area is made of the code as it is.
        tree::copy(&tree, &tree::Changed::new())?;
    }
    if outcome.count() == 0 {
        println!("nothing to change was found");
        return Ok(());
    }
    println!("{}", outcome.summary("do not compile"));
    accepted.only(false).compare(&outcome, &all)
}

fn chosen(arguments: &[&str]) -> Result<Choice> {
    let mut choice = Choice::default();
    let mut arguments = arguments.iter().peekable();
    while let Some(&argument) = arguments.next() {
        match argument {
            "--in-diff" => {
                let revision = arguments.next_if(|next| !next.starts_with('-'));
                choice.since = Some(match revision {
                    Some(&revision) => Since::Revision(revision.to_owned()),
                    None => Since::Usual,
                });
            }
            "--statements" => {
                let mut stores = Vec::new();
                while let Some(&store) = arguments.next_if(|next| !next.starts_with('-')) {
                    statement::check_store(store)?;
                    stores.push(store.to_owned());
                }
                choice.statements = Some(stores);
            }
            "--file" => choice.only.files.push((*arguments.next().ok_or(USAGE)?).to_owned()),
            "--name" => choice.only.names.push((*arguments.next().ok_or(USAGE)?).to_owned()),
            _ => return Err(USAGE.into()),
        }
    }
    if choice.since.is_some() && choice.statements.is_some() {
        return Err("`--in-diff` is for Rust code, and not for `--statements`".into());
    }
    Ok(choice)
}

/// What differs from the revision, with what is not committed yet, as a file.
fn write_diff(since: &Since, folder: &Path) -> Result<PathBuf> {
    let revision = match since {
        Since::Revision(revision) => revision.clone(),
        Since::Usual => usual_revision()?,
    };
    println!("only what differs from {revision}");
    // New files, too, if `git add` knows them.
    let diff = git(&[
        "diff",
        "--no-color",
        "--no-ext-diff",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        &revision,
    ])?;
    let path = folder.join("changes.diff");
    fs::write(&path, diff)?;
    Ok(path)
}

/// Where this branch left `main`; on `main` itself, the commit before.
fn usual_revision() -> Result<String> {
    let base = git(&["merge-base", "main", "HEAD"])?;
    let head = git(&["rev-parse", "HEAD"])?;
    Ok(if base == head { "HEAD^".to_owned() } else { base.trim().to_owned() })
}

fn git(arguments: &[&str]) -> Result<String> {
    stdout(Command::new("git").args(arguments).current_dir(root()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutates_all_unless_lines_or_files_are_chosen() {
        assert_eq!(chosen(&[]).unwrap(), Choice::default());
        let choice = chosen(&["--in-diff", "--file", "a/*.rs", "--file", "b.rs"]).unwrap();
        assert_eq!(choice.since, Some(Since::Usual));
        assert_eq!(choice.only.files, ["a/*.rs", "b.rs"]);
        assert!(choice.only.has("a.rs: replace < with <= in f"));
        let choice = chosen(&["--name", "< with <= in f", "--name", "in g"]).unwrap();
        assert!(choice.only.has("a.rs: replace < with <= in f"));
        assert!(choice.only.has("b.rs: delete ! in g"));
        assert!(!choice.only.has("b.rs: delete ! in h"));
        let choice = chosen(&["--in-diff", "v0.1.0"]).unwrap();
        assert_eq!(choice.since, Some(Since::Revision("v0.1.0".to_owned())));
        let choice = chosen(&["--statements", "redis", "sqlite", "--file", "c.rs"]).unwrap();
        assert_eq!(choice.statements.unwrap(), ["redis", "sqlite"]);
        assert_eq!(chosen(&["--statements"]).unwrap().statements, Some(Vec::new()));
        for wrong in [
            &["--file"][..],
            &["--name"],
            &["a.rs"],
            &["--in-dif"],
            &["--statements", "mysql"],
            &["--statements", "--in-diff"],
        ] {
            chosen(wrong).unwrap_err();
        }
    }

    #[test]
    fn the_list_can_be_read() {
        let page = fs::read_to_string(root().join(accepted::PAGE)).unwrap();
        Accepted::read(&page).unwrap();
    }
}
