//! Many worlds of the simulation, faster than its test in the usual run.

use std::error::Error;

use crate::workspace::cargo;

/// Minutes, on two cores.
const SEEDS: u64 = 10_000;

const USAGE: &str = "simulate takes `--seeds N` and `--from SEED`, both numbers";

/// Runs the simulation for so many seeds, from the first one.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let (mut seeds, mut from) = (SEEDS, 0);
    for pair in arguments.chunks(2) {
        match *pair {
            ["--seeds", number] => seeds = number.parse().map_err(|_| USAGE)?,
            ["--from", number] => from = number.parse().map_err(|_| USAGE)?,
            _ => return Err(USAGE.into()),
        }
    }
    let last = from + seeds.max(1) - 1;
    println!("simulating the worlds {from} to {last}; this takes minutes");
    let mut test = cargo();
    test.args(["test", "--release", "-p", "topper-store", "--lib", "--locked", "--"]);
    test.arg("simulation::acknowledged_events_are_done_once_in_every_simulated_world");
    test.args(["--exact", "--nocapture"]);
    test.env("TOPPER_SIMULATION_SEEDS", seeds.to_string());
    test.env("TOPPER_SIMULATION_FROM", from.to_string());
    match test.status()?.success() {
        true => Ok(()),
        false => Err("a world breaks a promise; its seed and what happened are above".into()),
    }
}
