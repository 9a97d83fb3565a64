//! Switches each mutant on, and runs the tests that get to it until one fails.

use std::{path::Path, process::Command, time::Duration};

use super::{
    build::Built,
    list::Mutant,
    reach::{Reach, Test, command},
};
use crate::mutants::{
    Outcome, Result,
    area::Area,
    fate::{self, Fate},
    outcome::without_place,
    running::{Ended, Running},
};

/// How many programs run at a time.
const AT_A_TIME: usize = 3;
/// How many tests of a program run at a time. Most of them wait for most of their time.
const THREADS: u32 = 8;
/// Tests that take longer come after all others.
const QUICK: Duration = Duration::from_secs(1);
/// A mutant may take so many times as long as its tests, and some seconds.
const SLOWER: u32 = 3;
const MORE: Duration = Duration::from_secs(30);
/// How often tests are run when a failure does not repeat.
const TRIES: usize = 3;

/// What becomes of the mutants in the programs.
pub(super) fn run(area: &Area, built: &Built, folder: &Path) -> Result<Outcome> {
    let reach = Reach::measure(area, &built.programs, folder)?;
    let lanes: Vec<usize> = (0..AT_A_TIME).collect();
    fate::of_each(&built.mutants, &lanes, |mutant, _| {
        let fate = fate(area, mutant, &reach.tests_of(mutant.number))?;
        Ok((without_place(&mutant.name), fate))
    })
}

fn fate(area: &Area, mutant: &Mutant, tests: &[&Test]) -> Result<Fate> {
    if tests.is_empty() {
        return Ok(Fate::Unreached);
    }
    let (quick, slow): (Vec<&Test>, Vec<&Test>) =
        tests.iter().partition(|test| test.takes <= QUICK);
    for tests in [quick, slow] {
        let mut programs: Vec<&Path> = tests.iter().map(|test| test.program.as_path()).collect();
        programs.dedup();
        programs.sort_unstable();
        programs.dedup();
        for program in programs {
            let of_program: Vec<&Test> =
                tests.iter().copied().filter(|test| test.program == program).collect();
            let fate = fate_in(area, mutant, program, &of_program)?;
            if !matches!(fate, Fate::Survived) {
                return Ok(fate);
            }
        }
    }
    Ok(Fate::Survived)
}

fn fate_in(area: &Area, mutant: &Mutant, program: &Path, tests: &[&Test]) -> Result<Fate> {
    let all: Duration = tests.iter().map(|test| test.takes).sum();
    let longest = tests.iter().map(|test| test.takes).max().unwrap_or_default();
    let limit = (all / THREADS + longest) * SLOWER + MORE;
    let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
    for _ in 0..TRIES {
        match ended(area, mutant, program, &names, limit)? {
            Ended::Passed => return Ok(Fate::Survived),
            Ended::TooSlow => return Ok(Fate::TooSlow),
            Ended::Stopped(how) => return Ok(Fate::Caught(how)),
            Ended::Failed { test, .. } => {
                // On a busy machine a test can fail that does not notice the change.
                if !matches!(ended(area, mutant, program, &[&test], limit)?, Ended::Passed) {
                    return Ok(Fate::Caught(test));
                }
            }
        }
    }
    Ok(Fate::Survived)
}

fn ended(
    area: &Area,
    mutant: &Mutant,
    program: &Path,
    tests: &[&str],
    limit: Duration,
) -> Result<Ended> {
    let mut run = limited(command(area, program));
    run.args(["--exact", &format!("--test-threads={THREADS}")]).args(tests);
    run.env("TOPPER_MUTANT", mutant.number.to_string());
    Running::start(&mut run)?.wait(limit)
}

/// The same program, which gets 8 GiB of memory at most: a mutant may never stop to ask for more.
fn limited(command: Command) -> Command {
    if !cfg!(unix) {
        return command;
    }
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -v 8388608; exec \"$0\" \"$@\""]).arg(command.get_program());
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}
