//! `topper replay`

use std::path::{Path, PathBuf};

use topper_testkit::{Batch, Delivery};

use crate::{
    console::Console,
    delivering,
    failure::{Failure, Verdict},
    file, interrupt,
    saved::{NOT_SAVED, Saved},
};

const EXAMPLES: &str = "\
Example:
  topper replay deliveries.jsonl --to http://127.0.0.1:4000";

/// Send saved deliveries again, byte for byte
///
/// Read a file from `topper listen --save` or `topper inbox export`, and send each body, signature
/// and header as it was received. Only the headers of a connection (`Host`, `Content-Length` and the
/// like) are new. A header that is given with --header replaces the saved one.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file with one delivery on each line; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Send only the delivery on this line; may be repeated
    #[arg(long, value_name = "NUMBER")]
    line: Vec<usize>,
    #[command(flatten)]
    options: delivering::Options,
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    let text = file::read_text(&args.file)?;
    // Not before standard input is read: waiting for it is ended by the signal itself.
    let ended = interrupt::watch();
    let mut deliveries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let is_wanted = args.line.is_empty() || args.line.contains(&number);
        if is_wanted && !line.trim().is_empty() {
            deliveries.push(delivery(&args.file, number, line)?);
        }
    }
    if deliveries.is_empty() {
        return Err(Failure::file(&args.file, "has no delivery to send"));
    }
    let deliveries = deliveries.into_iter().map(|delivery| args.options.with_headers(delivery));
    delivering::deliver(Batch::new(deliveries), &args.options, ended, console).await
}

fn delivery(path: &Path, number: usize, line: &str) -> Result<Delivery, Failure> {
    let failure = |problem: &str| Failure::file(path, format_args!("line {number}: {problem}"));
    let saved: Saved = serde_json::from_str(line).map_err(|_| failure(NOT_SAVED))?;
    saved.delivery().map_err(failure)
}
