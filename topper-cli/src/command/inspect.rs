//! `topper inspect`

use std::{path::PathBuf, time::Duration};

use topper_core::KeySet;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
    inspector::{self, InboxOptions, Options, Server},
    interrupt, keys,
};

/// Pages that do not let go are left behind after this time.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  topper inspect sqlite://topper.db
  topper inspect postgres://user@host/database --label sandbox --allow-retry";

/// Show the events of an inbox on a page in the browser
///
/// The page shows the newest 10,000 events, and follows the inbox while receivers and workers run.
/// Without --allow-retry it changes no event.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The URL of the store
    #[arg(value_name = "STORE-URL")]
    source: String,
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
    let mut ended = interrupt::watch();
    if !args.source.contains("://") {
        return Err(Failure::Input(match args.inbox.given() {
            Some(option) => format!("{option} is for an inbox; give the URL of its store"),
            None => "give the URL of a store, such as sqlite://topper.db".to_owned(),
        }));
    }
    let given = given(&args.jwk)?;
    let key = keys::private(args.key.as_deref())?;
    let server = Server::bind(&args.page).await?;
    console.progress("connecting to the store");
    let opened = tokio::select! {
        opened = inspector::open_inbox(args.source, args.inbox, given, key) => opened,
        () = &mut ended => {
            console.note("interrupted");
            return Ok(Verdict::Interrupted);
        }
    };
    console.clear_progress();
    let (inspector, following) = opened?;
    console.note(format_args!("open {} in a browser; press Ctrl-C to stop", server.url()));
    let serving = tokio::spawn(server.serve(inspector.clone()));
    tokio::spawn(following);
    ended.await;
    inspector.end();
    let _ = tokio::time::timeout(LAST_ANSWERS, serving).await;
    Ok(Verdict::Yes)
}

/// The public keys that are given.
fn given(files: &[PathBuf]) -> Result<Option<KeySet>, Failure> {
    let mut sets = Vec::new();
    for path in files {
        sets.push(keys::public(path)?);
    }
    if sets.is_empty() {
        let Some((name, text)) = keys::of_environment()? else { return Ok(None) };
        let keys = KeySet::parse(&text);
        sets.push(keys.map_err(|error| Failure::Input(format!("{name}: {error}")))?);
    }
    keys::merged(&sets).map(Some)
}
