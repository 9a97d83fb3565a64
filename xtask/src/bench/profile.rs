//! Where the CPU time of a receiver goes, by `perf` of Linux.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use super::{Bench, Options, Result, WARM_UP, page, plan::Candidate};
use crate::workspace::root;

const FILE: &str = "docs/benchmarks/profile.md";
/// What is ours and takes more is to be explained.
const EXPLAINED_FROM: f64 = 2.0;
/// A profile of less has too few samples.
const LEAST: Duration = Duration::from_secs(4);
/// How many of our own functions are listed, and how much of a name.
const LISTED: usize = 12;
const SHOWN: usize = 90;
/// What a function belongs to.
const SIGNATURE: &str = "verifying the signature (aws-lc)";
const KERNEL: &str = "the kernel";
const LIBC: &str = "the allocator and libc";
const HTTP: &str = "HTTP and the framework";
const TOKIO: &str = "tokio";
const JSON: &str = "JSON and base64";
const DATABASE: &str = "the database and its client";
const STANDARD: &str = "Rust's standard library";
const OURS: &str = "ours";
const AREAS: [&str; 9] = [SIGNATURE, KERNEL, LIBC, HTTP, TOKIO, JSON, DATABASE, STANDARD, OURS];

/// What sqlx calls the thread in which SQLite runs.
const SQLITE_THREAD: &str = "sqlx-sqlite";
const IN_SQLITE_THREAD: &str = "of all that, in SQLite's thread";

/// A function, and its share in per cent.
type Function = (f64, String);

/// Of one receiver.
struct Profile {
    name: &'static str,
    areas: BTreeMap<&'static str, f64>,
    /// Our own.
    ours: Vec<Function>,
}

/// Profiles one receiver after the other, and prints or writes what it found.
pub(super) fn run(
    bench: &mut Bench,
    candidates: &[&'static Candidate],
    options: &Options<'_>,
) -> Result<()> {
    let mut profiles = Vec::new();
    for candidate in candidates.iter().filter(|it| it.is_ours()) {
        eprintln!("profiling {}", candidate.name);
        profiles.push(profile(bench, candidate, options)?);
    }
    let text = text(&profiles);
    print!("\n{text}");
    if options.is_written {
        fs::write(
            root().join(FILE),
            format!("# Where the CPU time goes\n\n{INTRODUCTION}\n{text}"),
        )?;
        println!("wrote {FILE}");
    }
    let mut large = profiles.iter().flat_map(|profile| {
        profile.ours.iter().map(|(share, function)| (profile.name, *share, function))
    });
    match large.find(|(_, share, _)| *share > EXPLAINED_FROM) {
        Some((name, share, function)) => {
            Err(format!("{function} takes {share:.2} % of {name}: explain it or make it faster")
                .into())
        }
        None => Ok(()),
    }
}

const INTRODUCTION: &str = "\
Written by `cargo xtask bench --profile --write`, which needs `perf` (Debian package `linux-perf`): samples of each
receiver under the load of [the benchmark](index.md), by CPU time. A function that is inlined counts as the one that
calls it. The command fails if one of our functions takes more than 2 %.
";

fn profile(
    bench: &mut Bench,
    candidate: &'static Candidate,
    options: &Options<'_>,
) -> Result<Profile> {
    let mut running = bench.start(&[candidate])?;
    let receiver = running.first_mut().ok_or("it could not be started")?;
    bench.round(receiver, WARM_UP)?;
    let data = bench.folder.join(format!("{}.perf", candidate.name));
    let mut perf = Command::new("perf")
        .args(["record", "--quiet", "--freq", "1500", "--event", "cpu-clock", "--output"])
        .arg(&data)
        .args(["--pid", &receiver.process.pid().to_string()])
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("perf cannot be started: {error}; install linux-perf"))?;
    let round = bench.round(receiver, options.time.max(LEAST));
    let stop = Command::new("kill").args(["-s", "INT", &perf.id().to_string()]).status();
    // It writes its file when it is told to stop.
    perf.wait()?;
    stop?;
    round?;
    let functions = report(&data)?;
    let mut areas = BTreeMap::new();
    let mut ours = Vec::new();
    for (share, thread, object, function) in functions {
        if thread.starts_with(SQLITE_THREAD) {
            *areas.entry(IN_SQLITE_THREAD).or_default() += share;
        }
        let area = area(&object, &function);
        *areas.entry(area).or_default() += share;
        if area == OURS {
            ours.push((share, function));
        }
    }
    Ok(Profile { name: candidate.name, areas, ours })
}

