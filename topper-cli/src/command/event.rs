//! `topper event`

use std::path::PathBuf;

use serde_json::json;
use topper_core::Envelope;

use crate::{
    console::{BAD, Console},
    decoding::Decoded,
    failure::{Failure, Verdict},
    file,
};

const EXAMPLES: &str = "\
Examples:
  topper event body.json
  echo '{\"id\":\"42\",\"name\":\"user:renamed\",\"data\":{}}' | topper event -";

/// Decode an event and print its fields
///
/// Print whether the SDK knows the event, its fields, and the fields that the SDK does not know.
/// The signature is not checked: see `topper verify`. Exit with 1 if the event is unknown, or if
/// the body is not an event.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file with the body; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn run(args: &Args, console: &mut Console) -> Result<Verdict, Failure> {
    let body = file::read(&args.file)?;
    let envelope = match Envelope::from_json(&body) {
        Ok(envelope) => envelope,
        Err(error) => {
            console.line(format_args!("{BAD}not an event{BAD:#}  {error}"))?;
            console.object(&json!({"known": false, "reason": error.to_string()}))?;
            return Ok(Verdict::No);
        }
    };
    let decoded = Decoded::new(&envelope, &body);
    console.object(&decoded.object())?;
    decoded.print(console)?;
    Ok(Verdict::of(decoded.is_known()))
}
