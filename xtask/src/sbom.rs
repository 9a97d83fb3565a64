//! What a release is made of: a software bill of materials, in the format CycloneDX, of the crate that
//! services depend on and of the program that people install.

use std::{error::Error, fs, path::Path, process::Command};

use serde_json::Value;

use crate::{
    packages, tool,
    workspace::{root, run, stdout, target},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The crates, and the features that are switched on.
const CRATES: [(&str, &[&str]); 2] = [("topper", &["--all-features"]), ("topper-cli", &[])];
/// An identifier of a package in a folder, before the path of the folder.
const LOCAL: &str = "path+file://";

/// Writes a file for each crate.
pub(crate) fn write() -> Result<()> {
    let folder = target().join("sbom");
    let packages = packages::stand_alone(&folder.join("packages"))?;
    let git = stdout(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root()))?;
    for package in &packages {
        let Some((name, features)) = CRATES.iter().find(|(name, _)| *name == package.name) else {
            continue;
        };
        let mut list = tool::cyclonedx()?;
        list.args(["cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5"]);
        list.args(["--target", "all"]).args(*features);
        list.arg("--manifest-path").arg(package.folder.join("Cargo.toml"));
        // The time of the commit, and no random number: the same commit has the same file.
        run(list.env("SOURCE_DATE_EPOCH", git.trim()))?;
        let text = fs::read_to_string(package.folder.join(format!("{name}.cdx.json")))?;
        let path = folder.join(format!("{name}.cdx.json"));
        fs::write(&path, public(&text)?)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// The file, with our own crates as they are in the registry, instead of in folders of this machine.
fn public(text: &str) -> Result<String> {
    let mut file = serde_json::from_str(text)?;
    publish(&mut file);
    let text = format!("{file:#}\n");
    let here = root().to_str().unwrap_or_default();
    if text.contains("file://") || text.contains(here) || !Path::new(here).is_absolute() {
        return Err("the bill of materials contains a path of this machine".into());
    }
    Ok(text)
}

fn publish(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(publish),
        Value::Array(items) => items.iter_mut().for_each(publish),
        Value::String(text) => {
            if let Some((_, package)) = text.strip_prefix(LOCAL).and_then(|it| it.split_once('#')) {
                *text = format!("pkg:cargo/{package}");
            } else if let Some((package, rest)) = text.split_once("?download_url=file") {
                // After the folder, the path of a file in the package.
                let file = rest.split_once('#').map_or(String::new(), |(_, it)| format!("#{it}"));
                *text = format!("{package}{file}");
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_our_own_crates_as_they_are_in_the_registry() {
        let file = r#"{"bom-ref": "path+file:///home/a/topper-core-0.1.0#topper-core@0.1.0",
            "purl": "pkg:cargo/topper-core@0.1.0?download_url=file:%2F%2F%2Fhome%2Fa#src/lib.rs",
            "dependsOn": ["registry+https://github.com/rust-lang/crates.io-index#http@1.0.0"]}"#;
        let expected = r#"{"bom-ref": "pkg:cargo/topper-core@0.1.0",
            "purl": "pkg:cargo/topper-core@0.1.0#src/lib.rs",
            "dependsOn": ["registry+https://github.com/rust-lang/crates.io-index#http@1.0.0"]}"#;
        let [file, expected]: [Value; 2] = [
            serde_json::from_str(&public(file).unwrap()).unwrap(),
            serde_json::from_str(expected).unwrap(),
        ];
        assert_eq!(file, expected);
    }

    #[test]
    fn refuses_a_file_with_a_path_of_this_machine() {
        let here = root().join("x");
        assert!(public(&format!("{{\"a\": {here:?}}}")).is_err());
        assert!(public("{\"a\": \"see file:///home/a\"}").is_err());
    }
}
