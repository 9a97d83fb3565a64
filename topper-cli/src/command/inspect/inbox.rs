//! The events of an inbox.

use std::{path::PathBuf, sync::Arc};

use topper_core::KeySet;

use super::Args;
use crate::{
    console::Console,
    failure::{Failure, Verdict},
    inspector::{self, Page, Server},
    interrupt::Ended,
    keys,
};

pub(super) async fn show(
    args: Args,
    mut ended: Ended,
    console: &mut Console,
) -> Result<Verdict, Failure> {
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
    let page = Page::serve(server, Arc::clone(&inspector));
    tokio::spawn(following);
    ended.await;
    page.end().await;
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
