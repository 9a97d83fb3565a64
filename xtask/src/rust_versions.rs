//! The lowest Rust version that each published crate claims, in its manifest and in the comments of its
//! features, against what the manifests of its dependencies ask for. No older compiler is tried.

use std::{collections::BTreeMap, error::Error};

use crate::{
    generate::features,
    workspace::{cargo, list, metadata, published, stdout, text},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What a manifest asks for, without the number after the second dot, which is 0.
type Version = (u32, u32);

/// The version that each crate of `Cargo.lock` asks for, by `NAME vVERSION`.
type Asked = BTreeMap<String, Version>;

/// Fails if a crate claims a lower version than a dependency asks for, and lists these.
pub(crate) fn check() -> Result<()> {
    let metadata = metadata(&["--locked"])?;
    let asked = asked(list(&metadata, "packages")?)?;
    let mut findings = Vec::new();
    for package in published()? {
        let own = version(&package.rust_version)?;
        let features = if package.features.is_empty() { vec![] } else { features(&package.name)? };
        let mut without = Vec::new();
        for feature in features {
            match claim(&feature.meaning) {
                Some(claim) => {
                    let above = above(&package.name, &feature.name, claim.max(own), &asked)?;
                    findings.extend(above);
                }
                None => without.push(feature.name),
            }
        }
        // All that claim nothing of their own, together.
        findings.extend(above(&package.name, &without.join(","), own, &asked)?);
    }
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("no dependency asks for a later version of Rust than the crates claim");
        Ok(())
    } else {
        Err(format!("{} dependencies ask for a later version of Rust", findings.len()).into())
    }
}

/// The dependencies of a package with these features that ask for a later version than is claimed, on any
/// platform.
fn above(package: &str, features: &str, claim: Version, asked: &Asked) -> Result<Vec<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", package, "--target", "all"]);
    tree.args(["--no-default-features", "--features", features]);
    tree.args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
    let tree = stdout(&mut tree)?;
    let mut above = Vec::new();
    for line in tree.lines() {
        let name = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let Some(asked) = asked.get(&name).filter(|asked| **asked > claim) else { continue };
        let with = if features.is_empty() { String::new() } else { format!(" with {features}") };
        let finding = format!(
            "{package}{with} claims Rust {}.{}, and {name} asks for {}.{}",
            claim.0, claim.1, asked.0, asked.1
        );
        if !above.contains(&finding) {
            above.push(finding);
        }
    }
    Ok(above)
}

/// What each asks for, our own crates among them.
fn asked(packages: &[serde_json::Value]) -> Result<Asked> {
    let mut asked = Asked::new();
    for package in packages {
        let name = text(package, "name").ok_or("`cargo metadata` lists a package without name")?;
        let number = text(package, "version").ok_or_else(|| format!("{name} has no version"))?;
        if let Some(rust) = text(package, "rust_version") {
            asked.insert(format!("{name} v{number}"), version(&rust)?);
        }
    }
    Ok(asked)
}

/// `1.88` or `1.88.0`.
fn version(text: &str) -> Result<Version> {
    let mut numbers = text.split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => Err(format!("{text} is not a version of Rust").into()),
    }
}

/// What the comment of a feature claims: `Rust 1.89 or later`.
fn claim(meaning: &str) -> Option<Version> {
    let (_, rest) = meaning.split_once("Rust ")?;
    version(rest.split_once(" or later")?.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_comment_of_a_feature_claims() {
        assert_eq!(claim("The adapter for Rocket 0.5. Rust 1.89 or later."), Some((1, 89)));
        assert_eq!(claim("Verifies with the pure-Rust p256 crate."), None);
    }

    #[test]
    fn finds_a_dependency_that_asks_for_a_later_version_than_is_claimed() {
        let metadata = metadata(&["--locked"]).unwrap();
        let asked = asked(list(&metadata, "packages").unwrap()).unwrap();
        let found = above("topper-store", "sqlite", (1, 88), &asked).unwrap();
        let expected = "topper-store with sqlite claims Rust 1.88, and sqlx-core v";
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{found:?}");
        assert!(above("topper-store", "redis", (1, 88), &asked).unwrap().is_empty());
    }
}
