//! What cargo-mutants would change.

use std::path::Path;

use serde_json::Value;

use crate::{
    mutants::{Only, Result, area::Area, outcome::without_place},
    workspace::stdout,
};

/// A change of the code in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    /// What switches it on.
    pub(super) number: usize,
    /// With line and column.
    pub(super) name: String,
    pub(super) file: String,
    pub(super) kind: Kind,
    /// Where what is changed begins, counted from 1.
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) replacement: String,
    /// The whole change, with some lines around it.
    pub(super) diff: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A function returns this value.
    FnValue,
    BinaryOperator,
    UnaryOperator,
    /// An arm of a match with `_` is removed.
    MatchArm,
    MatchArmGuard,
    /// A field is taken from the base of the struct.
    StructField,
}

/// The chosen mutants of an area, where the code differs.
pub(super) fn mutants(
    area: &Area,
    tree: &Path,
    diff: Option<&Path>,
    only: &Only,
) -> Result<Vec<Mutant>> {
    let mut list = area.command(tree)?;
    list.args(["--list", "--json", "--diff"])
        .args(only.files.iter().map(|glob| format!("--file={glob}")));
    if let Some(diff) = diff {
        list.arg("--in-diff").arg(diff);
    }
    let list = stdout(&mut list)?;
    // It says so in words when nothing differs.
    let list: Vec<Value> =
        if list.starts_with('[') { serde_json::from_str(&list)? } else { Vec::new() };
    let read = |(number, value)| {
        read(number, value).ok_or_else(|| format!("not a mutant: {value}").into())
    };
    let mutants: Result<Vec<Mutant>> = list.iter().enumerate().map(read).collect();
    Ok(mutants?.into_iter().filter(|mutant| only.has(&without_place(&mutant.name))).collect())
}

fn read(number: usize, value: &Value) -> Option<Mutant> {
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let start =
        |name: &str| usize::try_from(value.get("span")?.get("start")?.get(name)?.as_u64()?).ok();
    let kind = match text("genre")?.as_str() {
        "FnValue" => Kind::FnValue,
        "BinaryOperator" => Kind::BinaryOperator,
        "UnaryOperator" => Kind::UnaryOperator,
        "MatchArm" => Kind::MatchArm,
        "MatchArmGuard" => Kind::MatchArmGuard,
        "StructField" => Kind::StructField,
        _ => return None,
    };
    Some(Mutant {
        number,
        name: text("name")?,
        file: text("file")?,
        kind,
        line: start("line")?,
        column: start("column")?,
        replacement: text("replacement")?,
        diff: text("diff")?,
    })
}
