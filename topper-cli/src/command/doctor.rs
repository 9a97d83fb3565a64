//! `topper doctor`

use std::{net::SocketAddr, path::PathBuf};

use hyper::Uri;
use serde_json::json;
use tokio::time::timeout;
use topper_core::{Fate, protocol};
use topper_testkit::{Delivery, Received, Sender, TestKey, UnreachableKind};

use crate::{
    console::Console,
    delivering,
    failure::{Failure, Verdict},
    interrupt, keys,
};

mod accept;
mod advice;
mod body;
mod forgery;
mod once;
mod report;

use report::{Finding, Grade};

const EXAMPLES: &str = "\
Example, with your own receiver on port 3000:
  topper keygen doctor.jwk > doctor.pub.jwk
  TOPPER_WEBHOOK_PUBLIC_KEY=\"$(cat doctor.pub.jwk)\" ./my-receiver &
  topper doctor http://127.0.0.1:3000/webhooks/topper --key doctor.jwk

This sends about 200 requests within a few seconds, and your handler gets the events: use a test \
receiver with a test database.";

/// Test an endpoint that receives webhooks, in any language
///
/// Send signed events and forgeries, and check the replies: each event must be accepted, each
/// forgery refused with a status that is not retried, and a repeated event recognised. Configure
/// the endpoint with the public key that belongs to --key. Exit with 1 if any check fails.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The URL of the endpoint
    #[arg(value_name = "URL")]
    url: String,
    /// Sign with the private key in this file, a JWK as `topper keygen` writes it
    ///
    /// Default: the shared test key. `topper keygen --public` prints its public key.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A URL that returns, as a number, how often the endpoint has processed the event `{id}`
    ///
    /// It is read with GET. Without it, only the replies show whether an event is processed once.
    #[arg(long, value_name = "URL")]
    runs_url: Option<String>,
    /// Allow an endpoint that is not on this machine
    #[arg(long)]
    yes_this_is_my_endpoint: bool,
    /// Exit with 1 on warnings ("look"), too
    #[arg(long)]
    strict: bool,
    /// Trust this certificate authority (PEM) too, in addition to the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// All advice, for the test that collects it.
#[cfg(test)]
pub(crate) fn texts() -> Vec<(String, String)> {
    advice::all()
}

/// The endpoint, and what is known about it so far.
struct Patient {
    sender: Sender,
    key: TestKey,
    /// For requests byte by byte; not over TLS.
    raw: Option<(SocketAddr, String)>,
    runs_url: Option<String>,
    /// Whether it accepts a valid event. Otherwise nothing that needs one is tested.
    accepts: bool,
}

impl Patient {
    async fn send(&self, delivery: Delivery) -> Received {
        let mut sent = self.sender.send(delivery).await;
        sent.attempts.pop().map_or(Received::Timeout, |attempt| attempt.received)
    }

    async fn send_signed(&self, body: impl Into<Vec<u8>>) -> Received {
        self.send(Delivery::signed(&self.key, body)).await
    }
}

fn is_delivered(received: &Received) -> bool {
    received.status().is_some_and(|status| Fate::of(status) == Fate::Delivered)
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    let ended = interrupt::watch();
    let mut patient = match patient(&args).await? {
        Ok(patient) => patient,
        Err(kind) => return accept::unresolved(kind, Report::new(console, args.strict)),
    };
    tokio::select! {
        verdict = examine(&mut patient, Report::new(console, args.strict)) => verdict,
        () = ended => {
            console.note("interrupted");
            Ok(Verdict::Interrupted)
        }
    }
}

async fn examine(patient: &mut Patient, mut report: Report<'_>) -> Result<Verdict, Failure> {
    if !accept::valid(patient, &mut report).await? {
        return report.sum();
    }
    if patient.accepts {
        accept::all(patient, &mut report).await?;
    } else {
        report.skip("all checks that need an accepted event")?;
    }
    forgery::all(patient, &mut report).await?;
    if patient.accepts {
        accept::signed_but_no_event(patient, &mut report).await?;
        once::all(patient, &mut report).await?;
        body::all(patient, &mut report).await?;
        accept::in_time(&mut report)?;
    }
    report.sum()
}

/// The endpoint, or why its host name has no address.
async fn patient(args: &Args) -> Result<Result<Patient, UnreachableKind>, Failure> {
    let failure =
        |problem: &str| Failure::Input(format!("{}: {problem}", delivering::shown(&args.url)));
    let key = keys::private(args.key.as_deref())?;
    let sender = delivering::sender(&args.url, args.ca.as_ref())?.retries(0);
    let uri: Uri = args.url.parse().map_err(|_| failure("not a URL"))?;
    let addresses = match timeout(protocol::TIMEOUT, resolve(&uri)).await {
        Ok(addresses) => addresses.unwrap_or_default(),
        Err(_) => return Ok(Err(UnreachableKind::LookupTimeout)),
    };
    let Some(&address) = addresses.first() else { return Ok(Err(UnreachableKind::HostNotFound)) };
    let is_local = addresses.iter().all(|address| address.ip().to_canonical().is_loopback());
    if !is_local && !args.yes_this_is_my_endpoint {
        return Err(failure(
            "this endpoint is not on this machine, and would get forgeries and events that look \
             real; if it is your own, add --yes-this-is-my-endpoint",
        ));
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Ok(Ok(Patient {
        sender,
        key,
        raw: (uri.scheme_str() == Some("http")).then_some((address, path)),
        runs_url: args.runs_url.clone(),
        accepts: false,
    }))
}

/// All addresses of a URL's host.
async fn resolve(uri: &Uri) -> std::io::Result<Vec<SocketAddr>> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

/// What was found; each finding is shown at once.
struct Report<'a> {
    console: &'a mut Console,
    /// Whether warnings count as failures for the exit status.
    is_strict: bool,
    counts: [usize; 4],
    /// The slowest answer that was an acceptance.
    slowest: std::time::Duration,
}

impl<'a> Report<'a> {
    fn new(console: &'a mut Console, is_strict: bool) -> Self {
        Self { console, is_strict, counts: [0; 4], slowest: std::time::Duration::ZERO }
    }

    /// Shows what is being tested.
    fn trying(&mut self, what: &str) {
        self.console.progress(format_args!("testing: {what}"));
    }

    fn add(&mut self, finding: &Finding) -> Result<(), Failure> {
        if let Some(count) = self.counts.get_mut(finding.grade.place()) {
            *count += 1;
        }
        finding.show(self.console)
    }

    fn skip(&mut self, what: &str) -> Result<(), Failure> {
        self.add(&Finding::new(Grade::Skipped, what))
    }

    /// Remembers how long it took.
    fn time(&mut self, received: &Received) {
        if let Received::Answer(answer) = received {
            self.slowest = self.slowest.max(answer.elapsed);
        }
    }

    fn sum(self) -> Result<Verdict, Failure> {
        let [passed, warnings, failures, skipped] = self.counts;
        self.console.line(format_args!(
            "\n{passed} passed, {warnings} to look at, {failures} failed, {skipped} not tested"
        ))?;
        self.console.object(&json!({
            "passed": passed,
            "warnings": warnings,
            "failures": failures,
            "skipped": skipped,
        }))?;
        Ok(Verdict::of(failures == 0 && !(self.is_strict && warnings > 0)))
    }
}
