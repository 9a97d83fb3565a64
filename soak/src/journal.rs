//! What is sent, answered and broken, as lines of a file that the checker reads.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// The journal of a run, and how many of its lines are of what.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    pub(crate) sent: AtomicUsize,
    pub(crate) kills: AtomicUsize,
    pub(crate) restarts: AtomicUsize,
    pub(crate) failures: AtomicUsize,
}

/// Whether a delivery is genuine.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Genuine,
    Forged,
    Junk,
}

/// One attempt at a delivery.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) kind: Kind,
    pub(crate) event: &'a str,
    /// The status, if there was an answer.
    pub(crate) status: Option<u16>,
    pub(crate) sent: u128,
    pub(crate) receiver: &'a str,
}

/// Microseconds since 1970: all programs of the run have the same clock.
pub(crate) fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros()
}

impl Journal {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::create(path)?,
            sent: AtomicUsize::default(),
            kills: AtomicUsize::default(),
            restarts: AtomicUsize::default(),
            failures: AtomicUsize::default(),
        })
    }

    pub(crate) fn sent(&self, attempt: &Attempt<'_>) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let kind = match attempt.kind {
            Kind::Genuine => "genuine",
            Kind::Forged => "forged",
            Kind::Junk => "junk",
        };
        let Attempt { event, sent, receiver, .. } = attempt;
        let status = attempt.status.unwrap_or_default();
        self.write(&format!("sent {kind} {event} {status} {sent} {} {receiver}", now()));
    }

    pub(crate) fn gave_up(&self, event: &str) {
        self.at_now("gave-up", event);
    }

    /// Written before the signal is sent.
    pub(crate) fn killed(&self, receiver: &str) {
        self.kills.fetch_add(1, Ordering::Relaxed);
        self.at_now("killed", receiver);
    }

    pub(crate) fn ended(&self, receiver: &str) {
        self.at_now("ended", receiver);
    }

    /// Written before the store fails.
    pub(crate) fn down(&self, store: &str) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.at_now("down", store);
    }

    /// Written when the store works again.
    pub(crate) fn up(&self, store: &str) {
        self.at_now("up", store);
    }

    fn at_now(&self, what: &str, name: &str) {
        self.write(&format!("{what} {name} {}", now()));
    }

    /// In one write, so that lines do not mix.
    fn write(&self, line: &str) {
        // A full disk shows in the checks: a missing line is an event that was never sent.
        drop((&self.file).write_all(format!("{line}\n").as_bytes()));
    }
}
