//! The table, and the page of the docs with it.

use std::{collections::BTreeMap, fmt::Write as _, fs, process::Command, time::Duration};

use super::{
    Result,
    measure::{Compared, Measured, Round},
    plot::{Bar, svg},
};
use crate::{machine, workspace::root};

const FOLDER: &str = "docs/benchmarks";
/// Whose versions matter.
const CRATES: [&str; 9] =
    ["actix-web", "aws-lc-rs", "axum", "hyper", "rocket", "serde_json", "sqlx", "tokio", "warp"];

/// What is written about.
pub(super) struct Run<'a> {
    pub(super) measured: &'a [Measured],
    pub(super) compared: &'a [Compared],
    pub(super) skipped: &'a [String],
    pub(super) arguments: &'a [&'a str],
    /// Of a round of one receiver.
    pub(super) time: Duration,
    pub(super) postgres: Option<String>,
}

/// What was measured, as a table.
pub(super) fn table(measured: &[Measured]) -> String {
    let mut rows = vec![
        [
            "receiver",
            "CPU, us",
            "user",
            "system",
            "requests/s",
            "p50, us",
            "p99, us",
            "idle, MiB",
            "loaded, MiB",
        ]
        .map(str::to_owned),
    ];
    for one in measured {
        rows.push([
            one.candidate.name.to_owned(),
            format!("{:.1}", one.median(Round::cpu)),
            format!("{:.1}", one.median(|round| round.user)),
            format!("{:.1}", one.median(|round| round.system)),
            format!("{:.0}", one.median(|round| round.rate)),
            format!("{:.0}", one.median(|round| round.p50)),
            format!("{:.0}", one.median(|round| round.p99)),
            mebibytes(one.idle),
            mebibytes(one.loaded),
        ]);
    }
    markdown(&rows)
}

/// The comparisons, as a table.
pub(super) fn goals(compared: &[Compared]) -> String {
    let mut rows =
        vec![["CPU a request", "ratio", "rounds", "goal", "requests/s, ratio"].map(str::to_owned)];
    for one in compared {
        rows.push([
            format!("{} / {}", one.comparison.ours, one.comparison.other),
            format!("{:.3}", one.ratio),
            format!("{:.3} to {:.3}", one.lowest, one.highest),
            one.verdict(),
            format!("{:.3}", one.rate),
        ]);
    }
    markdown(&rows)
}

/// Columns of equal width, so that it can be read in a terminal, too.
pub(super) fn markdown(rows: &[impl AsRef<[String]>]) -> String {
    let rows: Vec<&[String]> = rows.iter().map(AsRef::as_ref).collect();
    let mut widths = vec![3; rows.first().map_or(0, |row| row.len())];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(*row) {
            *width = (*width).max(cell.len());
        }
    }
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (place, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell =
                if place == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            text.push_str(&format!("| {cell} "));
        }
        text.push_str("|\n");
        if number == 0 {
            for (place, width) in widths.iter().enumerate() {
                let end = if place == 0 { "-" } else { ":" };
                text.push_str(&format!("|{}{end}", "-".repeat(width + 1)));
            }
            text.push_str("|\n");
        }
    }
    text
}

fn mebibytes(kibibytes: u64) -> String {
    format!("{}.{}", kibibytes / 1024, kibibytes % 1024 * 10 / 1024)
}

/// Writes the page and its plots.
pub(super) fn write(run: &Run<'_>) -> Result<()> {
    let folder = root().join(FOLDER);
    fs::create_dir_all(&folder)?;
    for (file, title, value) in PLOTS {
        let bar = |one: &Measured| Bar {
            name: one.candidate.name,
            value: value(one),
            is_ours: one.candidate.is_ours(),
        };
        let bars: Vec<Bar> = run.measured.iter().map(bar).collect();
        fs::write(folder.join(file), svg(title, &bars)?)?;
    }
    fs::write(folder.join("index.md"), page(run)?)?;
    println!("wrote {FOLDER}");
    Ok(())
}

type Plot = (&'static str, &'static str, fn(&Measured) -> f64);

const PLOTS: [Plot; 3] = [
    ("cpu.svg", "CPU time per request, microseconds (lower is better)", |one| {
        one.median(Round::cpu)
    }),
    ("rate.svg", "Requests per second (higher is better)", |one| one.median(|round| round.rate)),
    ("memory.svg", "Memory under load, MiB (lower is better)", |one| {
        f64::from(u32::try_from(one.loaded).unwrap_or(u32::MAX)) / 1024.0
    }),
];

