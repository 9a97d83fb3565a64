//! `topper listen`

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http_body_util::BodyExt;
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet, time::timeout};
use topper_core::internal::Short;
use topper_testkit::Sender;

use crate::{
    answers::Answers,
    connection::{self, Answerer},
    console::Console,
    delivering,
    failure::{Failure, Verdict},
    inspector::Page,
    interrupt,
    judging::Judge,
    keys,
    saved::SaveFile,
};

mod page;
mod receiver;
mod show;

use receiver::{Receiver, Seen};

const EXAMPLES: &str = "\
Examples:
  topper listen
  topper listen --port 4001 --save deliveries.jsonl
  topper listen --forward-to http://127.0.0.1:3000/webhooks/topper

To try it, in another terminal:
  topper send order:crypto-onramp:completed --to http://127.0.0.1:4000";

/// What is in flight may still be answered before the end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Receive deliveries on this machine and show each one
///
/// Reply as a receiver of the SDK does: 200 to a signed event, 401 to a forgery, 500 to a signed
/// body that is not an event. With --forward-to, send the same bytes and headers (their names in
/// lower case) to that endpoint once, without retries, and return its reply.
///
/// Check signatures with the keys of --jwk. Default: the key in TOPPER_WEBHOOK_PUBLIC_KEY, if it is
/// set, and the test key with which `topper send` signs.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Listen on this port of 127.0.0.1; 0 picks a free port
    #[arg(long, short, value_name = "PORT", default_value_t = 4000)]
    port: u16,
    /// Check signatures with the public keys in this file (JWK, JWK Set or PEM); may be repeated
    #[arg(long, value_name = "FILE")]
    jwk: Vec<PathBuf>,
    /// Forward each delivery to this URL, and return the reply of that endpoint
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,
    /// Trust this certificate authority (PEM) too, in addition to the system's
    #[arg(long, value_name = "FILE", requires = "forward_to")]
    ca: Option<PathBuf>,
    /// Append each delivery to this file; `topper replay` can send it again
    ///
    /// The file contains personal data and valid signatures. Only its owner can read a new file.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Reply to signed deliveries with this status, to see whether the sender retries them
    #[arg(long, value_name = "STATUS", conflicts_with = "forward_to", value_parser = clap::value_parser!(u16).range(200..=599))]
    answer: Option<u16>,
    /// Show the content of each event, too
    #[arg(long)]
    body: bool,
    /// Stop after this many deliveries
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    page: page::PageArgs,
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    let mut ended = interrupt::watch();
    let verifier = keys::verifier(keys::public_or_default(&args.jwk)?)?;
    let forward =
        args.forward_to.as_deref().map(|url| forward(url, args.ca.as_ref())).transpose()?;
    page::check(&args)?;
    let mut save = match &args.save {
        Some(path) => Some(SaveFile::open(path).map_err(|error| Failure::file(path, error))?),
        None => None,
    };
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)))
        .await
        .map_err(|error| cannot_listen(args.port, &error))?;
    let address = listener.local_addr()?;
    let ids: Vec<String> = verifier.keys().iter().map(|key| Short(key.id()).to_string()).collect();
    console
        .note(format_args!("listening on http://{address}, on every path; press Ctrl-C to stop"));
    console.note(format_args!("checking signatures with {}", ids.join(", ")));

    let with_key = ids.len() > 1;

    let answers = Arc::new(Answers::new(args.answer));
    let page =
        page::open(&args, &format!("http://{address}"), &verifier, &answers, console).await?;
    let (sender, mut seen) = mpsc::channel(64);
    let receiver = Receiver::new(Judge::new(verifier), forward, answers, sender);
    let receiver = Arc::new(receiver);
    let mut connections = JoinSet::new();
    let mut count = 0_u64;
    while args.count.is_none_or(|most| count < most) {
        tokio::select! {
            biased;
            () = &mut ended => break,
            Some(seen) = seen.recv() => {
                count += 1;
                record(seen, &args, with_key, save.as_mut(), page.as_ref(), console)?;
            }
            Ok((socket, peer)) = listener.accept() => {
                let answerer = answerer(peer, Arc::clone(&receiver));
                connections.spawn(connection::serve(socket, receiver.ending(), answerer));
            }
            Some(_) = connections.join_next() => (),
        }
    }
    drop(listener);
    // Connections that wait for another request are closed; what is in flight is answered and shown.
    receiver.end();
    drop(receiver);
    let last = async {
        loop {
            tokio::select! {
                biased;
                Some(seen) = seen.recv() => {
                    count += 1;
                    record(seen, &args, with_key, save.as_mut(), page.as_ref(), console)?;
                }
                joined = connections.join_next() => if joined.is_none() { return Ok::<(), Failure>(()) },
            }
        }
    };
    match timeout(LAST_ANSWERS, last).await {
        Ok(ended) => ended?,
        Err(_) => console.note("stopped while a delivery was in flight: it got no reply"),
    }
    if let Some(page) = page {
        page.end().await;
    }
    console.note(format_args!("stopped; deliveries received: {count}"));
    Ok(Verdict::Yes)
}

fn cannot_listen(port: u16, error: &std::io::Error) -> Failure {
    Failure::Input(match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "port {port} is in use, perhaps by another `topper listen`; choose another one with \
             --port"
        ),
        _ => format!("cannot listen on 127.0.0.1:{port}: {error}"),
    })
}

/// Saves and shows a delivery, and lets it be answered.
fn record(
    seen: Seen,
    args: &Args,
    with_key: bool,
    save: Option<&mut SaveFile>,
    page: Option<&Page>,
    console: &mut Console,
) -> Result<(), Failure> {
    if let (Some(file), Some(path)) = (save, &args.save) {
        file.add(&seen.saved()).map_err(|error| Failure::file(path, error))?;
    }
    show::show(&seen, args.body, with_key, console)?;
    if let Some(page) = page {
        let (kept, _shown) = seen.kept();
        page.keep(kept);
    }
    Ok(())
}

fn forward(url: &str, ca: Option<&PathBuf>) -> Result<Sender, Failure> {
    Ok(delivering::sender(url, ca)?.retries(0))
}

fn answerer(peer: SocketAddr, receiver: Arc<Receiver>) -> Answerer {
    Box::new(move |request| {
        let receiver = Arc::clone(&receiver);
        Box::pin(async move {
            let answer = receiver.answer(request, peer, SystemTime::now()).await?;
            Some(answer.map(|body| body.map_err(Into::into).boxed_unsync()))
        })
    })
}
