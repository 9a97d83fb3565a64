//! `topper inspect`

use std::path::PathBuf;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
    inspector::{InboxOptions, Options},
    interrupt,
};

mod file;
mod inbox;
mod lines;

const EXAMPLES: &str = "\
Examples:
  topper inspect deliveries.jsonl
  topper inspect sqlite://topper.db
  topper inspect postgres://user@host/database --label sandbox --allow-retry
  topper inbox export | topper inspect -";

/// Show saved deliveries, or the events of an inbox, on a page in the browser
///
/// Serve a page on this machine that shows each delivery: its signature, its event, and the state of
/// its order. Press Ctrl-C to stop.
///
/// Of a file from `topper listen --save` or `topper inbox export`, show the last 10,000 deliveries,
/// and skip lines that are not deliveries. Of an inbox, show the newest 10,000 events, and follow it
/// while receivers and workers run; without --allow-retry, change no event.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file with one delivery on each line, `-` for standard input, or the URL of a store
    #[arg(value_name = "FILE|STORE-URL")]
    source: String,
    /// Check signatures with the public keys in this file (JWK, JWK Set or PEM); may be repeated
    ///
    /// Default: the key in TOPPER_WEBHOOK_PUBLIC_KEY. For a file, also the test key with which
    /// `topper send` signs. For an inbox without that variable, the key under which each event was
    /// accepted.
    #[arg(long, value_name = "FILE")]
    jwk: Vec<PathBuf>,
    /// Sign what is sent from the page with this private key (JWK); default: the test key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    inbox: InboxOptions,
    #[command(flatten)]
    page: Options,
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    let ended = interrupt::watch();
    if is_store(&args.source) {
        return inbox::show(args, ended, console).await;
    }
    if let Some(option) = args.inbox.given() {
        return Err(Failure::Input(format!("{option} is for an inbox; give the URL of its store")));
    }
    file::show(&args, ended, console).await
}

/// Whether it is the URL of a store. A file whose name looks like one can be given as `./NAME`.
fn is_store(source: &str) -> bool {
    const SCHEMES: [&str; 6] = ["memory", "postgres", "postgresql", "redis", "rediss", "sqlite"];
    source.split_once(':').is_some_and(|(scheme, rest)| {
        rest.starts_with("//") || SCHEMES.iter().any(|it| it.eq_ignore_ascii_case(scheme))
    })
}
