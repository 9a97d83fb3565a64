//! Saved deliveries, one on each line.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::Path,
};

use topper_testkit::Delivery;

use crate::{
    failure::Failure,
    inspector::Kept,
    judging::Judge,
    saved::{NOT_SAVED, Saved},
};

/// The most bytes of a line: the largest body that is saved, in base64, and its headers.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// The most lines of which the reason is kept.
const MOST_SKIPPED: usize = 100;
/// The most characters of a time; those that `topper` writes are shorter.
const MOST_TIME: usize = 40;

/// What was in a file.
#[derive(Default)]
pub(super) struct Contents {
    /// How many deliveries.
    pub(super) deliveries: usize,
    /// The first lines that are not deliveries: their numbers, and why.
    pub(super) skipped: Vec<(usize, String)>,
    /// How many such lines there are.
    pub(super) skipped_count: usize,
}

/// Opens a file, or standard input for `-`.
pub(super) fn open(path: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|error| Failure::file(path, error))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Reads each delivery, and gives it to `keep`.
pub(super) fn read(
    mut source: impl BufRead,
    judge: &Judge,
    mut keep: impl FnMut(Kept),
) -> io::Result<Contents> {
    let mut contents = Contents::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        source.by_ref().take(MOST_BYTES).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            break;
        }
        if !line.ends_with(b"\n") && line.len() as u64 == MOST_BYTES {
            source.skip_until(b'\n')?;
            contents.skip(number, "longer than 32 MiB");
        } else if !line.trim_ascii().is_empty() {
            match delivery(&line) {
                Ok((saved, delivery)) => {
                    let at = saved.received_at.chars().take(MOST_TIME).collect();
                    let judged = judge.judge(&delivery);
                    keep(Kept::new(at, saved.path, delivery, &judged));
                    contents.deliveries += 1;
                }
                Err(reason) => contents.skip(number, reason),
            }
        }
    }
    Ok(contents)
}

fn delivery(line: &[u8]) -> Result<(Saved, Delivery), &'static str> {
    let saved: Saved = serde_json::from_slice(line).map_err(|_| NOT_SAVED)?;
    let delivery = saved.delivery()?;
    Ok((saved, delivery))
}

impl Contents {
    fn skip(&mut self, number: usize, reason: &str) {
        self.skipped_count += 1;
        if self.skipped.len() < MOST_SKIPPED {
            self.skipped.push((number, reason.to_owned()));
        }
    }
}