fn page(run: &Run<'_>) -> Result<String> {
    let rounds = run.measured.iter().map(|one| one.rounds.len()).max().unwrap_or_default();
    let command = ["cargo xtask bench"].iter().chain(run.arguments).copied();
    let command = command.collect::<Vec<_>>().join(" ");
    let mut page = format!(
        "# What a delivery costs\n\n\
         Written by `{command}`, which runs all of it: medians of {rounds} rounds of {} s.\n\n\
         Each receiver is a process of its own on 127.0.0.1. Another process sends it distinct events, \
         which were signed before\nthe clock runs, over 64 connections that stay open; each connection \
         sends the next event when it has the answer. The CPU\ntime is that of the receiver's process, \
         user and system, without the load and without PostgreSQL, which makes no checkpoint meanwhile. Both of \
         a pair have\nthe same server with the same settings, and take turns.\n\n\
         {}\n\
         ![CPU time per request](cpu.svg)\n\n![Requests per second](rate.svg)\n\n\
         ![Memory under load](memory.svg)\n\n\
         ## Goals\n\n\
         The ratio is the median of the ratios of the rounds, each of two receivers in the same \
         round. Where axum, which has no\nstore, is compared with a store by hand, it is what a store \
         of ours could cost at least. [Where the CPU time\ngoes](profile.md) shows what SQLite's own \
         thread takes.\n\n{}\n\
         ## The receivers\n\n| receiver | what it is |\n|---|---|\n",
        run.time.as_secs_f64(),
        table(run.measured),
        goals(run.compared),
    );
    for one in run.measured {
        writeln!(page, "| {} | {} |", one.candidate.name, one.candidate.about)?;
    }
    page.push_str(
        "\nThe inbox has no worker here: it would be in another program, as it would be by hand.\n\n\
         ## What was not reached\n\n",
    );
    let missed = run.compared.iter().filter(|one| one.is_missed()).map(|one| missed(one, run));
    let skipped = run.skipped.iter().map(|skipped| format!("not measured: {skipped}"));
    let open: Vec<String> = missed.chain(skipped).collect();
    if open.is_empty() {
        page.push_str("Nothing: all goals are met, and all was measured.\n");
    }
    for one in open {
        writeln!(page, "- {one}")?;
    }
    page.push_str("\n## The machine\n\n| what | value |\n|---|---|\n");
    for (what, value) in machine(run)? {
        writeln!(page, "| {what} | {value} |")?;
    }
    page.push_str("\nThe versions of the peers' packages are in `benchmarks/peers`.\n");
    Ok(page)
}

/// A goal that is missed, and what is left of it when a store costs nothing.
fn missed(one: &Compared, run: &Run<'_>) -> String {
    let (ours, other) = (one.comparison.ours, one.comparison.other);
    let mut text = format!("{ours} costs {:.3} times {other}; {}", one.ratio, one.verdict());
    let is_least = |it: &&Compared| it.comparison.ours == "axum" && it.comparison.other == other;
    if ours != "axum"
        && let Some(least) = run.compared.iter().find(is_least)
    {
        text.push_str(&format!("; axum without a store costs {:.3} times that", least.ratio));
    }
    text
}

/// What it was measured with.
fn machine(run: &Run<'_>) -> Result<Vec<(String, String)>> {
    let mut rows = machine::rows()?;
    for (program, argument) in
        [("rustc", "--version"), ("node", "--version"), ("python3", "--version"), ("go", "version")]
    {
        let output = Command::new(program).arg(argument).output();
        let text = output.map_or("not installed".to_owned(), |output| {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        });
        rows.push((program.to_owned(), text));
    }
    rows.push((
        "PostgreSQL".to_owned(),
        run.postgres.clone().unwrap_or_else(|| "not used".to_owned()),
    ));
    let locked = locked(&fs::read_to_string(root().join("Cargo.lock"))?);
    for name in CRATES {
        rows.push((format!("`{name}`"), locked.get(name).cloned().unwrap_or_default()));
    }
    Ok(rows)
}

/// The last version of each crate in a lock file.
fn locked(text: &str) -> BTreeMap<String, String> {
    let value = |line: &str, name: &str| {
        let value = line.strip_prefix(name)?.strip_prefix(" = \"")?;
        Some(value.trim_end_matches('"').to_owned())
    };
    let mut versions = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(found) = value(line, "name") {
            name = found;
        } else if let Some(version) = value(line, "version") {
            versions.insert(name.clone(), version);
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_table_have_equal_widths() {
        let rows = [["name", "value"], ["axum-by-hand", "7"]].map(|row| row.map(str::to_owned));
        assert_eq!(
            markdown(&rows),
            "| name         | value |\n|--------------|------:|\n| axum-by-hand |     7 |\n"
        );
    }

    #[test]
    fn versions_come_from_the_lock_file() {
        let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
        let locked = locked(&text);
        for name in CRATES {
            assert!(locked.contains_key(name), "{name}");
        }
    }

    #[test]
    fn memory_is_written_with_one_decimal() {
        assert_eq!(mebibytes(1536), "1.5");
        assert_eq!(mebibytes(900), "0.8");
    }
}
