//! Tests an endpoint, and says what it should do better: what `doctor` and the page share.

use std::{net::SocketAddr, time::Duration};

use hyper::Uri;
use serde_json::{Value, json};
use topper_core::Fate;
use topper_testkit::{Delivery, Received, Sender, TestKey};

use crate::failure::Failure;

mod accept;
mod advice;
mod body;
mod finding;
mod forgery;
mod once;

pub(crate) use accept::unresolved;
#[cfg(test)]
pub(crate) use advice::all as texts;
pub(crate) use finding::Finding;

use finding::Grade;

/// Where the findings go, each as soon as it is there.
pub(crate) trait Sink: Send {
    /// Shows what is being tested.
    fn trying(&mut self, what: &str);

    fn add(&mut self, finding: &Finding) -> Result<(), Failure>;
}

/// The endpoint, and what is known about it so far.
pub(crate) struct Patient {
    sender: Sender,
    key: TestKey,
    /// For requests byte by byte; not over TLS.
    raw: Option<(SocketAddr, String)>,
    runs_url: Option<String>,
    /// Whether it accepts a valid event. Otherwise nothing that needs one is tested.
    accepts: bool,
}

impl Patient {
    /// The sender makes one attempt; the address is one of the URL's host.
    pub(crate) fn new(sender: Sender, key: TestKey, uri: &Uri, address: SocketAddr) -> Self {
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let raw = (uri.scheme_str() == Some("http")).then_some((address, path));
        Self { sender, key, raw, runs_url: None, accepts: false }
    }

    /// Where to ask how often an event was processed.
    pub(crate) fn with_runs_url(mut self, url: Option<String>) -> Self {
        self.runs_url = url;
        self
    }

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

/// Makes all checks that can be made.
pub(crate) async fn examine(mut patient: Patient, sink: &mut dyn Sink) -> Result<Counts, Failure> {
    let (patient, mut report) = (&mut patient, Report::new(sink));
    if !accept::valid(patient, &mut report).await? {
        return Ok(report.counts);
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
    Ok(report.counts)
}

/// All addresses of a URL's host.
pub(crate) async fn resolve(uri: &Uri) -> std::io::Result<Vec<SocketAddr>> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

/// Whether all of them are on this machine.
pub(crate) fn are_local(addresses: &[SocketAddr]) -> bool {
    addresses.iter().all(|address| address.ip().to_canonical().is_loopback())
}

/// How many checks came out in which way.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) warnings: usize,
    pub(crate) failures: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    fn add(&mut self, grade: Grade) {
        *match grade {
            Grade::Passed => &mut self.passed,
            Grade::Warning => &mut self.warnings,
            Grade::Failed => &mut self.failures,
            Grade::Skipped => &mut self.skipped,
        } += 1;
    }

    /// For programs.
    pub(crate) fn object(&self) -> Value {
        json!({
            "passed": self.passed,
            "warnings": self.warnings,
            "failures": self.failures,
            "skipped": self.skipped,
        })
    }
}

/// What was found.
struct Report<'a> {
    sink: &'a mut dyn Sink,
    counts: Counts,
    /// The slowest answer that was an acceptance.
    slowest: Duration,
}

impl<'a> Report<'a> {
    fn new(sink: &'a mut dyn Sink) -> Self {
        Self { sink, counts: Counts::default(), slowest: Duration::ZERO }
    }

    fn trying(&mut self, what: &str) {
        self.sink.trying(what);
    }

    fn add(&mut self, finding: &Finding) -> Result<(), Failure> {
        self.counts.add(finding.grade);
        self.sink.add(finding)
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
}
