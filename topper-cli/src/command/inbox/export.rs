//! `topper inbox export`

use std::path::PathBuf;

use topper_core::protocol;
use topper_store::{
    Inbox,
    inbox::{InboxStore as _, StoredEvent},
};
use topper_testkit::Delivery;

use super::{events, filter::Filter, place, stored::rfc3339};
use crate::{
    console::Console,
    failure::{Failure, Verdict},
    saved::{SaveFile, Saved},
};

const EXAMPLES: &str = "\
Examples:
  topper inbox export --state dead --out dead.jsonl
  topper replay dead.jsonl --to http://127.0.0.1:4000

  topper inbox export --since 3d | topper replay - --to http://127.0.0.1:4000";

/// Events that are read at once.
const PORTION: usize = 200;

/// Export events as deliveries for `topper replay`
///
/// Print each event on one line as JSON, with the body and the signature as received, so that a
/// receiver with the same public key accepts it. The lines contain personal data, such as addresses
/// and user ids. The inbox does not change.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The ids of the events
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// Write to this new file, readable only by its owner; default: standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) async fn run(
    args: Args,
    inbox: &Inbox,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let mut file = match &args.out {
        Some(path) => Some((path, SaveFile::create(path).map_err(|it| Failure::file(path, it))?)),
        None => None,
    };
    let mut count = 0_u64;
    for filter in args.filter.each(&args.ids) {
        let mut after = 0;
        loop {
            let portion =
                inbox.store().list(&filter, after, PORTION).await.map_err(place::failure)?;
            let Some(last) = portion.last() else { break };
            after = last.row;
            for stored in &portion {
                let saved = saved(stored);
                match &mut file {
                    Some((path, file)) => {
                        file.add(&saved).map_err(|error| Failure::file(path, error))?;
                    }
                    None => console.print(serde_json::to_string(&saved).unwrap_or_default())?,
                }
                count += 1;
            }
            if file.is_some() {
                console.progress(format_args!("{} written", events(count)));
            }
        }
    }
    match &args.out {
        Some(path) => console.note(format_args!("{} written to {}", events(count), path.display())),
        None if count == 0 => console.note("no events found"),
        None => {}
    }
    Ok(Verdict::Yes)
}

/// As `topper listen` saves a delivery.
fn saved(stored: &StoredEvent) -> Saved {
    let delivery = Delivery::unsigned(stored.body.clone())
        .header(protocol::SIGNATURE_HEADER, stored.signature.clone());
    Saved::new(rfc3339(stored.received_at), "/", &delivery)
}
