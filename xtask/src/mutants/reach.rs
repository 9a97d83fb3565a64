//! Which test gets to which mutant.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use super::{
    Result, lanes,
    running::{Ended, Running},
};
use crate::workspace::stdout;

/// How many tests run at a time. Most of them are shorter than the start of their program.
pub(super) const AT_A_TIME: usize = 6;
/// No test may take so long.
const LIMIT: Duration = Duration::from_secs(300);
/// How often a test may fail that passes in the end: some have limits of time.
const TRIES: usize = 3;

/// A test of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) program: PathBuf,
    pub(super) name: String,
    pub(super) takes: Duration,
}

/// The tests, and which of them get to each mutant, or to each piece of a statement, the fastest first.
pub(super) struct Reach {
    tests: Vec<Test>,
    by_number: BTreeMap<usize, Vec<usize>>,
}

impl Reach {
    /// Of tests, each with the numbers that it gets to.
    pub(super) fn of(mut found: Vec<(Test, Vec<usize>)>) -> Self {
        found.sort_by_key(|(test, _)| test.takes);
        let mut reach = Self { tests: Vec::new(), by_number: BTreeMap::new() };
        for (at, (test, numbers)) in found.into_iter().enumerate() {
            for number in numbers {
                reach.by_number.entry(number).or_default().push(at);
            }
            reach.tests.push(test);
        }
        reach
    }

    /// The tests that get to a number, the fastest first.
    pub(super) fn tests_of(&self, number: usize) -> Vec<&Test> {
        let places = self.by_number.get(&number).into_iter().flatten();
        places.filter_map(|at| self.tests.get(*at)).collect()
    }

    /// The fastest first.
    pub(super) fn all_tests(&self) -> Vec<&Test> {
        self.tests.iter().collect()
    }
}

/// The names of the tests in a program, as it is started here.
pub(super) fn listed(mut program: Command, which: &[&str]) -> Result<Vec<String>> {
    let list = stdout(program.args(["--list", "--format=terse"]).args(which))?;
    Ok(list.lines().filter_map(|line| Some(line.strip_suffix(": test")?.to_owned())).collect())
}

/// Runs every test alone, and returns them with what `run` says of each.
pub(super) fn measure<L: Sync, R: Send>(
    of: &str,
    names: &[(PathBuf, String)],
    lanes: &[L],
    run: impl Fn(&Path, &str, &L) -> Result<(Duration, R)> + Sync,
) -> Result<Vec<(Test, R)>> {
    let count = names.len();
    println!("{of}: {count} tests, each alone");
    lanes::each(names, lanes, |number, (program, name), lane| {
        let (takes, found) =
            run(program, name, lane).map_err(|error| format!("{name}: {error}"))?;
        if number > 0 && number.is_multiple_of(100) {
            println!("{of}: {number} of {count} tests");
        }
        Ok((Test { program: program.clone(), name: name.clone(), takes }, found))
    })
}

/// Runs a test until it passes, as `start` starts it: how long it takes, and what `found` says then.
pub(super) fn passing<R>(
    start: impl Fn() -> Result<Running>,
    found: impl Fn(&Running) -> Result<R>,
) -> Result<(Duration, R)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let started = Instant::now();
        let mut test = start()?;
        match test.wait(LIMIT)? {
            Ended::Passed => return Ok((started.elapsed(), found(&test)?)),
            Ended::TooSlow => return Err("it does not end".into()),
            Ended::Failed { .. } | Ended::Stopped(_) if tries < TRIES => {}
            Ended::Failed { .. } | Ended::Stopped(_) => {
                return Err("it fails without a mutant".into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_test_of_a_mutant_comes_first() {
        let test = |name: &str, seconds| Test {
            program: PathBuf::new(),
            name: name.to_owned(),
            takes: Duration::from_secs(seconds),
        };
        let reach = Reach::of(vec![
            (test("slow", 9), vec![1, 2]),
            (test("fast", 1), vec![2]),
            (test("other", 2), vec![]),
        ]);
        let names = |mutant| {
            reach.tests_of(mutant).into_iter().map(|test| test.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(names(1), ["slow"]);
        assert_eq!(names(2), ["fast", "slow"]);
        assert!(names(3).is_empty());
    }

    #[test]
    fn a_test_may_fail_at_first() {
        let marker = std::env::temp_dir().join(format!("topper-reach-{}", std::process::id()));
        let script = format!(
            "if [ -e {0} ]; then echo 'test a ... ok'; else touch {0}; echo 'test a ... FAILED'; fi",
            marker.display()
        );
        let start = |script: &str| Running::start(Command::new("sh").args(["-c", script]));
        passing(|| start(&script), |_| Ok(())).unwrap();
        std::fs::remove_file(marker).unwrap();
        passing(|| start("echo 'test a ... FAILED'"), |_| Ok(())).unwrap_err();
    }
}
