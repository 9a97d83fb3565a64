//! What libFuzzer writes.

use std::{error::Error, fmt};

/// The numbers at the end of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Log {
    executions: u64,
    a_second: u64,
    /// Edges of the program that were reached, and features: edges by how often, and comparisons.
    edges: u64,
    features: u64,
    corpus: u64,
    pub(super) failure: Option<Failure>,
}

/// An input that breaks a property, or takes too long or too much memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) says: String,
    pub(super) input: Option<String>,
}

impl Log {
    pub(super) fn read(text: &str, has_passed: bool) -> Result<Self, Box<dyn Error>> {
        // Such as `#1024 pulse  cov: 950 ft: 3210 corp: 120/9kb lim: 110 exec/s: 512 rss: 60Mb`.
        let progress = |name: &str| {
            let mut lines = text.lines().rev().filter(|line| line.starts_with('#'));
            lines.find_map(|line| {
                let mut words = line.split_whitespace().skip_while(|word| *word != name).skip(1);
                number(words.next()?)
            })
        };
        let total = |name: &str| {
            let start = format!("stat::{name}:");
            number(text.lines().find_map(|line| line.strip_prefix(&start))?.trim())
        };
        // A failure on what is kept comes before the first of these lines.
        let or_none = |number: Option<u64>| number.or((!has_passed).then_some(0));
        let numbers = || {
            Some(Self {
                executions: total("number_of_executed_units")?,
                a_second: total("average_exec_per_sec")?,
                edges: or_none(progress("cov:"))?,
                features: or_none(progress("ft:"))?,
                corpus: or_none(progress("corp:"))?,
                failure: (!has_passed).then(|| failure(text)),
            })
        };
        numbers().ok_or_else(|| {
            let last: Vec<&str> = text.lines().rev().take(5).collect();
            format!("it did not run to its end: {}", last.join(" / ")).into()
        })
    }
}

/// The digits at the start.
fn number(word: &str) -> Option<u64> {
    word.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn failure(text: &str) -> Failure {
    let mut lines = text.lines().skip_while(|line| !line.contains("panicked at"));
    let panic = lines.next().and_then(|place| Some(format!("{place} {}", lines.next()?)));
    let summary = || text.lines().find(|line| line.starts_with("SUMMARY:")).map(str::to_owned);
    let input = text.lines().find_map(|line| line.split_once("Test unit written to "));
    Failure {
        says: panic.or_else(summary).unwrap_or_else(|| "it failed".to_owned()),
        input: input.map(|(_, path)| path.to_owned()),
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { executions, a_second, edges, features, corpus, failure } = self;
        write!(f, "{executions:>12}{a_second:>10}{edges:>8}{features:>8}{corpus:>8}")?;
        if failure.is_some() { f.write_str("  FAILED") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSED: &str = "\
#2\tINITED cov: 11 ft: 12 corp: 1/1b exec/s: 0 rss: 40Mb
#900\tREDUCE cov: 950 ft: 3210 corp: 120/9kb lim: 110 exec/s: 512 rss: 60Mb L: 3/9 MS: 1 EraseBytes-
#1024\tDONE   cov: 950 ft: 3211 corp: 121/9kb lim: 110 exec/s: 512 rss: 60Mb
stat::number_of_executed_units: 1024
stat::average_exec_per_sec:     512
";

    #[test]
    fn reads_the_numbers_of_the_last_line() {
        let log = Log::read(PASSED, true).unwrap();
        let expected = Log {
            executions: 1024,
            a_second: 512,
            edges: 950,
            features: 3211,
            corpus: 121,
            failure: None,
        };
        assert_eq!(log, expected);
    }

    #[test]
    fn finds_the_input_and_the_panic() {
        let text = format!(
            "thread '<unnamed>' panicked at src/key.rs:7:9:\na part of the key is shown\n\
             {PASSED}artifact_prefix='a/'; Test unit written to a/crash-1\n"
        );
        let failure = Log::read(&text, false).unwrap().failure.unwrap();
        assert_eq!(failure.input.as_deref(), Some("a/crash-1"));
        assert!(
            failure.says.ends_with("src/key.rs:7:9: a part of the key is shown"),
            "{failure:?}"
        );
    }

    #[test]
    fn reports_a_program_that_ends_without_numbers() {
        let error = Log::read("error while loading shared libraries", false).unwrap_err();
        assert!(error.to_string().contains("shared libraries"), "{error}");
    }
}
