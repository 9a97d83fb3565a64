//! Fuzz targets: built with instrumentation by the stable compiler, and run for some time each.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
};

use crate::workspace::{cargo, root, run as run_program, target};

mod log;

use log::Log;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Each, where no number is given.
const SECONDS: u64 = 30;
/// How many run at a time.
const AT_A_TIME: usize = 2;
const MANIFEST: &str = "--manifest-path=fuzz/Cargo.toml";
/// The longest input, in bytes: over every limit of the parsers, except that of a body.
const LONGEST: usize = 10_000;
/// Of one input.
const MOST_SECONDS: u64 = 10;
const MOST_MEGABYTES: u64 = 2_048;
/// What cargo-fuzz passes, without a sanitizer: those need a nightly compiler.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

const USAGE: &str = "fuzz takes names of targets, and `--seconds N`";

/// Checks the format of the targets, and runs all of them.
pub(crate) fn check() -> Result<()> {
    run_program(cargo().args(["fmt", MANIFEST, "--check"]))?;
    run(&[])
}

/// Builds the targets and runs them.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let (names, seconds) = chosen(arguments, &targets()?)?;
    let programs = build(&names)?;
    println!("running {} targets for {seconds} s each, {AT_A_TIME} at a time", names.len());
    let waiting = Mutex::new(names.iter());
    let logs = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(name) = next else { return };
            // An error as text, because it goes to another thread.
            let log = fuzz(&programs, name, seconds).map_err(|error| error.to_string());
            logs.lock().unwrap_or_else(PoisonError::into_inner).insert(name, log);
        }
    };
    thread::scope(|scope| (0..AT_A_TIME).for_each(|_| drop(scope.spawn(work))));
    let logs = logs.into_inner().unwrap_or_else(PoisonError::into_inner);
    report(&programs, &logs)
}

/// The targets that are named, or all, and the seconds for each.
fn chosen(arguments: &[&str], targets: &[String]) -> Result<(Vec<String>, u64)> {
    let (mut names, mut seconds) = (Vec::new(), SECONDS);
    let mut arguments = arguments.iter();
    while let Some(&argument) = arguments.next() {
        if argument == "--seconds" {
            seconds = arguments.next().and_then(|number| number.parse().ok()).ok_or(USAGE)?;
        } else if argument.starts_with('-') {
            return Err(USAGE.into());
        } else if targets.iter().any(|target| target == argument) {
            names.push(argument.to_owned());
        } else {
            let all = targets.join(", ");
            return Err(format!("there is no target {argument}; there are {all}").into());
        }
    }
    if seconds == 0 {
        // libFuzzer would never stop.
        return Err(USAGE.into());
    }
    Ok((if names.is_empty() { targets.to_vec() } else { names }, seconds))
}

/// Every target, by the names of the files.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = file?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Builds the targets, and returns the folder of their programs.
fn build(names: &[String]) -> Result<PathBuf> {
    let host = host()?;
    let mut build = cargo();
    build.args(["build", MANIFEST, "--release", "--locked"]).env("RUSTFLAGS", FLAGS);
    // With a target, the flags are not for build scripts and macros.
    build.args(["--target", &host]).arg("--target-dir").arg(folder());
    build.args(names.iter().flat_map(|name| ["--bin", name]));
    run_program(&mut build)?;
    Ok(folder().join(host).join("release"))
}

fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("`rustc -vV` names no host")?.to_owned())
}

/// What is built and found, none of which is committed.
fn folder() -> PathBuf {
    std::path::absolute(target().join("fuzz")).unwrap_or_else(|_| target().join("fuzz"))
}

/// Runs a target, first with what is kept, then with what it makes of that.
fn fuzz(programs: &Path, name: &str, seconds: u64) -> Result<Log> {
    let corpus = folder().join("corpus").join(name);
    let found = folder().join("found").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&found)?;
    let mut fuzz = Command::new(programs.join(name));
    fuzz.current_dir(root()).arg(&corpus);
    let kept = ["fuzz/seeds", "fuzz/regressions"].map(|folder| root().join(folder).join(name));
    fuzz.args(kept.iter().filter(|folder| folder.exists()));
    fuzz.args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={LONGEST}"),
        format!("-timeout={MOST_SECONDS}"),
        format!("-rss_limit_mb={MOST_MEGABYTES}"),
        format!("-artifact_prefix={}/", found.display()),
        "-print_final_stats=1".to_owned(),
    ]);
    let output = fuzz.output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    fs::write(folder().join(format!("{name}.log")), text.as_bytes())?;
    Log::read(&text, output.status.success())
}

fn report(
    programs: &Path,
    logs: &BTreeMap<&String, std::result::Result<Log, String>>,
) -> Result<()> {
    println!(
        "{:<18}{:>12}{:>10}{:>8}{:>8}{:>8}",
        "target", "executions", "a second", "cov", "ft", "corpus"
    );
    let mut failed = Vec::new();
    for (name, log) in logs {
        match log {
            Ok(log) => {
                println!("{name:<18}{log}");
                if let Some(failure) = &log.failure {
                    failed.push(format!("{name}: {}", failure.says));
                    println!("{}", repeat(programs, name, failure.input.as_deref()));
                }
            }
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

/// How to run the input again, and how to keep it.
fn repeat(programs: &Path, name: &str, input: Option<&str>) -> String {
    let log = folder().join(format!("{name}.log"));
    match input {
        None => format!("  the log is {}", log.display()),
        Some(input) => format!(
            "  the input is {input}\n  again: {} {input}\n  keep it: copy it into \
             fuzz/regressions/{name}/",
            programs.join(name).display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_all_targets_unless_some_are_named() {
        let targets = targets().unwrap();
        assert!(targets.contains(&"envelope".to_owned()), "{targets:?}");
        assert_eq!(chosen(&[], &targets).unwrap(), (targets.clone(), SECONDS));
        let (names, seconds) = chosen(&["http", "--seconds", "7"], &targets).unwrap();
        assert_eq!((names, seconds), (vec!["http".to_owned()], 7));
        for wrong in [&["nonsense"][..], &["--seconds"], &["--seconds", "0"], &["--second", "1"]] {
            chosen(wrong, &targets).unwrap_err();
        }
    }

    #[test]
    fn has_seeds_and_a_program_for_each_target() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        for name in targets().unwrap() {
            assert!(root().join("fuzz/seeds").join(&name).exists(), "{name} has no seeds");
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not built");
        }
    }
}
