//! The inbox of a store on a page.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use topper_core::KeySet;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
    inspector::{self, InboxOptions, Options, Page, Server},
    interrupt, keys,
};

/// Serves the page of the inbox at a URL, by default that of the environment, until Ctrl-C.
pub(super) async fn run(
    url: Option<String>,
    inbox: InboxOptions,
    (jwk, key): (&[PathBuf], Option<&Path>),
    page: &Options,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let mut ended = interrupt::watch();
    let given = given(jwk)?;
    let key = keys::private(key)?;
    let server = Server::bind(page).await?;
    console.progress("connecting to the store");
    let opened = tokio::select! {
        opened = inspector::open_inbox(url, inbox, given, key) => opened,
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
