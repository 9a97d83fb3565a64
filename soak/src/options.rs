//! The options of the command line.

use std::{path::PathBuf, time::Duration};

const USAGE: &str = "soak takes `--minutes N`, `--seed S`, `--rate R`, `--keep` and `--only NAME..`, where a name is of a \
                     framework, a mode or a store, or several of them, such as axum or once-sqlite";

#[derive(Debug)]
pub(crate) struct Options {
    /// How long the load lasts.
    pub(crate) time: Duration,
    pub(crate) seed: u64,
    /// Deliveries a second to each store of each mode.
    pub(crate) rate: u32,
    /// Names of receivers, or parts of them; none means all.
    pub(crate) only: Vec<String>,
    /// Where the files of the run are made.
    pub(crate) folder: PathBuf,
    /// They are kept, also after a run without a fault.
    pub(crate) is_kept: bool,
}

impl Options {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self {
            time: Duration::from_secs(3600),
            seed: 0,
            rate: 8,
            only: Vec::new(),
            folder: PathBuf::from("target/soak"),
            is_kept: false,
        };
        let mut rest = arguments.iter().map(String::as_str).peekable();
        while let Some(argument) = rest.next() {
            match argument {
                "--minutes" => {
                    let minutes = rest.next().and_then(|text| text.parse::<f64>().ok());
                    let minutes = minutes.filter(|minutes| (0.1..=100_000.0).contains(minutes));
                    options.time = Duration::from_secs_f64(minutes.ok_or(USAGE)? * 60.0);
                }
                "--seed" => {
                    let seed = rest.next().and_then(|text| text.parse().ok());
                    options.seed = seed.ok_or(USAGE)?;
                }
                "--rate" => {
                    let rate = rest.next().and_then(|text| text.parse().ok());
                    options.rate = rate.filter(|rate| (1..=1000).contains(rate)).ok_or(USAGE)?;
                }
                "--keep" => options.is_kept = true,
                "--folder" => options.folder = rest.next().ok_or(USAGE)?.into(),
                "--only" => {
                    while let Some(name) = rest.next_if(|name| !name.starts_with('-')) {
                        options.only.push(name.to_owned());
                    }
                    if options.only.is_empty() {
                        return Err(USAGE.into());
                    }
                }
                _ => return Err(USAGE.into()),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn options_come_in_any_order() {
        let options =
            parse("--only axum once-sqlite --minutes 0.5 --seed 7 --keep --rate 20").unwrap();
        assert_eq!(options.only, ["axum", "once-sqlite"]);
        assert_eq!((options.time, options.seed), (Duration::from_secs(30), 7));
        assert_eq!((options.rate, options.is_kept), (20, true));
        assert_eq!(parse("").unwrap().time, Duration::from_secs(3600));
    }

    #[test]
    fn an_option_that_does_not_exist_or_has_no_value_is_refused() {
        for line in ["--fast", "--minutes", "--minutes x", "--minutes 0", "--seed -1", "--only"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
