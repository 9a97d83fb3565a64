//! Runs the tests on each mutant, until one fails.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use super::{
    program::Program,
    sent::Sent,
    source::Mutant,
    store::{SKIPPED, Store},
    text::Patch,
};
use crate::{
    mutants::{
        Outcome, Result,
        fate::{self, Fate},
        lanes::lock,
        reach::{self, Reach, listed},
        running::Running,
        trial::{self, Trials},
    },
    workspace::root,
};

/// The statements of one store, and what is known so far.
struct Run<'a> {
    program: &'a Program,
    trials: Trials,
    /// Whether a test fails without a piece.
    reached: Mutex<BTreeMap<usize, bool>>,
    /// A program that is being written cannot be started, not even by accident: a process that is started at the
    /// same time has the open file for a moment.
    writing: Mutex<()>,
}

/// Runs the tests of a store on each mutant.
pub(super) fn run(
    store: &Store,
    mutants: &[&Mutant],
    program: &Program,
    folder: &Path,
) -> Result<Outcome> {
    if mutants.is_empty() {
        return Ok(Outcome::default());
    }
    let trials = Trials::new(reach(store, program)?);
    let run = Run { program, trials, reached: Mutex::default(), writing: Mutex::default() };
    let copies: Vec<PathBuf> =
        (0..trial::AT_A_TIME).map(|lane| folder.join(format!("statements-{lane}"))).collect();
    for copy in &copies {
        fs::copy(&program.path, copy)?;
    }
    let name = |mutant: &&Mutant| mutant.name.clone();
    let outcome = fate::of_each(mutants, &copies, name, |mutant, copy| run.fate(mutant, copy));
    for copy in &copies {
        fs::remove_file(copy)?;
    }
    outcome
}

/// Runs every test of a store alone, to see which pieces it sends.
fn reach(store: &Store, program: &Program) -> Result<Reach> {
    let skipped: Vec<&str> = SKIPPED.iter().flat_map(|skipped| ["--skip", skipped]).collect();
    let which = [store.tests, skipped.as_slice()].concat();
    let names = listed(tests(&program.path), &which)?;
    let names: Vec<_> = names.into_iter().map(|name| (program.path.clone(), name)).collect();
    let server = if store.says_what_it_got { Some(Sent::start()?) } else { None };
    let url = server.as_ref().map(|server| ("TOPPER_TEST_POSTGRES_URL", server.url()));
    let lanes = [(); reach::AT_A_TIME];
    let found = reach::measure(store.name, &names, &lanes, |program, name, ()| {
        let start = || {
            let mut test = tests(program);
            test.args(["--exact", name]).envs(url);
            Running::start(&mut test)
        };
        reach::passing(start, |test| Ok(test.id()))
    })?;
    let sent = server.map(Sent::end).transpose()?.unwrap_or_default();
    let pieces = |id| match sent.get(&id) {
        Some(pieces) => pieces.iter().copied().collect(),
        // Not to that server: it may have sent anything.
        None => (0..program.pieces()).collect(),
    };
    Ok(Reach::of(found.into_iter().map(|(test, id)| (test, pieces(id))).collect()))
}

/// The program, as the tests of statements are run.
fn tests(program: &Path) -> Command {
    let mut tests = Command::new(program);
    tests.current_dir(root().join("topper-store"));
    tests.env("TOPPER_TEST_REQUIRE_SERVERS", "1").env("TOPPER_STORE_ROUNDS", "1");
    tests
}

impl Run<'_> {
    fn fate(&self, mutant: &Mutant, copy: &Path) -> Result<Fate> {
        let fate = self.try_on(&mutant.patch, copy)?;
        if !matches!(fate, Fate::Survived) {
            return Ok(fate);
        }
        let piece = mutant.patch.piece;
        let known = lock(&self.reached).get(&piece).copied();
        let is_reached = match known {
            Some(is_reached) => is_reached,
            None => {
                let broken = Patch {
                    piece,
                    original: mutant.patch.original.clone(),
                    with: "@".repeat(mutant.patch.original.len()),
                    what: String::new(),
                };
                let fate = self.try_on(&broken, copy)?;
                !matches!(fate, Fate::Survived)
            }
        };
        lock(&self.reached).insert(piece, is_reached);
        Ok(if is_reached { Fate::Survived } else { Fate::Unreached })
    }

    fn try_on(&self, patch: &Patch, copy: &Path) -> Result<Fate> {
        {
            let _writing = lock(&self.writing);
            self.program.write(copy, patch)?;
        }
        let fate = self.trials.fate(self.trials.tests_of(patch.piece), |_, arguments| {
            let mut tests = tests(copy);
            // What a server refuses must be read before the test is said to have failed.
            tests.args(arguments).arg("--nocapture");
            let _writing = lock(&self.writing);
            Running::start(&mut tests)
        })?;
        let _writing = lock(&self.writing);
        self.program.restore(copy, patch)?;
        Ok(fate)
    }
}
