//! `topper inspect`

use std::path::PathBuf;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
    inspector::{InboxOptions, Options},
    storing::place::{self, URL_VARIABLE},
};

mod inbox;

const EXAMPLES: &str = "\
Examples:
  topper inspect sqlite://topper.db
  TOPPER_STORE_URL=\"$(cat store-url.txt)\" topper inspect --label sandbox --allow-retry";

/// Show the events of an inbox on a page in the browser
///
/// The page shows the newest 10,000 events, and follows the inbox while receivers and workers run.
/// Without --allow-retry it changes no event.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The URL of the store; if it has a password, set TOPPER_STORE_URL instead
    ///
    /// Default: the environment variable TOPPER_STORE_URL. All users of this machine can see the
    /// command line of a process, and a password in it.
    #[arg(value_name = "STORE-URL")]
    source: Option<String>,
    /// Check signatures with the public keys in this file (JWK, JWK Set or PEM); may be repeated
    ///
    /// Default: the keys of the environment; without them, each event is checked with the key under
    /// which it was accepted.
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
    let is_inbox = match &source {
        Some(source) => source.contains("://"),
        None => place::of_environment()?.is_some(),
    };
    if is_inbox {
        return inbox::run(source, inbox, (&jwk, key.as_deref()), &page, console).await;
    }
    Err(Failure::Input(match inbox.given() {
        Some(option) => format!("{option} is for an inbox; give the URL of its store"),
        None => format!(
            "nothing to show: give the URL of a store, such as sqlite://topper.db, or set the \
             environment variable {URL_VARIABLE}"
        ),
    }))
}
