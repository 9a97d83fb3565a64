//! Runs the tests on each mutant, until one fails.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    time::{Duration, Instant},
};

use super::{
    program::Program,
    source::Mutant,
    store::{SKIPPED, Store},
    text::Patch,
};
use crate::{
    mutants::{
        Outcome, Result,
        fate::{self, Fate},
        lanes::lock,
        running::{Ended, Running},
    },
    workspace::root,
};

/// How many programs run at a time.
const AT_A_TIME: usize = 2;
/// A mutant may take so many times as long as the program itself, and some seconds.
const SLOWER: u32 = 3;
const MORE: Duration = Duration::from_secs(30);

/// Most tests wait for most of their time.
const THREADS: &str = "--test-threads=16";
/// How often tests are run when a failure does not repeat.
const TRIES: usize = 3;

/// Tests, by parts of their names.
struct Suite<'a> {
    filters: &'a [&'a str],
    /// Those of another suite.
    others: &'a [&'a str],
    limit: Duration,
}

/// The statements of one store, and what is known so far.
struct Run<'a> {
    program: &'a Program,
    store: Suite<'a>,
    inbox: Suite<'a>,
    slow: Suite<'a>,
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
    let suite = |filters, others| Suite { filters, others, limit: Duration::from_secs(900) };
    let mut run = Run {
        program,
        store: suite(store.store, store.slow),
        inbox: suite(store.inbox, store.slow),
        slow: suite(store.slow, &[]),
        reached: Mutex::default(),
        writing: Mutex::default(),
    };
    let copies: Vec<PathBuf> =
        (0..AT_A_TIME).map(|lane| folder.join(format!("statements-{lane}"))).collect();
    for copy in &copies {
        fs::copy(&program.path, copy)?;
    }
    if let Some(copy) = copies.first() {
        for suite in [&mut run.store, &mut run.inbox, &mut run.slow] {
            suite.measure(copy)?;
        }
    }
    let name = |mutant: &&Mutant| mutant.name.clone();
    let outcome = fate::of_each(mutants, &copies, name, |mutant, copy| run.fate(mutant, copy));
    for copy in &copies {
        fs::remove_file(copy)?;
    }
    outcome
}

impl Run<'_> {
    fn fate(&self, mutant: &Mutant, copy: &Path) -> Result<Fate> {
        let fate = self.try_on(&mutant.patch, &mutant.file, copy)?;
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
                let fate = self.try_on(&broken, &mutant.file, copy)?;
                !matches!(fate, Fate::Survived)
            }
        };
        lock(&self.reached).insert(piece, is_reached);
        Ok(if is_reached { Fate::Survived } else { Fate::Unreached })
    }

    /// Runs the tests that are nearer to the file first.
    fn try_on(&self, patch: &Patch, file: &str, copy: &Path) -> Result<Fate> {
        let mut suites = [&self.store, &self.inbox, &self.slow];
        if file.contains("/inbox") {
            suites.swap(0, 1);
        }
        {
            let _writing = lock(&self.writing);
            self.program.write(copy, patch)?;
        }
        let mut fate = Fate::Survived;
        for suite in suites.into_iter().filter(|suite| !suite.filters.is_empty()) {
            fate = self.fate_in(suite, copy)?;
            if !matches!(fate, Fate::Survived) {
                break;
            }
        }
        let _writing = lock(&self.writing);
        self.program.restore(copy, patch)?;
        Ok(fate)
    }

    fn fate_in(&self, suite: &Suite<'_>, copy: &Path) -> Result<Fate> {
        for _ in 0..TRIES {
            match self.ended(suite, copy)? {
                Ended::Passed => return Ok(Fate::Survived),
                Ended::TooSlow => return Ok(Fate::TooSlow),
                Ended::Stopped(how) => return Ok(Fate::Caught(how)),
                Ended::Failed { invalid: true, .. } => return Ok(Fate::Invalid),
                Ended::Failed { test, .. } => {
                    // On a busy machine a test can fail that does not notice the change.
                    let again = Suite { filters: &[&test], others: &[], limit: suite.limit };
                    if !matches!(self.ended(&again, copy)?, Ended::Passed) {
                        return Ok(Fate::Caught(test));
                    }
                }
            }
        }
        Ok(Fate::Survived)
    }

    fn ended(&self, suite: &Suite<'_>, copy: &Path) -> Result<Ended> {
        let mut running = {
            let _writing = lock(&self.writing);
            suite.start(copy)?
        };
        running.wait(suite.limit)
    }
}

impl Suite<'_> {
    fn start(&self, program: &Path) -> Result<Running> {
        let mut tests = Command::new(program);
        tests.args(self.filters).args([THREADS, "--nocapture"]);
        tests.args(SKIPPED.iter().chain(self.others).flat_map(|skipped| ["--skip", skipped]));
        tests.current_dir(root().join("topper-store"));
        tests.env("TOPPER_TEST_REQUIRE_SERVERS", "1").env("TOPPER_STORE_ROUNDS", "1");
        Running::start(&mut tests)
    }

    /// The tests must pass on the program as it is. Then their limit is known.
    fn measure(&mut self, program: &Path) -> Result<()> {
        if self.filters.is_empty() {
            return Ok(());
        }
        let mut failed = String::new();
        for _ in 0..TRIES {
            let started = Instant::now();
            match self.start(program)?.wait(self.limit)? {
                Ended::Passed => {
                    let elapsed = started.elapsed();
                    println!(
                        "{}: passed in {:.1} s",
                        self.filters.join(" "),
                        elapsed.as_secs_f64()
                    );
                    self.limit = elapsed * SLOWER + MORE;
                    return Ok(());
                }
                Ended::Failed { test, .. } => failed = test,
                Ended::Stopped(how) => return Err(format!("the tests stop: {how}").into()),
                Ended::TooSlow => return Err("the tests do not end".into()),
            }
        }
        Err(format!("without any change, this test fails: {failed}").into())
    }
}
