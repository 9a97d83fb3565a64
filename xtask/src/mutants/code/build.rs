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
    workspace::{root, stdout},
};

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
        let errors = errors(area, tree)?;
        if errors.is_empty() {
            println!(
                "{}: {} mutants in one program, {} do not compile, {} are built alone",
                area.package,
                built.mutants.len(),
                built.refused.len(),
                built.left.len()
            );
            built.programs = programs(area, tree)?;
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
        let library = format!("{}/src/lib.rs", area.package);
        files.entry(library.clone()).or_default();
        let mut woven = BTreeMap::new();
        for (file, mutants) in files {
            let mut code = fs::read_to_string(root().join(&file))?;
            if file == library {
                // In the first line, so that the others keep their numbers.
                code = format!("#![allow(warnings)] {code}\nmod mutant_switch;\n");
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

/// An error of the compiler.
struct Problem {
    /// The places that it names, the main one first: files, and where in them.
    places: Vec<(String, usize)>,
    message: String,
}

/// Checks the library in the copy.
fn errors(area: &Area, tree: &Path) -> Result<Vec<Problem>> {
    let mut check = cargo(area, tree, "check");
    check.args(["--lib", "--message-format=json"]).stderr(Stdio::null());
    let output = check.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors: Vec<Problem> = messages.filter_map(|message| problem(&message)).collect();
    if errors.is_empty() && !output.status.success() {
        return Err(format!("{check:?} fails without an error of the compiler").into());
    }
    Ok(errors)
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

fn programs(area: &Area, tree: &Path) -> Result<Vec<PathBuf>> {
    let mut build = cargo(area, tree, "test");
    build.args(["--no-run", "--message-format=json-render-diagnostics"]);
    build.args(area.targets).stderr(Stdio::inherit());
    let messages = stdout(&mut build)?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let is_test = |message: &Value| message.pointer("/profile/test") == Some(&Value::Bool(true));
    let programs = messages.filter(is_test);
    Ok(programs.filter_map(|it| Some(PathBuf::from(it.get("executable")?.as_str()?))).collect())
}

fn cargo(area: &Area, tree: &Path, task: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([task, "--locked", "--package", area.package, "--features", area.features]);
    cargo.current_dir(tree).env_remove("CARGO_TARGET_DIR");
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo
}
