//! What the benchmarks share: the cost of calls, in time or in instructions.

use std::{
    env,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

/// A call that is measured, and its name.
pub(crate) type Call<'a> = (&'static str, &'a mut dyn FnMut());

/// Asks for instructions in place of time.
const INSTRUCTIONS: &str = "--instructions";
/// Has a call made under valgrind: its name and how often follow.
const CHILD: &str = "--call";
/// Calls of two runs under valgrind. What the second does more, its further calls have done. There are so many
/// of them because aws-lc gathers entropy at its start, by more or fewer instructions.
const FEW: u32 = 20;
const MANY: u32 = 1020;

/// What each call costs.
pub(crate) struct Costs {
    /// In parts of the first call.
    pub(crate) ratios: Vec<f64>,
    is_exact: bool,
}

/// Measures the calls and prints what each costs, next to the first. `None` in a process that was only
/// started to make calls.
///
/// In time by default: the medians of `CALLS`. With `-- --instructions` by counting those, which vary by 1 % at
/// most, whatever else the machine does, so that a limit of them can be tight.
pub(crate) fn costs<const CALLS: usize>(calls: &mut [Call<'_>]) -> Option<Costs> {
    let arguments: Vec<String> = env::args().collect();
    if let Some(at) = arguments.iter().position(|it| it == CHILD) {
        let [name, count] = arguments.get(at + 1..at + 3).unwrap() else { unreachable!() };
        let (_, call) = calls.iter_mut().find(|(it, _)| it == name).unwrap();
        (0..count.parse::<u32>().unwrap()).for_each(|_| call());
        return None;
    }
    let is_exact = arguments.iter().any(|it| it == INSTRUCTIONS);
    let (unit, costs) = if is_exact {
        let of_one = |name| (counted(name, MANY) - counted(name, FEW)) / f64::from(MANY - FEW);
        ("instructions", calls.iter().map(|(name, _)| of_one(name)).collect())
    } else {
        ("us", medians::<CALLS>(calls))
    };
    let first = costs.first().copied().unwrap();
    let ratios: Vec<f64> = costs.iter().map(|cost| cost / first).collect();
    println!("{:<36} {unit:>12}   of the first", "");
    for (((name, _), cost), ratio) in calls.iter().zip(costs).zip(&ratios) {
        let cost = if is_exact { format!("{cost:.0}") } else { format!("{cost:.2}") };
        println!("{name:<36} {cost:>12}   {ratio:.4}");
    }
    Some(Costs { ratios, is_exact })
}

impl Costs {
    /// Fails when one is over its limit: its name, its ratio, and the most that it may be. Time is not
    /// judged: how it compares to the first depends on the machine.
    pub(crate) fn at_most(&self, limits: &[(&str, f64, f64)]) -> ExitCode {
        if !self.is_exact {
            return ExitCode::SUCCESS;
        }
        for (name, ratio, most) in limits {
            println!("{name}: {ratio:.4}, at most {most:.2}");
        }
        let is_within = limits.iter().all(|(_, ratio, most)| ratio <= most);
        if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The instructions of this program when it makes that many calls.
fn counted(name: &str, calls: u32) -> f64 {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .args([CHILD, name, &calls.to_string()])
        .output();
    assert!(output.is_ok(), "valgrind, which counts the instructions, does not start: {output:?}");
    let output = output.unwrap();
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{report}");
    // `==1== I   refs:      1,234`
    let (_, count) = report.lines().find_map(|line| line.split_once(" refs:")).unwrap();
    count.trim().replace(',', "").parse().unwrap()
}

/// The median time of one call of each in microseconds. Called in turns, so that they share the machine's
/// moods, and timed one by one, so that what interrupts the program now and then is none of the medians.
fn medians<const CALLS: usize>(calls: &mut [Call<'_>]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(CALLS); calls.len()];
    for _ in 0..CALLS {
        for ((_, call), times) in calls.iter_mut().zip(&mut times) {
            let started = Instant::now();
            call();
            times.push(started.elapsed());
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times.get(CALLS / 2).copied().unwrap().as_secs_f64() * 1e6
    };
    times.into_iter().map(median).collect()
}
