//! Switches each mutant on, and runs the tests that get to it until one fails.

use std::{
    cmp::Reverse, collections::BTreeMap, path::Path, process::Command, sync::Mutex, time::Duration,
};

use super::{
    build::Built,
    list::Mutant,
    reach::{Place, Reach, Test},
};
use crate::mutants::{
    Outcome, Result,
    fate::{self, Fate},
    lanes::lock,
    outcome::without_place,
    running::{Ended, Running},
};
use crate::workspace::run_by;

/// How many programs run at a time.
const AT_A_TIME: usize = 3;
/// How many tests of a program run at a time. Most of them wait for most of their time.
const THREADS: u32 = 8;
/// Tests that take longer come after all others.
const QUICK: Duration = Duration::from_secs(1);
/// How many of those that have caught others come before all others.
const BEST: usize = 24;
/// A mutant may take so many times as long as its tests, and some seconds.
const SLOWER: u32 = 3;
const MORE: Duration = Duration::from_secs(30);
/// How often tests are run when a failure does not repeat.
const TRIES: usize = 3;

/// What becomes of the mutants in the programs.
pub(super) fn run(place: &Place<'_>, built: &Built, folder: &Path) -> Result<Outcome> {
    let run = Run {
        place,
        reach: Reach::measure(place, &built.programs, folder)?,
        caught: Mutex::default(),
    };
    let lanes: Vec<usize> = (0..AT_A_TIME).collect();
    let name = |mutant: &Mutant| without_place(&mutant.name);
    fate::of_each(&built.mutants, &lanes, name, |mutant, _| {
        let fate = run.fate(mutant)?;
        if let Fate::Caught(test) = &fate {
            *lock(&run.caught).entry(test.clone()).or_default() += 1;
        }
        Ok(fate)
    })
}

struct Run<'a> {
    place: &'a Place<'a>,
    reach: Reach,
    /// How many mutants each test has caught so far.
    caught: Mutex<BTreeMap<String, usize>>,
}

impl Run<'_> {
    fn fate(&self, mutant: &Mutant) -> Result<Fate> {
        let tests = self.reach.tests_of(mutant.number);
        if tests.is_empty() {
            return Ok(Fate::Unreached);
        }
        let order = in_order(tests, &lock(&self.caught));
        for tests in order {
            let mut programs: Vec<&Path> =
                tests.iter().map(|test| test.program.as_path()).collect();
            programs.sort_unstable();
            programs.dedup();
            for program in programs {
                let of_program: Vec<&Test> =
                    tests.iter().copied().filter(|test| test.program == program).collect();
                let fate = fate_in(self.place, mutant, program, &of_program)?;
                if !matches!(fate, Fate::Survived) {
                    return Ok(fate);
                }
            }
        }
        Ok(Fate::Survived)
    }
}

/// First the tests that have caught most, then the quick ones, then the others.
fn in_order<'a>(tests: Vec<&'a Test>, caught: &BTreeMap<String, usize>) -> [Vec<&'a Test>; 3] {
    let count = |test: &Test| caught.get(&test.name).copied().unwrap_or_default();
    let mut best: Vec<&Test> =
        tests.iter().copied().filter(|test| test.takes <= QUICK && count(test) > 0).collect();
    best.sort_by_key(|test| Reverse(count(test)));
    best.truncate(BEST);
    let others = tests.into_iter().filter(|test| !best.contains(test));
    let (quick, slow) = others.partition(|test| test.takes <= QUICK);
    [best, quick, slow]
}

fn fate_in(place: &Place<'_>, mutant: &Mutant, program: &Path, tests: &[&Test]) -> Result<Fate> {
    let all: Duration = tests.iter().map(|test| test.takes).sum();
    let longest = tests.iter().map(|test| test.takes).max().unwrap_or_default();
    let limit = (all / THREADS + longest) * SLOWER + MORE;
    let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
    for _ in 0..TRIES {
        match ended(place, mutant, program, &names, limit)? {
            Ended::Passed => return Ok(Fate::Survived),
            Ended::TooSlow => return Ok(Fate::TooSlow),
            Ended::Stopped(how) => return Ok(Fate::Caught(how)),
            Ended::Failed { test, .. } => {
                // On a busy machine a test can fail that does not notice the change.
                if !matches!(ended(place, mutant, program, &[&test], limit)?, Ended::Passed) {
                    return Ok(Fate::Caught(test));
                }
            }
        }
    }
    Ok(Fate::Survived)
}

fn ended(
    place: &Place<'_>,
    mutant: &Mutant,
    program: &Path,
    tests: &[&str],
    limit: Duration,
) -> Result<Ended> {
    let mut run = limited(place.command(program));
    run.args(["--exact", &format!("--test-threads={THREADS}")]).args(tests);
    run.env("TOPPER_MUTANT", mutant.number.to_string());
    Running::start(&mut run)?.wait(limit)
}

/// The same program, which gets 8 GiB of memory at most: a mutant may never stop to ask for more.
fn limited(command: Command) -> Command {
    if !cfg!(unix) {
        return command;
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -v 8388608; exec \"$0\" \"$@\""]);
    run_by(shell, &command)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn what_has_caught_others_comes_first_and_what_is_slow_last() {
        let test = |name: &str, seconds| Test {
            program: PathBuf::new(),
            name: name.to_owned(),
            takes: Duration::from_secs(seconds),
        };
        let tests = [test("a", 0), test("b", 0), test("c", 0), test("slow", 9)];
        let caught =
            [("b", 1), ("c", 2), ("slow", 3)].map(|(name, count)| (name.to_owned(), count));
        let order = in_order(tests.iter().collect(), &BTreeMap::from(caught));
        let names =
            order.map(|tests| tests.iter().map(|test| test.name.as_str()).collect::<Vec<_>>());
        assert_eq!(names, [vec!["c", "b"], vec!["a"], vec!["slow"]]);
    }
}
