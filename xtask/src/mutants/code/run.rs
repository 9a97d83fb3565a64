//! Switches each mutant on, and runs the tests that get to it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::list::Mutant;
use crate::{
    mutants::{
        Outcome, Result,
        area::Area,
        fate::{self, Fate},
        outcome::without_place,
        reach::{self, Reach, Test, listed},
        running::Running,
        trial::{self, Trials},
    },
    workspace::run_by,
};

/// An area, and the copy of the repository where its tests run.
pub(super) struct Place<'a> {
    pub(super) area: &'a Area,
    pub(super) tree: &'a Path,
}

/// What becomes of the mutants that are switched on.
pub(super) fn switched(place: &Place<'_>, mutants: &[Mutant], trials: &Trials) -> Result<Outcome> {
    let lanes: Vec<usize> = (0..trial::AT_A_TIME).collect();
    let name = |mutant: &Mutant| without_place(&mutant.name);
    fate::of_each(mutants, &lanes, name, |mutant, _| {
        let tests = trials.tests_of(mutant.number);
        let number = mutant.number.to_string();
        place.fate(trials, tests, |tests| tests.env("TOPPER_MUTANT", &number))
    })
}

impl Place<'_> {
    /// What becomes of a mutant in these tests, after a change to how they are started.
    pub(super) fn fate(
        &self,
        trials: &Trials,
        tests: Vec<&Test>,
        change: impl Fn(&mut Command) -> &mut Command,
    ) -> Result<Fate> {
        let fate = trials.fate(tests, |program, arguments| {
            Running::start(change(limited(self.command(program)).args(arguments)))
        })?;
        Ok(match fate {
            // No server gets a statement that is changed; but what makes one may be.
            Fate::Invalid(test) => Fate::Caught(test),
            fate => fate,
        })
    }

    /// A program of tests, as the tests of the area are run: in the copy, as a mutant may write to another file than it
    /// should.
    fn command(&self, program: &Path) -> Command {
        let mut tests = Command::new(program);
        tests.current_dir(self.tree.join(self.area.package));
        tests.envs(self.area.environment.iter().copied());
        tests
    }

    /// Runs every test alone, to see which mutants it gets to.
    pub(super) fn reach(&self, programs: &[PathBuf], folder: &Path) -> Result<Reach> {
        let mut names = Vec::new();
        for program in programs {
            let ignored = listed(self.command(program), &["--ignored"])?;
            let is_run = |name: &String| {
                !ignored.contains(name) && !self.area.skipped.iter().any(|part| name.contains(part))
            };
            let run = listed(self.command(program), &[])?.into_iter().filter(is_run);
            names.extend(run.map(|name| (program.clone(), name)));
        }
        let lanes: Vec<PathBuf> =
            (0..reach::AT_A_TIME).map(|lane| folder.join(format!("reached-{lane}"))).collect();
        let run = |program: &Path, name: &str, reached: &PathBuf| {
            let start = || {
                fs::write(reached, "")?;
                let mut test = self.command(program);
                test.args(["--exact", name]).env("TOPPER_MUTANTS_REACHED", reached);
                Running::start(&mut test)
            };
            reach::passing(start, |_| {
                let lines = fs::read_to_string(reached)?;
                Ok(lines.lines().filter_map(|line| line.parse().ok()).collect())
            })
        };
        Ok(Reach::of(reach::measure(self.area.package, &names, &lanes, run)?))
    }
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
