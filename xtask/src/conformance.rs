//! What the adapters answered to each case of the conformance suite, as a page of the docs.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::workspace::{root, target};

const ADAPTERS: [&str; 5] = ["axum", "actix", "warp", "rocket", "tower"];
const PAGE: &str = "docs/conformance.md";
/// Where a framework decides before the adapter is asked.
const FRAMEWORKS_OWN: [&str; 4] = [
    "body::times_out_a_body_that_has_hardly_begun",
    "endpoint::answers_other_methods_without_the_handler",
    "header::counts_lines_that_are_not_text",
    "source::is_unknown_behind_lines_that_are_not_text",
];

/// The answers to each case, by adapter.
type Answers = BTreeMap<String, BTreeMap<&'static str, String>>;

/// Runs the suite on every adapter and writes the page.
pub(crate) fn write() -> Result<(), Box<dyn Error>> {
    fs::write(root().join(PAGE), page(&run()?)?)?;
    println!("wrote {PAGE}");
    Ok(())
}

/// Runs the suite on every adapter and compares the page.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    compare(&run()?)
}

/// Compares the page with what the adapters answered in a run of all tests, with [`VARIABLE`] set to
/// [`empty_folder`].
pub(crate) fn check_recorded() -> Result<(), Box<dyn Error>> {
    compare(&answers(&folder()?)?)
}

/// Names the folder that the suite writes its answers to.
pub(crate) const VARIABLE: &str = "TOPPER_CONFORMANCE_DIR";

/// The folder for the answers, without those of an earlier run.
pub(crate) fn empty_folder() -> Result<PathBuf, Box<dyn Error>> {
    let folder = folder()?;
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    Ok(folder)
}

fn folder() -> Result<PathBuf, Box<dyn Error>> {
    Ok(std::path::absolute(target().join("conformance"))?)
}

fn compare(answers: &Answers) -> Result<(), Box<dyn Error>> {
    if fs::read_to_string(root().join(PAGE)).unwrap_or_default() == page(answers)? {
        println!("{PAGE} is up to date");
        Ok(())
    } else {
        Err(format!("{PAGE} is stale: run `cargo xtask conformance`").into())
    }
}

fn run() -> Result<Answers, Box<dyn Error>> {
    let folder = empty_folder()?;
    let mut tests = Command::new(env!("CARGO"));
    // The whole workspace, whose tests are built anyway.
    tests
        .args(["test", "--workspace", "--quiet", "--locked", "--test", "conformance"])
        .current_dir(root());
    if !tests.env(VARIABLE, &folder).status()?.success() {
        return Err("an adapter does not pass the suite".into());
    }
    answers(&folder)
}

fn answers(folder: &Path) -> Result<Answers, Box<dyn Error>> {
    let mut answers = Answers::new();
    for adapter in ADAPTERS {
        for file in fs::read_dir(folder.join(adapter))? {
            let file = file?;
            let case = file.file_name().to_string_lossy().replace('.', "::");
            answers.entry(case).or_default().insert(adapter, fs::read_to_string(file.path())?);
        }
    }
    Ok(answers)
}

fn page(answers: &Answers) -> Result<String, Box<dyn Error>> {
    let mut page = format!(
        "# What the adapters answer\n\n\
         Written by `cargo xtask conformance` from a run of `topper_conformance::adapter` on every \
         adapter, over real sockets:\n{} cases. *same* means that every status, content type and \
         body is the same to the byte as axum's.\n\n\
         | case | answers | {} |\n|---|---|{}\n",
        answers.len(),
        ADAPTERS.join(" | "),
        "---|".repeat(ADAPTERS.len()),
    );
    let mut differences = String::new();
    for (case, by_adapter) in answers {
        let first = by_adapter.get(ADAPTERS[0]).ok_or_else(|| missing(case, ADAPTERS[0]))?;
        write!(page, "| `{case}` | {} |", summary(first))?;
        for adapter in ADAPTERS {
            let own = by_adapter.get(adapter).ok_or_else(|| missing(case, adapter))?;
            let verdict = match (own == first, FRAMEWORKS_OWN.contains(&case.as_str())) {
                (true, false) if adapter == ADAPTERS[0] => "passes",
                (true, false) => "same",
                (_, true) => "the framework's",
                (false, false) => {
                    return Err(format!("{case}: {adapter} answers\n{own}and axum\n{first}").into());
                }
            };
            write!(page, " {verdict} |")?;
            if FRAMEWORKS_OWN.contains(&case.as_str()) {
                writeln!(differences, "| `{case}` | {adapter} | {} |", summary(own))?;
            }
        }
        page.push('\n');
    }
    write!(
        page,
        "\n## Where the framework decides\n\n\
         Before the adapter is asked, each framework in its own way. What Rocket does differently, its \
         quirks in the suite's words, no adapter can mend: it takes out lines of headers that are not \
         UTF-8, and it answers nothing before 14 bytes of a body have come. Under tower the server is \
         hyper's, and the test routes paths and methods.\n\n\
         | case | adapter | answers |\n|---|---|---|\n{differences}",
    )?;
    Ok(page)
}

fn missing(case: &str, adapter: &str) -> String {
    format!("{adapter} has not run {case}")
}

/// The different answers, each once, in the order of their first coming.
fn summary(transcript: &str) -> String {
    let mut seen = BTreeSet::new();
    let answers: Vec<String> = transcript
        .lines()
        // A framework's page goes on over more lines.
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .filter(|line| seen.insert(*line))
        .map(|line| {
            let status = line.split(' ').next().unwrap_or_default();
            match line.split_once("; charset=utf-8 ") {
                Some((_, body)) if body.len() <= 20 => format!("{status} `{body}`"),
                _ => status.to_owned(),
            }
        })
        .collect();
    if answers.is_empty() { "-".to_owned() } else { answers.join(", ") }
}