/// The share, the thread, the file and the name of each function.
fn report(data: &Path) -> Result<Vec<Sample>> {
    let mut report = Command::new("perf");
    report.args(["report", "--no-children", "--sort", "comm,dso,symbol", "--field-separator", "|"]);
    let output = report.arg("--input").arg(data).stderr(Stdio::null()).output()?;
    let functions: Vec<_> =
        String::from_utf8_lossy(&output.stdout).lines().filter_map(function).collect();
    if functions.is_empty() { Err("perf has no samples".into()) } else { Ok(functions) }
}

type Sample = (f64, String, String, String);

/// A line such as ` 20.81% |tokio-rt-worker|receiver|[.] name |-  -`.
fn function(line: &str) -> Option<Sample> {
    let mut cells = line.split('|').map(str::trim);
    let share = cells.next()?.strip_suffix('%')?.parse().ok()?;
    let thread = cells.next()?.to_owned();
    let object = cells.next()?.to_owned();
    let (_, name) = cells.next()?.split_once("] ")?;
    Some((share, thread, object, name.trim().to_owned()))
}

fn area(object: &str, function: &str) -> &'static str {
    let has = |parts: &[&str]| parts.iter().any(|part| function.contains(part));
    if object.starts_with('[') {
        KERNEL
    } else if object.contains(".so") {
        LIBC
    } else if has(&["ecp_nistz", "aws_lc", "sha256", "beeu_mod"]) {
        SIGNATURE
    } else if !function.contains("::") || has(&["sqlx", "flume"]) {
        DATABASE
    } else if has(&["topper", "receiver::"]) {
        OURS
    } else if has(&["serde", "base64", "ryu"]) {
        JSON
    } else if has(&["hyper", "axum", "actix", "warp", "rocket", "http", "tower", "matchit"]) {
        HTTP
    } else if has(&["tokio", "mio::"]) {
        TOKIO
    } else {
        STANDARD
    }
}

fn text(profiles: &[Profile]) -> String {
    let mut rows = vec![vec!["per cent of the CPU time".to_owned()]];
    let areas = || AREAS.iter().chain([&IN_SQLITE_THREAD]);
    rows.extend(areas().map(|area| vec![(*area).to_owned()]));
    for profile in profiles {
        let share = |area| profile.areas.get(area).copied().unwrap_or_default();
        let shares = areas().map(|area| format!("{:.1}", share(*area)));
        let cells = std::iter::once(profile.name.to_owned()).chain(shares);
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(cell);
        }
    }
    // Each where it takes most.
    let mut largest: BTreeMap<&str, (f64, &str)> = BTreeMap::new();
    for profile in profiles {
        for (share, function) in &profile.ours {
            let most = largest.entry(function).or_insert((0.0, profile.name));
            if *share > most.0 {
                *most = (*share, profile.name);
            }
        }
    }
    let mut largest: Vec<_> = largest.into_iter().collect();
    largest.sort_by(|(_, (one, _)), (_, (other, _))| other.total_cmp(one));
    let mut functions = vec![["our largest functions", "per cent", "of"].map(str::to_owned)];
    for (function, (share, receiver)) in largest.into_iter().take(LISTED) {
        let mut name: String = function.chars().take(SHOWN).collect();
        if name.len() < function.len() {
            name.push_str("...");
        }
        functions.push([format!("`{name}`"), format!("{share:.2}"), receiver.to_owned()]);
    }
    format!("{}\n{}", page::markdown(&rows), page::markdown(&functions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_perf_prints() {
        let line =
            " 20.81% |tokio-rt-worker|receiver         |[.] __ecp_nistz256_mul_montx   |-      -  ";
        let (thread, object, name) = ("tokio-rt-worker", "receiver", "__ecp_nistz256_mul_montx");
        let expected = (20.81, thread.to_owned(), object.to_owned(), name.to_owned());
        assert_eq!(function(line), Some(expected));
        assert_eq!(function("# Overhead|Command|Shared Object"), None);
    }

    #[test]
    fn tells_what_is_ours_from_what_is_not() {
        for (object, function, expected) in [
            ("receiver", "__ecp_nistz256_sqr_montx", "verifying the signature (aws-lc)"),
            ("[kernel.kallsyms]", "finish_task_switch.isra.0", "the kernel"),
            ("libc.so.6", "_int_malloc", "the allocator and libc"),
            ("receiver", "sqlite3VdbeExec", "the database and its client"),
            ("receiver", "topper_core::verifier::Verifier::admit", "ours"),
            ("receiver", "core::ptr::drop_in_place<topper_core::event::Event>", "ours"),
            ("receiver", "serde_json::read::SliceRead::skip_to_escape", "JSON and base64"),
            ("receiver", "hyper::proto::h1::io::Buffered<T,B>::parse", "HTTP and the framework"),
            ("receiver", "tokio::task::spawn::spawn", "tokio"),
            ("receiver", "core::str::converts::from_utf8", "Rust's standard library"),
        ] {
            assert_eq!(area(object, function), expected, "{function}");
        }
    }
}
