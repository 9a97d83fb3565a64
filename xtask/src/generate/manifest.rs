//! Cargo features, with what their comments in the manifest say.

use std::error::Error;

use super::read;

/// A cargo feature.
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) is_default: bool,
    pub(crate) meaning: String,
}

/// The features of a crate, in the order of the manifest: each has a comment with two `#`.
pub(crate) fn features(package: &str) -> Result<Vec<Feature>, Box<dyn Error>> {
    let path = format!("{package}/Cargo.toml");
    let manifest = read(&path)?;
    let section = manifest.split("\n[features]\n").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let mut features = Vec::new();
    let mut defaults = "";
    let mut meaning = String::new();
    for line in section.lines() {
        if let Some(words) = line.strip_prefix("## ") {
            meaning =
                if meaning.is_empty() { words.to_owned() } else { format!("{meaning} {words}") };
        } else if let Some((name, list)) = line.split_once(" = ") {
            if name == "default" {
                defaults = list;
            } else if meaning.is_empty() {
                return Err(format!("{path}: feature {name} has no comment with `##`").into());
            } else {
                features.push(Feature {
                    name: name.to_owned(),
                    is_default: defaults.contains(&format!("\"{name}\"")),
                    meaning: std::mem::take(&mut meaning),
                });
            }
        }
    }
    Ok(features)
}
