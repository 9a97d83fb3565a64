//! What users compile because of `topper`, feature by feature: crates, and CPU time. And what no user
//! compiles.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    error::Error,
    fs,
};

use crate::{
    generate::features,
    program::{Framework, Program},
    workspace::root,
};

mod page;
mod row;
mod time;

use row::{ROWS, Row};
use time::Times;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PAGE: &str = "docs/benchmarks/compiling.md";

/// With TLS and aws-lc-rs, no program has a second library for them.
const OTHER_CRYPTO: [&str; 5] = ["graviola", "native-tls", "openssl-sys", "p256", "ring"];

/// The crates that a row adds.
type Added = BTreeSet<String>;

/// Counts the crates, and writes the page.
pub(crate) fn write() -> Result<()> {
    let counted = count()?;
    for (row, added) in ROWS.iter().zip(&counted) {
        let crates: Vec<&str> = added.iter().map(String::as_str).collect();
        println!("{} to {}: {} {crates:?}", row.adds(), row.added_to(), crates.len());
    }
    fs::write(root().join(PAGE), page::text(&counted, &Times::read()?)?)?;
    println!("wrote {PAGE}");
    Ok(())
}

/// Compiles the programs of the rows with these names, or of all, and measures; then writes the page.
pub(crate) fn measure(names: &[&str]) -> Result<()> {
    if let Some(name) = names.iter().find(|name| !ROWS.iter().any(|row| row.name() == **name)) {
        let all: Vec<String> = ROWS.iter().map(Row::name).collect();
        return Err(format!("there is no row {name}; there are {}", all.join(", ")).into());
    }
    let mut times = Times::read().unwrap_or_default();
    for row in ROWS.iter().filter(|row| names.is_empty() || names.contains(&&*row.name())) {
        println!("{}: {:.1} CPU seconds", row.name(), times.measure(row)?);
    }
    times.clean()?;
    write()
}

/// Compares the page and the README with what is counted, and each row with its limit.
pub(crate) fn check() -> Result<()> {
    let counted = count()?;
    let mut findings = Vec::new();
    for (row, added) in ROWS.iter().zip(&counted) {
        if added.len() > row.most {
            findings.push(format!(
                "{} adds {} crates to {}, over the limit of {}",
                row.adds(),
                added.len(),
                row.added_to(),
                row.most
            ));
        }
    }
    let times = Times::read()?;
    if fs::read_to_string(root().join(PAGE)).ok() != Some(page::text(&counted, &times)?) {
        findings.push(format!("{PAGE} is stale or missing: run `cargo xtask crates`"));
    }
    let readme = fs::read_to_string(root().join("README.md"))?;
    let first = counted.first().map_or(0, BTreeSet::len);
    let sentence = format!("it adds {first} crates");
    if !readme.contains(&sentence) {
        findings.push(format!("README.md must say that {sentence}"));
    }
    for (name, cells) in page::back_ends(&counted, &times)? {
        let is_row =
            |line: &str| line.starts_with(&format!("| `{name}` |")) && line.contains(&cells);
        if !readme.lines().any(is_row) {
            findings
                .push(format!("the table of back ends in README.md must have {cells} of {name}"));
        }
    }
    if !findings.is_empty() {
        return Err(findings.join("\n").into());
    }
    println!("with axum, {sentence}; every row of {PAGE} is within its limit");
    check_crypto()
}

/// How many crates a program with axum and tokio compiles without `topper`.
fn bare() -> Result<usize> {
    Ok(Program::new(Framework::Axum, []).crates()?.len())
}

fn count() -> Result<Vec<Added>> {
    // Several rows have the same program without their features.
    let mut known = BTreeMap::new();
    let mut counted = Vec::new();
    for row in &ROWS {
        let without = match known.entry(row.without()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let crates = new.key().crates()?;
                new.insert(crates)
            }
        };
        counted.push(row.with().crates()?.difference(without).cloned().collect());
    }
    Ok(counted)
}

/// Looks at a program with all features but the other back ends.
fn check_crypto() -> Result<()> {
    let features: Vec<String> = features("topper")?.into_iter().map(|it| it.name).collect();
    let is_other = |name: &&str| ["graviola", "rust-crypto"].contains(name);
    let features = features.iter().map(String::as_str).filter(|it| !is_other(it));
    let crates = Program::new(Framework::Axum, features).crates()?;
    let has = |name: &str| crates.iter().any(|it| it.split(' ').next() == Some(name));
    for expected in ["aws-lc-rs", "redis", "rustls", "sqlx-postgres"] {
        if !has(expected) {
            return Err(format!("{expected} is not compiled with all features").into());
        }
    }
    if let Some(other) = OTHER_CRYPTO.iter().find(|other| has(other)) {
        return Err(format!("{other} is compiled next to aws-lc-rs with all features").into());
    }
    println!("with tls, aws-lc-rs is the only cryptography library");
    Ok(())
}
