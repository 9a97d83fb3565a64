//! The deliveries of a file.

use std::{
    io::{self, BufRead},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::lines::{self, Contents};
use crate::{
    console::Console,
    failure::{Failure, Verdict},
    inspector::{Inspector, Options, Page, Server, Source},
    interrupt,
    judging::Judge,
    keys,
};

/// How long the file is waited for before the page is announced.
const SHORT: Duration = Duration::from_millis(500);

/// Serves the page of the deliveries in a file until Ctrl-C.
pub(super) async fn run(
    path: &Path,
    (jwk, key): (&[PathBuf], Option<&Path>),
    page: &Options,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let mut ended = interrupt::watch();
    let lines = lines::open(path)?;
    let verifier = keys::verifier(keys::public_or_default(jwk)?)?;
    let key = keys::private(key)?;
    let server = Server::bind(page).await?;
    let name =
        if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    let source = Source::File { name, skipped: OnceLock::new() };
    let inspector = Arc::new(Inspector::new(source, verifier.clone(), key, None));
    let open = format!("open {} in a browser; press Ctrl-C to stop", server.url());
    let page = Page::serve(server, Arc::clone(&inspector));
    let mut loaded = load(lines, Judge::new(verifier), Arc::clone(&inspector))?;
    // A mistake is said at once, and a long file is no reason to wait for the page.
    let early = tokio::select! {
        () = &mut ended => None,
        loaded = timeout(SHORT, &mut loaded) => Some(loaded),
    };
    match early {
        Some(Ok(contents)) => {
            note(path, contents, &inspector, console)?;
            console.note(open);
            ended.await;
        }
        Some(Err(_)) => {
            console.note(open);
            tokio::select! {
                () = &mut ended => (),
                contents = loaded => {
                    note(path, contents, &inspector, console)?;
                    ended.await;
                }
            }
        }
        None => (),
    }
    page.end().await;
    Ok(Verdict::Yes)
}

type Loaded = Result<io::Result<Contents>, oneshot::error::RecvError>;

/// Reads the file in a thread that the end of the program does not wait for.
fn load(
    lines: Box<dyn BufRead + Send>,
    judge: Judge,
    inspector: Arc<Inspector>,
) -> Result<oneshot::Receiver<io::Result<Contents>>, Failure> {
    let (sender, receiver) = oneshot::channel();
    let read = move || {
        let contents = lines::read(lines, &judge, |kept| {
            inspector.keep(kept);
        });
        // The program may be about to end.
        let _ = sender.send(contents);
    };
    thread::Builder::new().spawn(read)?;
    Ok(receiver)
}

/// Says what was in the file.
fn note(
    path: &Path,
    loaded: Loaded,
    inspector: &Inspector,
    console: &mut Console,
) -> Result<(), Failure> {
    let contents = match loaded {
        Ok(contents) => contents.map_err(|error| Failure::file(path, error))?,
        Err(_) => return Err(Failure::file(path, "cannot be read")),
    };
    let first = contents.skipped.first().map(|(line, reason)| format!("line {line}: {reason}"));
    let deliveries = contents.deliveries;
    match (deliveries, first) {
        (0, Some(first)) => return Err(Failure::file(path, first)),
        (0, None) => return Err(Failure::file(path, "has no delivery in it")),
        (_, Some(first)) => {
            let lines = if contents.skipped_count == 1 { "line" } else { "lines" };
            console.note(format_args!("skipped {} {lines}; {first}", contents.skipped_count));
        }
        _ => (),
    }
    console.note(format_args!("deliveries: {deliveries}"));
    inspector.skip(contents.skipped);
    Ok(())
}
