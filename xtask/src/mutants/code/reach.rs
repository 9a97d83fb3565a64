//! Which test gets to which mutant.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    mutants::{
        Result,
        area::Area,
        lanes,
        running::{Ended, Running},
    },
    workspace::stdout,
};

/// How many tests run at a time. Most of them are shorter than the start of their program.
const AT_A_TIME: usize = 6;
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

/// An area, and where its tests run.
pub(super) struct Place<'a> {
    pub(super) area: &'a Area,
    /// The folder of its package in the copy: a mutant may write to another file than it should.
    pub(super) folder: PathBuf,
}

/// The tests, and which of them get to each mutant, the fastest first.
pub(super) struct Reach {
    tests: Vec<Test>,
    by_mutant: BTreeMap<usize, Vec<usize>>,
}

impl Reach {
    /// Runs every test alone.
    pub(super) fn measure(place: &Place<'_>, programs: &[PathBuf], folder: &Path) -> Result<Self> {
        let mut names = Vec::new();
        for program in programs {
            let ignored = listed(place, program, &["--ignored"])?;
            let is_run = |name: &String| {
                !ignored.contains(name)
                    && !place.area.skipped.iter().any(|part| name.contains(part))
            };
            let run = listed(place, program, &[])?.into_iter().filter(is_run);
            names.extend(run.map(|name| (program.clone(), name)));
        }
        let (package, count) = (place.area.package, names.len());
        println!("{package}: {count} tests, each alone");
        let lanes: Vec<PathBuf> =
            (0..AT_A_TIME).map(|lane| folder.join(format!("reached-{lane}"))).collect();
        let found = lanes::each(&names, &lanes, |number, (program, name), reached| {
            let (takes, mutants) =
                alone(place, program, name, reached).map_err(|error| format!("{name}: {error}"))?;
            if number > 0 && number.is_multiple_of(100) {
                println!("{package}: {number} of {count} tests");
            }
            Ok((Test { program: program.clone(), name: name.clone(), takes }, mutants))
        })?;
        Ok(Self::of(found))
    }

    fn of(mut found: Vec<(Test, Vec<usize>)>) -> Self {
        found.sort_by_key(|(test, _)| test.takes);
        let mut reach = Self { tests: Vec::new(), by_mutant: BTreeMap::new() };
        for (number, (test, mutants)) in found.into_iter().enumerate() {
            for mutant in mutants {
                reach.by_mutant.entry(mutant).or_default().push(number);
            }
            reach.tests.push(test);
        }
        reach
    }

    /// The tests that get to a mutant, the fastest first.
    pub(super) fn tests_of(&self, mutant: usize) -> Vec<&Test> {
        let numbers = self.by_mutant.get(&mutant).into_iter().flatten();
        numbers.filter_map(|number| self.tests.get(*number)).collect()
    }
}

/// The names of the tests in a program.
fn listed(place: &Place<'_>, program: &Path, which: &[&str]) -> Result<Vec<String>> {
    let list = stdout(place.command(program).args(["--list", "--format=terse"]).args(which))?;
    Ok(list.lines().filter_map(|line| Some(line.strip_suffix(": test")?.to_owned())).collect())
}

impl Place<'_> {
    /// A program of tests, as the tests of the area are run.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut tests = Command::new(program);
        tests.current_dir(&self.folder).envs(self.area.environment.iter().copied());
        tests
    }
}

/// Runs a test, which must pass: how long it takes, and the mutants that it gets to.
fn alone(
    place: &Place<'_>,
    program: &Path,
    name: &str,
    reached: &Path,
) -> Result<(Duration, Vec<usize>)> {
    let mut tries = 0;
    loop {
        tries += 1;
        fs::write(reached, "")?;
        let start = Instant::now();
        let mut test = place.command(program);
        test.args(["--exact", name]).env("TOPPER_MUTANTS_REACHED", reached);
        match Running::start(&mut test)?.wait(LIMIT)? {
            Ended::Passed => {
                let lines = fs::read_to_string(reached)?;
                let mutants = lines.lines().filter_map(|line| line.parse().ok()).collect();
                return Ok((start.elapsed(), mutants));
            }
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
}
