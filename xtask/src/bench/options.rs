//! The options of `cargo xtask bench`.

use std::time::Duration;

use super::Result;

const USAGE: &str = "bench takes names of receivers, `--seconds S`, `--rounds R`, `--profile` and \
                     `--write`";

pub(super) struct Options<'a> {
    pub(super) names: Vec<&'a str>,
    /// How long a round of one receiver is.
    pub(super) time: Duration,
    pub(super) rounds: usize,
    pub(super) is_profile: bool,
    pub(super) is_written: bool,
}

impl<'a> Options<'a> {
    pub(super) fn parse(arguments: &[&'a str]) -> Result<Self> {
        // Many short rounds: a machine that is slower for some seconds is so for both of a pair.
        let time = Duration::from_millis(500);
        let mut options =
            Self { names: Vec::new(), time, rounds: 50, is_profile: false, is_written: false };
        let mut rest = arguments.iter();
        while let Some(&argument) = rest.next() {
            let mut value = || rest.next().ok_or(USAGE);
            match argument {
                "--seconds" => options.time = seconds(value()?).ok_or(USAGE)?,
                "--rounds" => {
                    options.rounds = value()?.parse::<u16>().map_err(|_| USAGE)?.max(1).into()
                }
                "--profile" => options.is_profile = true,
                "--write" => options.is_written = true,
                name if name.starts_with('-') => return Err(USAGE.into()),
                name => options.names.push(name),
            }
        }
        Ok(options)
    }
}

/// A time for a round, such as `0.5`.
fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=3600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_options_come_in_any_order() {
        let options =
            Options::parse(&["axum", "--rounds", "2", "go", "--write", "--seconds", "0.3"])
                .unwrap();
        assert_eq!(options.names, ["axum", "go"]);
        assert_eq!((options.rounds, options.is_written), (2, true));
        assert_eq!(options.time, Duration::from_millis(300));
    }

    #[test]
    fn an_option_that_does_not_exist_or_has_no_number_is_refused() {
        for arguments in [
            &["--fast"][..],
            &["--rounds"],
            &["--rounds", "-1"],
            &["--seconds", "x"],
            &["--seconds", "0"],
        ] {
            assert!(Options::parse(arguments).is_err(), "{arguments:?}");
        }
    }
}
