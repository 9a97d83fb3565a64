//! The packages that are published: what someone has who downloads them.

use std::{
    collections::BTreeSet,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::workspace::{LICENCES, cargo, list, metadata, published, root, run, target, text};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What every package has, by its name in `cargo metadata`.
const FIELDS: [&str; 6] =
    ["description", "license", "repository", "documentation", "readme", "rust_version"];
/// What may be in a package besides its manifests and licences.
const FILES: [&str; 4] = ["README.md", "migrations", "schemas", "src"];
/// What cargo adds.
const MANIFESTS: [&str; 4] =
    ["Cargo.toml", "Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"];
/// The most that crates.io takes.
const MOST_WORDS: usize = 5;

/// A package, unpacked.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

/// Packages everything that is published, and checks what is in the packages.
pub(crate) fn check() -> Result<()> {
    unpack_all(&target().join("packages")).map(drop)
}

/// Packages everything that is published, unpacks it into a folder, and checks it there.
pub(crate) fn unpack_all(folder: &Path) -> Result<Vec<Package>> {
    let published = published()?;
    // Built by the programs, and not once more in folders of their own.
    let mut command = cargo();
    command.args(["package", "--locked", "--no-verify", "--allow-dirty", "--quiet"]);
    for package in &published {
        command.args(["--package", &package.name]);
    }
    run(&mut command)?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let mut packages = Vec::new();
    for package in published {
        let versioned = format!("{}-{}", package.name, package.version);
        let archive = target().join("package").join(format!("{versioned}.crate"));
        run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder))?;
        packages.push(Package { name: package.name, folder: folder.join(versioned) });
    }
    inspect(folder, &packages)?;
    Ok(packages)
}

/// Unpacks everything that is published into a folder, each package as a workspace of its own, which takes
/// the others in place of those of the registry. A workspace of all would switch on what each wants of the
/// others. They are without what only tests need: no user compiles it, but it changes which versions are chosen.
pub(crate) fn stand_alone(folder: &Path) -> Result<Vec<Package>> {
    let packages = unpack_all(folder)?;
    fs::remove_file(folder.join("Cargo.toml"))?;
    for package in &packages {
        let path = package.folder.join("Cargo.toml");
        let mut manifest = without_tests(&fs::read_to_string(&path)?);
        manifest.push_str("\n[workspace]\n\n[patch.crates-io]\n");
        for other in packages.iter().filter(|other| other.name != package.name) {
            writeln!(manifest, "{} = {{ path = {:?} }}", other.name, other.folder)?;
        }
        fs::write(path, manifest)?;
        // The versions of this repository; that of the package names the others as they are in the registry.
        fs::copy(root().join("Cargo.lock"), package.folder.join("Cargo.lock"))?;
    }
    Ok(packages)
}

/// A manifest as cargo writes it, without the dependencies of tests.
fn without_tests(manifest: &str) -> String {
    let mut kept = String::new();
    let mut is_kept = true;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_kept = !line.contains("dev-dependencies");
        }
        if is_kept {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Lists all that is wrong with the packages.
fn inspect(folder: &Path, packages: &[Package]) -> Result<()> {
    // A workspace of the packages, so that cargo reads their manifests at once.
    let manifest = folder.join("Cargo.toml");
    fs::write(&manifest, "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n")?;
    let manifest = manifest.to_string_lossy();
    let metadata = metadata(&["--no-deps", "--manifest-path", &manifest])?;
    let described = list(&metadata, "packages")?;
    let mut findings = Vec::new();
    let mut keywords = BTreeSet::new();
    for package in packages {
        let name = &package.name;
        let described = described.iter().find(|it| text(it, "name").as_ref() == Some(name));
        let described = described.ok_or_else(|| format!("{name} is not among the packages"))?;
        let mut wrong = misdescribed(name, described);
        if !keywords.insert(words(described, "keywords")) {
            wrong.push("has the keywords of another package".to_owned());
        }
        wrong.extend(misfilled(&package.folder)?);
        findings.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
    }
    if findings.is_empty() {
        println!("{} packages are complete", packages.len());
        return Ok(());
    }
    for finding in &findings {
        println!("{finding}");
    }
    Err(format!("{} packages are wrong in {} places", packages.len(), findings.len()).into())
}

/// What is wrong with a manifest.
fn misdescribed(name: &str, package: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for field in FIELDS {
        if text(package, field).is_none_or(|text| text.is_empty()) {
            wrong.push(format!("has no {field}"));
        }
    }
    let expected = [
        ("license", "MIT OR Apache-2.0".to_owned()),
        ("documentation", format!("https://docs.rs/{name}")),
        ("readme", "README.md".to_owned()),
    ];
    for (field, expected) in expected {
        if text(package, field).is_some_and(|text| text != expected) {
            wrong.push(format!("{field} is not {expected}"));
        }
    }
    if !text(package, "repository").unwrap_or_default().starts_with("https://") {
        wrong.push("repository is not an https URL".to_owned());
    }
    for field in ["keywords", "categories"] {
        if !(1..=MOST_WORDS).contains(&words(package, field).len()) {
            wrong.push(format!("{field} are not 1 to {MOST_WORDS}"));
        }
    }
    let has_features = package
        .get("features")
        .and_then(Value::as_object)
        .is_some_and(|features| features.keys().any(|name| name != "default"));
    let all = package.pointer("/metadata/docs/rs/all-features").and_then(Value::as_bool);
    if has_features && all != Some(true) {
        wrong.push("docs.rs does not show all its features".to_owned());
    }
    wrong
}

/// What is wrong with the files of a package.
fn misfilled(folder: &Path) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for licence in LICENCES {
        if fs::read(folder.join(licence)).ok() != Some(fs::read(root().join(licence))?) {
            wrong.push(format!("{licence} is not the one of the repository"));
        }
    }
    let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    // A clone without symbolic links has the path of another file there.
    if readme.lines().count() < 10 {
        wrong.push("README.md is missing or too short".to_owned());
    }
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if ![&FILES[..], &MANIFESTS, &LICENCES].concat().contains(&&*name) {
            wrong.push(format!("{name} is in the package, but no user needs it"));
        }
    }
    Ok(wrong)
}

fn words(package: &Value, field: &str) -> BTreeSet<String> {
    let words = package.get(field).and_then(Value::as_array).into_iter().flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_the_dependencies_of_tests_out_of_a_manifest() {
        let manifest = "[package]\nname = \"a\"\n\n[dependencies.b]\nversion = \"1\"\n\n\
                        [dev-dependencies.c]\nversion = \"1\"\n\n[target.x.dev-dependencies.d]\n\
                        version = \"1\"\n\n[lints.rust]\nmissing_docs = \"warn\"\n";
        let expected = "[package]\nname = \"a\"\n\n[dependencies.b]\nversion = \"1\"\n\n\
                        [lints.rust]\nmissing_docs = \"warn\"\n";
        assert_eq!(without_tests(manifest), expected);
    }
}
