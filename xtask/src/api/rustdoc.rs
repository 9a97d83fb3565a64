//! The public API of a crate, as rustdoc describes it in JSON.

use std::{collections::HashMap, error::Error, fs, path::PathBuf, process::Command};

use public_api::{Builder, PublicApi};
use serde_json::Value;

use crate::workspace::{cargo, run, target};

/// The format of rustdoc's JSON that this version of `public-api` reads.
const FORMAT: u64 = 57;

/// The public API of a crate.
pub(super) struct Api {
    /// The name of the package.
    pub(super) package: String,
    /// All of it but blanket implementations, in the order of its listing.
    pub(super) items: Vec<Item>,
    /// What is written: without implementations of auto traits.
    pub(super) brief: Vec<Item>,
    /// The path of each item where it is defined, by its id.
    pub(super) definitions: HashMap<u32, String>,
    /// What each re-export names, by its id.
    pub(super) sources: HashMap<u32, String>,
}

/// An item of the public API.
pub(super) struct Item {
    pub(super) id: u32,
    pub(super) parent: Option<u32>,
    pub(super) line: String,
}

/// Runs rustdoc on the library of a package.
pub(super) fn read(package: &str, library: &str) -> Result<Api, Box<dyn Error>> {
    let path = describe(package, library)?;
    let json: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let format = json.get("format_version").and_then(Value::as_u64);
    if format != Some(FORMAT) {
        let format =
            format.map_or_else(|| "without a number".to_owned(), |format| format.to_string());
        return Err(format!(
            "rustdoc writes format {format}, and `public-api` reads format {FORMAT}: use the Rust \
             version that Cargo.toml names at `public-api`, or change both"
        )
        .into());
    }
    let builder = Builder::from_rustdoc_json(path).omit_blanket_impls(true);
    let brief = builder.clone().omit_auto_trait_impls(true);
    Ok(Api {
        package: package.to_owned(),
        items: items(builder.build()?),
        brief: items(brief.build()?),
        definitions: definitions(&json),
        sources: sources(&json),
    })
}

/// Writes the JSON, and returns its path.
fn describe(package: &str, library: &str) -> Result<PathBuf, Box<dyn Error>> {
    let mut command = cargo();
    command
        .args(["rustdoc", "--quiet", "--locked", "--package", package, "--lib", "--all-features"])
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .env("RUSTDOC", rustdoc()?);
    run(&mut command)?;
    Ok(target().join("doc").join(format!("{library}.json")))
}

/// A rustdoc that writes JSON, which only RUSTC_BOOTSTRAP makes a stable one do. Set for rustdoc alone,
/// so that what is built already is not built again.
fn rustdoc() -> Result<PathBuf, Box<dyn Error>> {
    let script = std::path::absolute(target().join("rustdoc-json"))?;
    let rustdoc = std::env::var("RUSTDOC").unwrap_or_else(|_| "rustdoc".to_owned());
    fs::write(&script, format!("#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec {rustdoc} \"$@\"\n"))?;
    run(Command::new("chmod").arg("+x").arg(&script))?;
    Ok(script)
}

fn items(api: PublicApi) -> Vec<Item> {
    api.into_items()
        .map(|item| Item {
            id: item.id().0,
            parent: item.parent_id().map(|id| id.0),
            line: item.to_string(),
        })
        .collect()
}

fn definitions(json: &Value) -> HashMap<u32, String> {
    by_id(json, "paths", |summary| {
        // Those of other crates have other numbers there.
        summary.get("crate_id").filter(|id| *id == 0)?;
        let path = summary.get("path")?.as_array()?;
        Some(path.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("::"))
    })
}

fn sources(json: &Value) -> HashMap<u32, String> {
    by_id(json, "index", |item| Some(item.pointer("/inner/use/source")?.as_str()?.to_owned()))
}

fn by_id(
    json: &Value,
    table: &str,
    value: impl Fn(&Value) -> Option<String>,
) -> HashMap<u32, String> {
    let table = json.get(table).and_then(Value::as_object).into_iter().flatten();
    table.filter_map(|(id, entry)| Some((id.parse().ok()?, value(entry)?))).collect()
}
