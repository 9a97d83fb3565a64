//! Runs the tests that get to a mutant until one fails.

use std::{cmp::Reverse, collections::BTreeMap, path::Path, sync::Mutex, time::Duration};

use super::{
    Result,
    fate::Fate,
    lanes::lock,
    reach::{Reach, Test},
    running::{Ended, Running},
};

/// How many programs run at a time.
pub(super) const AT_A_TIME: usize = 3;
/// How many tests of a program run at a time. Most of them wait for most of their time.
const THREADS: u32 = 8;
/// Tests that take longer come later, and those that take longest come after all others.
const QUICK: Duration = Duration::from_secs(1);
const SLOW: Duration = Duration::from_secs(4);
/// How many of those that have caught others come before all others.
const BEST: usize = 24;
/// A mutant may take so many times as long as its tests, and some seconds.
const SLOWER: u32 = 3;
const MORE: Duration = Duration::from_secs(30);
/// How often a test must fail again, alone, after it has failed next to others: on a busy machine it can fail without
/// noticing a change, and more so if it takes long.
const AGAIN: usize = 1;
const AGAIN_IF_SLOW: usize = 2;

pub(super) struct Trials {
    reach: Reach,
    /// How many mutants each test has caught so far.
    caught: Mutex<BTreeMap<String, usize>>,
}

impl Trials {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach, caught: Mutex::default() }
    }

    /// The tests that get to a mutant, or to a piece of a statement, by its number.
    pub(super) fn tests_of(&self, number: usize) -> Vec<&Test> {
        self.reach.tests_of(number)
    }

    pub(super) fn all_tests(&self) -> Vec<&Test> {
        self.reach.all_tests()
    }

    /// What becomes of a mutant in these tests. `start` starts tests of a program, with these arguments.
    pub(super) fn fate(
        &self,
        tests: Vec<&Test>,
        start: impl Fn(&Path, &[&str]) -> Result<Running>,
    ) -> Result<Fate> {
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
                let fate = fate_in(&of_program, |arguments| start(program, arguments))?;
                if let Fate::Caught(test) = &fate {
                    *lock(&self.caught).entry(test.clone()).or_default() += 1;
                }
                if !matches!(fate, Fate::Survived) {
                    return Ok(fate);
                }
            }
        }
        Ok(Fate::Survived)
    }
}

/// First the tests that have caught most, then the quick ones, then the others.
fn in_order<'a>(tests: Vec<&'a Test>, caught: &BTreeMap<String, usize>) -> [Vec<&'a Test>; 4] {
    let count = |test: &Test| caught.get(&test.name).copied().unwrap_or_default();
    let mut best: Vec<&Test> =
        tests.iter().copied().filter(|test| test.takes <= QUICK && count(test) > 0).collect();
    best.sort_by_key(|test| Reverse(count(test)));
    best.truncate(BEST);
    let others = tests.into_iter().filter(|test| !best.contains(test));
    let (quick, others): (Vec<_>, Vec<_>) = others.partition(|test| test.takes <= QUICK);
    let (slow, slowest) = others.into_iter().partition(|test| test.takes <= SLOW);
    [best, quick, slow, slowest]
}

fn fate_in(tests: &[&Test], start: impl Fn(&[&str]) -> Result<Running>) -> Result<Fate> {
    let all: Duration = tests.iter().map(|test| test.takes).sum();
    let longest = tests.iter().map(|test| test.takes).max().unwrap_or_default();
    let limit = (all / THREADS + longest) * SLOWER + MORE;
    let threads = format!("--test-threads={THREADS}");
    let started = |names: &[&str]| start(&[&["--exact", threads.as_str()], names].concat());
    let mut left = tests.to_vec();
    while !left.is_empty() {
        let names: Vec<&str> = left.iter().map(|test| test.name.as_str()).collect();
        let mut running = started(&names)?;
        match running.wait(limit)? {
            Ended::Passed => break,
            Ended::TooSlow => return Ok(Fate::TooSlow),
            Ended::Stopped(how) => return Ok(Fate::Caught(how)),
            Ended::Failed { test: failed, invalid } => {
                let is_slow = left.iter().any(|test| test.name == failed && test.takes > QUICK);
                left.retain(|test| test.name != failed && !running.has_passed(&test.name));
                drop(running);
                let mut is_caught = true;
                for _ in 0..if is_slow { AGAIN_IF_SLOW } else { AGAIN } {
                    is_caught &= !matches!(started(&[&failed])?.wait(limit)?, Ended::Passed);
                    if !is_caught {
                        break;
                    }
                }
                if is_caught {
                    return Ok(if invalid { Fate::Invalid(failed) } else { Fate::Caught(failed) });
                }
            }
        }
    }
    Ok(Fate::Survived)
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, process::Command};

    use super::*;

    fn test(name: &str, seconds: u64) -> Test {
        Test {
            program: PathBuf::from("program"),
            name: name.to_owned(),
            takes: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn what_has_caught_others_comes_first_and_what_is_slow_last() {
        let tests = [test("a", 0), test("b", 0), test("c", 0), test("slow", 9), test("slower", 3)];
        let caught =
            [("b", 1), ("c", 2), ("slow", 3)].map(|(name, count)| (name.to_owned(), count));
        let order = in_order(tests.iter().collect(), &BTreeMap::from(caught));
        let names =
            order.map(|tests| tests.iter().map(|test| test.name.as_str()).collect::<Vec<_>>());
        assert_eq!(names, [vec!["c", "b"], vec!["a"], vec!["slower"], vec!["slow"]]);
    }

    #[test]
    fn a_failure_counts_if_it_is_repeated() {
        let trials =
            Trials::new(Reach::of(vec![(test("fast", 0), vec![1]), (test("slow", 9), vec![1])]));
        // The slow one fails, and the other only next to others.
        let script = "case \"$*\" in *slow*) echo 'test slow ... FAILED';; *) echo 'test fast ... ok';; esac";
        let start = |_: &Path, arguments: &[&str]| {
            Running::start(Command::new("sh").args(["-c", script, "sh"]).args(arguments))
        };
        let fate = trials.fate(trials.tests_of(1), start).unwrap();
        assert!(matches!(fate, Fate::Caught(test) if test == "slow"));
        assert_eq!(lock(&trials.caught).get("slow"), Some(&1));
        assert!(matches!(trials.fate(trials.tests_of(2), start).unwrap(), Fate::Unreached));
    }

    #[test]
    fn after_a_failure_that_does_not_repeat_only_the_rest_is_run() {
        let tests = ["passes", "fails_next_to_others", "comes_last"];
        let trials = Trials::new(Reach::of(tests.map(|name| (test(name, 0), vec![1])).into()));
        let runs = Mutex::new(Vec::new());
        let start = |_: &Path, arguments: &[&str]| {
            let names = arguments.get(2..).unwrap();
            lock(&runs).push(names.join(" "));
            let script = if names.len() == 3 {
                "echo 'test passes ... ok'; echo 'test fails_next_to_others ... FAILED'"
            } else {
                "echo \"test $1 ... ok\""
            };
            Running::start(Command::new("sh").args(["-c", script, "sh"]).args(names))
        };
        assert!(matches!(trials.fate(trials.all_tests(), start).unwrap(), Fate::Survived));
        let runs = runs.into_inner().unwrap();
        assert_eq!(runs, [tests.join(" ").as_str(), "fails_next_to_others", "comes_last"]);
    }
}
