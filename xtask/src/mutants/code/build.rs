//! One program with all mutants that compile.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{
    list::Mutant,
    weave::{Woven, weave},
};
use crate::{
    mutants::{
        Result,
        area::Area,
        tree::{self, Changed},
    },
    workspace::root,
};

/// In the first line, so that the others keep their numbers.
pub(super) const WITHOUT_WARNINGS: &str = "#![allow(warnings)] ";
const SWITCH: &str = include_str!("switch.rs");
/// The compiler finds some errors only when there are no others.
const ROUNDS: usize = 20;

/// The programs of the tests.
pub(super) struct Built {
    pub(super) programs: Vec<PathBuf>,
    /// What is in them.
    pub(super) mutants: Vec<Mutant>,
    /// The compiler refuses these.
    pub(super) refused: Vec<Mutant>,
    /// They cannot be switched, or it is not clear which of them is refused.
    pub(super) left: Vec<Mutant>,
}

/// Compiles the tests of an area, with its mutants in the code.
pub(super) fn build(area: &Area, tree: &Path, mutants: Vec<Mutant>) -> Result<Built> {
    let mut built = Built { programs: Vec::new(), mutants, refused: Vec::new(), left: Vec::new() };
    let mut woven = built.weave(area, tree)?;
    let switched: BTreeSet<usize> =
        woven.values().flat_map(|file| &file.texts).map(|(_, number)| *number).collect();
    built.left = built.remove(|mutant| !switched.contains(&mutant.number));
    for _ in 0..ROUNDS {
        let errors = compile(area, tree, "check", &["--lib"])?.errors;
        if errors.is_empty() {
            println!(
                "{}: {} mutants in one program, {} do not compile, {} are built alone",
                area.package,
                built.mutants.len(),
                built.refused.len(),
                built.left.len()
            );
            built.programs = compile(area, tree, "test", &tests(area))?.programs;
            return Ok(built);
        }
        built.remove_refused(&errors, &woven)?;
        woven = built.weave(area, tree)?;
    }
    Err(format!("{} does not compile with its mutants", area.package).into())
}

impl Built {
    /// Writes the mutants into the copy.
    fn weave(&self, area: &Area, tree: &Path) -> Result<BTreeMap<String, Woven>> {
        let mut files: BTreeMap<String, Vec<&Mutant>> = BTreeMap::new();
        for mutant in &self.mutants {
            files.entry(mutant.file.clone()).or_default().push(mutant);
        }
        let library = library(area);
        files.entry(library.clone()).or_default();
        let mut woven = BTreeMap::new();
        for (file, mutants) in files {
            let mut code = fs::read_to_string(root().join(&file))?;
            if file == library {
                code = format!("{WITHOUT_WARNINGS}{code}\nmod mutant_switch;\n");
            }
            woven.insert(file.clone(), weave(&file, &code, &mutants)?);
        }
        let code = woven.iter().map(|(file, woven)| (file.clone(), woven.code.clone()));
        let mut changed: Changed = code.collect();
        changed.insert(format!("{}/src/mutant_switch.rs", area.package), SWITCH.to_owned());
        tree::copy(tree, &changed)?;
        Ok(woven)
    }

    fn remove(&mut self, is_removed: impl Fn(&Mutant) -> bool) -> Vec<Mutant> {
        self.mutants.extract_if(.., |mutant| is_removed(mutant)).collect()
    }

    /// Removes the mutants in whose text there is an error, or else all of the function around it.
    fn remove_refused(
        &mut self,
        errors: &[Problem],
        woven: &BTreeMap<String, Woven>,
    ) -> Result<()> {
        let (mut refused, mut unclear) = (BTreeSet::new(), BTreeSet::new());
        for error in errors {
            let text = error.places.iter().find_map(|(file, at)| {
                let texts = &woven.get(file)?.texts;
                texts.iter().rfind(|(range, _)| range.contains(at))
            });
            if let Some((_, number)) = text {
                refused.insert(*number);
                continue;
            }
            let inside = error.places.iter().find_map(|(file, at)| {
                let functions = &woven.get(file)?.functions;
                functions.iter().rfind(|(range, inside)| range.contains(at) && !inside.is_empty())
            });
            let (_, inside) =
                inside.ok_or_else(|| format!("it does not compile: {}", error.message))?;
            unclear.extend(inside.iter().copied());
        }
        // Without those that are refused, the others may compile.
        if !refused.is_empty() {
            unclear.clear();
        }
        let refused = self.remove(|mutant| refused.contains(&mutant.number));
        self.refused.extend(refused);
        let unclear = self.remove(|mutant| unclear.contains(&mutant.number));
        self.left.extend(unclear);
        Ok(())
    }
}

pub(super) fn library(area: &Area) -> String {
    format!("{}/src/lib.rs", area.package)
}

/// What cargo made in the copy.
pub(super) struct Compiled {
    pub(super) errors: Vec<Problem>,
    /// Of tests.
    pub(super) programs: Vec<PathBuf>,
}

/// An error of the compiler.
pub(super) struct Problem {
    /// The places that it names, the main one first: files, and where in them.
    places: Vec<(String, usize)>,
    message: String,
}

/// Checks or builds an area in the copy.
pub(super) fn compile(area: &Area, tree: &Path, task: &str, which: &[&str]) -> Result<Compiled> {
    let mut compile = Command::new(env!("CARGO"));
    compile.args([task, "--locked", "--package", area.package, "--features", area.features]);
    compile.args(which).arg("--message-format=json").current_dir(tree).stderr(Stdio::null());
    compile.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0");
    let output = compile.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let errors: Vec<Problem> = messages.iter().filter_map(problem).collect();
    if errors.is_empty() && !output.status.success() {
        return Err(format!("{compile:?} fails without an error of the compiler").into());
    }
    Ok(Compiled { errors, programs: messages.iter().filter_map(program).collect() })
}

/// Arguments that build the tests of an area.
pub(super) fn tests(area: &Area) -> Vec<&'static str> {
    [area.targets, &["--no-run"]].concat()
}

fn program(message: &Value) -> Option<PathBuf> {
    let is_test = message.pointer("/profile/test") == Some(&Value::Bool(true));
    Some(PathBuf::from(message.get("executable").filter(|_| is_test)?.as_str()?))
}

fn problem(message: &Value) -> Option<Problem> {
    let message = message.get("message")?;
    if message.get("level")? != "error" {
        return None;
    }
    let mut spans: Vec<&Value> = message.get("spans")?.as_array()?.iter().collect();
    spans.sort_by_key(|span| span.get("is_primary") != Some(&Value::Bool(true)));
    let place = |span: &&Value| {
        let at = usize::try_from(span.get("byte_start")?.as_u64()?).ok()?;
        Some((span.get("file_name")?.as_str()?.replace('\\', "/"), at))
    };
    let places: Vec<(String, usize)> = spans.iter().filter_map(place).collect();
    let text = message.get("rendered")?.as_str()?.to_owned();
    // "aborting due to 3 previous errors" has no place.
    (!places.is_empty()).then_some(Problem { places, message: text })
}
