//! `topper inspect`

use std::path::{Path, PathBuf};

use crate::{
    console::Console,
    failure::{Failure, Verdict},
    inspector::{InboxOptions, Options},
    storing::place::{self, URL_VARIABLE},
};

mod file;
mod inbox;
mod lines;

const EXAMPLES: &str = "\
Examples:
  topper inspect deliveries.jsonl
  topper inspect sqlite://topper.db
  TOPPER_STORE_URL=\"$(cat store-url.txt)\" topper inspect --allow-retry
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
    ///
    /// If the URL has a password, set TOPPER_STORE_URL instead, which is the default: all users of this
    /// machine can see the command line of a process, and a password in it.
    #[arg(value_name = "FILE|STORE-URL")]
    source: Option<String>,
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
    let Args { source, jwk, key, inbox, page } = args;
    let keys = (&jwk[..], key.as_deref());
    match source {
        Some(source) if !is_store(&source) => match inbox.given() {
            Some(option) => Err(Failure::Input(format!(
                "{option} is for an inbox; give the URL of its store instead of a file"
            ))),
            None => file::run(Path::new(&source), keys, &page, console).await,
        },
        None if place::of_environment()?.is_none() => Err(Failure::Input(format!(
            "nothing to show: give a file or the URL of a store, or set the environment variable \
             {URL_VARIABLE}"
        ))),
        url => inbox::run(url, inbox, keys, &page, console).await,
    }
}

/// Whether it is the URL of a store. A file whose name looks like one can be given as `./NAME`.
fn is_store(source: &str) -> bool {
    const SCHEMES: [&str; 6] = ["memory", "postgres", "postgresql", "redis", "rediss", "sqlite"];
    source.split_once(':').is_some_and(|(scheme, rest)| {
        rest.starts_with("//") || SCHEMES.iter().any(|it| it.eq_ignore_ascii_case(scheme))
    })
}
