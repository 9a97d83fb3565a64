//! The page of the docs with the table.

use std::fmt::Write as _;

use super::{Added, Result, row::ROWS, time::Times};

/// The whole page.
pub(super) fn text(counted: &[Added], times: &Times) -> Result<String> {
    let mut page = format!(
        "# What compiling costs\n\n\
         Each row is what features of `topper` add to a program that has what the second column says. `cargo \
         xtask crates`\ncounts the crates and writes this page; `cargo xtask crates --time` also compiles and \
         measures. CI counts again, and fails\nif a row has other crates, or more than its limit.\n\n\
         | features | added to | crates | limit | CPU seconds | times bare axum |\n\
         |---|---|---:|---:|---:|---:|\n\
         | | nothing: bare axum, with tokio | {} | | {:.0} | 1 |\n",
        super::bare()?,
        times.bare,
    );
    for (row, crates) in ROWS.iter().zip(counted) {
        let seconds = seconds(times, &row.name())?;
        writeln!(
            page,
            "| {} | {} | {} | {} | {seconds:.0} | {:.1} |",
            row.adds(),
            row.added_to(),
            crates.len(),
            row.most,
            seconds / times.bare
        )?;
    }
    page.push_str(
        "\nCrates are those that cargo compiles on Linux, our own and build dependencies included, in the \
         versions of `Cargo.lock`.\n\n\
         Seconds are CPU seconds, user and system, of all processes of a development build: the time of the \
         clock depends on\nwhat else runs, and on two cores is a little more than half. Bare axum is compiled \
         from nothing. The others are what cargo\ncompiles when the features are switched on, which includes \
         crates that are compiled again because they get another\nfeature: so a first build costs no more \
         than the sum of its rows, and often less. Of `tls`, most is aws-lc, again with a\nfeature that rustls \
         switches on. Nothing is downloaded meanwhile.\n\n\
         The default back end is `aws-lc`, most of whose time is C. The other features are next to `graviola`, \
         which shares the\nfewest crates with them; `tls`, `bootstrap` and `bootstrap-client` are next to \
         `aws-lc`, which they use.\n\n\
         ## The machine\n\n| what | value |\n|---|---|\n",
    );
    for (what, value) in &times.machine {
        writeln!(page, "| {what} | {value} |")?;
    }
    Ok(page)
}

/// Of each back end, two cells of its row in the README: the crates that it adds with axum, and how long they
/// take to compile, as a multiple of the first.
pub(super) fn back_ends(counted: &[Added], times: &Times) -> Result<Vec<(String, String)>> {
    let mut cells = Vec::new();
    let mut first = None;
    for (row, crates) in ROWS.iter().zip(counted) {
        if let Some(back_end) = row.name().strip_prefix("axum+") {
            let seconds = seconds(times, &row.name())?;
            let ratio = format!("{:.1}", seconds / *first.get_or_insert(seconds));
            let ratio = ratio.trim_end_matches(".0");
            cells.push((back_end.to_owned(), format!("| {} | {ratio} |", crates.len())));
        }
    }
    Ok(cells)
}

fn seconds(times: &Times, name: &str) -> Result<f64> {
    let seconds = times.rows.get(name).copied();
    seconds.ok_or_else(|| {
        format!("{name} was not measured: run `cargo xtask crates --time {name}`").into()
    })
}
