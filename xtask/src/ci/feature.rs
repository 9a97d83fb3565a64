//! Which packages are checked with which features, as their manifests say.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use super::Result;
use crate::workspace::{Features, list, metadata, published, root, text};

/// A package with these is checked alone, with each that it has.
const BACK_ENDS: [&str; 3] = ["aws-lc", "graviola", "rust-crypto"];
/// The one that is built sooner, which other features are checked next to.
const SOONER: &str = "rust-crypto";

/// Each published package with each set of its features that is checked alone.
pub(super) fn sets() -> Result<Vec<(String, String)>> {
    let mut sets = Vec::new();
    for package in published()? {
        if package.features.contains_key(SOONER) {
            let mut of_package = sets_of(&package.features);
            let together = package.together.iter();
            of_package.extend(together.map(|set| format!("{SOONER},{}", set.join(","))));
            sets.extend(of_package.into_iter().map(|set| (package.name.clone(), set)));
        }
    }
    Ok(sets)
}

/// Each back end; each other feature; and each that does more next to another, with the other.
fn sets_of(features: &Features) -> Vec<String> {
    let back_ends = BACK_ENDS.into_iter().filter(|it| features.contains_key(*it));
    let mut sets: Vec<String> = back_ends.map(str::to_owned).collect();
    for (name, parts) in others(features) {
        sets.push(format!("{SOONER},{name}"));
        // `x?/y` does something only where another feature switches `x` on.
        let weak: BTreeSet<&str> =
            parts.iter().filter_map(|part| Some(part.split_once("?/")?.0)).collect();
        let switches_on = |parts: &[String]| {
            parts.iter().any(|part| part.strip_prefix("dep:").is_some_and(|it| weak.contains(it)))
        };
        for (other, _) in others(features).filter(|(_, parts)| switches_on(parts)) {
            sets.push(format!("{SOONER},{other},{name}"));
        }
    }
    sets
}

/// The features that are no back end.
fn others(features: &Features) -> impl Iterator<Item = (&String, &Vec<String>)> {
    features.iter().filter(|(name, _)| {
        let name = name.as_str();
        name != "default" && !BACK_ENDS.contains(&name)
    })
}

/// The published packages with a feature that is off in a run of all tests, where the features that the
/// packages want of each other are on.
pub(super) fn not_all_tested() -> Result<Vec<String>> {
    let metadata = metadata(&["--locked"])?;
    let resolve = metadata.get("resolve").ok_or("`cargo metadata` resolves nothing")?;
    let nodes = list(resolve, "nodes")?;
    let packages = list(&metadata, "packages")?;
    let mut found = Vec::new();
    for package in published()? {
        let is_ours = |it: &&Value| {
            text(it, "name").as_ref() == Some(&package.name)
                && it.get("source") == Some(&Value::Null)
        };
        let id = packages.iter().find(is_ours).and_then(|it| text(it, "id"));
        let node = nodes.iter().find(|node| text(node, "id") == id);
        let node = node.ok_or_else(|| format!("{} is not resolved", package.name))?;
        let on = list(node, "features")?;
        if others(&package.features).any(|(name, _)| !on.iter().any(|it| it == name.as_str())) {
            found.push(package.name);
        }
    }
    Ok(found)
}

/// The packages with programs to copy from, which are not published.
pub(super) fn examples() -> Result<Vec<String>> {
    let metadata = metadata(&["--no-deps"])?;
    let mut found = Vec::new();
    for package in list(&metadata, "packages")? {
        let name = text(package, "name").ok_or("`cargo metadata` lists a package without name")?;
        let is_published = package.get("publish").is_some_and(Value::is_null);
        let is_program = |target: &Value| {
            list(target, "kind").is_ok_and(|kinds| kinds.iter().any(|kind| kind == "bin"))
        };
        let manifest = text(package, "manifest_path").unwrap_or_default();
        let is_copied = Path::new(&manifest).starts_with(root().join("examples"));
        if !is_published && is_copied && list(package, "targets")?.iter().any(is_program) {
            found.push(name);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets_of_package(name: &str) -> Vec<String> {
        let sets = sets().unwrap();
        sets.into_iter().filter(|(package, _)| package == name).map(|(_, set)| set).collect()
    }

    #[test]
    fn checks_every_feature_of_the_facade_next_to_the_back_end_that_is_built_sooner() {
        let sets = sets_of_package("topper");
        for feature in
            ["aws-lc", "graviola", "rust-crypto", "rust-crypto,serve", "rust-crypto,metrics"]
        {
            assert!(sets.contains(&feature.to_owned()), "{feature} is not in {sets:?}");
        }
    }

    #[test]
    fn checks_a_feature_together_with_the_one_that_it_adds_to() {
        let sets = sets_of_package("topper");
        assert!(sets.contains(&"rust-crypto,axum,serve".to_owned()), "{sets:?}");
        let sets = sets_of_package("topper-store");
        assert!(sets.contains(&"rust-crypto,postgres,tls".to_owned()), "{sets:?}");
        // By the manifest's own list.
        assert!(sets.contains(&"rust-crypto,redis,tls".to_owned()), "{sets:?}");
    }

    #[test]
    fn checks_no_set_twice() {
        let sets = sets().unwrap();
        assert_eq!(sets.iter().collect::<BTreeSet<_>>().len(), sets.len());
    }

    #[test]
    fn finds_the_packages_whose_features_a_run_of_all_tests_leaves_off() {
        let packages = not_all_tested().unwrap();
        assert!(packages.contains(&"topper-core".to_owned()), "{packages:?}");
        assert!(packages.contains(&"topper-serve".to_owned()), "{packages:?}");
    }

    #[test]
    fn finds_the_examples() {
        assert_eq!(
            examples().unwrap(),
            ["topper-examples", "topper-bridges", "topper-shop", "topper-tower-examples"]
        );
    }
}
