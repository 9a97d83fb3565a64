//! What is logged of a delivery: one line with its outcome, and one more when its work ends late.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use tokio::time::{sleep, timeout};
use topper_core::{EventName, Outcome, Reply, Retry, Verifier, Webhook};
use topper_store::{
    Claim, EventKey, Lease, LeaseError, MemoryStore, Once, SqliteStore, Store, StoreError,
};
use topper_testkit::{Delivery, EventBuilder, TestKey};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    pub(crate) fn all(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn with(&self, part: &str) -> Vec<String> {
        self.all().into_iter().filter(|line| line.contains(part)).collect()
    }

    /// The only line with an outcome.
    fn outcome(&self) -> String {
        let mut lines = self.with(" outcome=");
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }
}

/// Runs it on one thread, which logs into the lines.
pub(crate) fn run<F: Future<Output = ()>>(test: impl FnOnce(Lines) -> F) {
    run_at(LevelFilter::INFO, test);
}

/// As [`run`], with all that is logged at this level.
pub(crate) fn run_at<F: Future<Output = ()>>(level: LevelFilter, test: impl FnOnce(Lines) -> F) {
    // With a single subscriber, tracing asks the thread that comes to a line of code first whether
    // it is of interest, and that may be one of another test, which has none.
    static SECOND: LazyLock<tracing::Dispatch> =
        LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));
    LazyLock::force(&SECOND);
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .without_time()
        .with_writer(lines.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(test(lines)));
}

pub(crate) fn webhook(id: &str) -> Webhook {
    let key = TestKey::generate();
    let verifier =
        Verifier::builder().public_key(&key.public_jwk()).label("sandbox").build().unwrap();
    let event = EventBuilder::new(EventName::UserCreated).id(id).to_json();
    Delivery::signed(&key, event).verify(&verifier).unwrap()
}

fn assert_parts(line: &str, parts: &[&str]) {
    for part in ["webhook=\"sandbox\"", "event.name=user:created", "event.id=the-id", "kid="] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    for part in parts {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

async fn process(_: Webhook) -> Result<Outcome, Retry> {
    Ok(Outcome::Processed)
}

#[test]
fn says_in_one_line_how_each_delivery_ended() {
    run(async |lines: Lines| {
        let once = Once::new(MemoryStore::new());
        assert_eq!(once.run(webhook("the-id"), process).await, Reply::Processed);
        assert_parts(&lines.outcome(), &["INFO", "outcome=\"processed\"", "retried=false"]);
        assert_eq!(once.run(webhook("the-id"), process).await, Reply::Duplicate);
        assert_eq!(lines.with(" outcome=").len(), 2);
        assert_parts(lines.with("duplicate").first().unwrap(), &["INFO"]);
    });
}

#[test]
fn says_which_event_a_handler_failed_at_and_why() {
    run(async |lines: Lines| {
        let once = Once::new(MemoryStore::new());
        let fails = |_| async { Err("the ledger is closed")? };
        assert_eq!(once.run(webhook("the-id"), fails).await, Reply::Retry);
        let parts = ["ERROR", "outcome=\"retry\"", "retried=true", "error=the ledger is closed"];
        assert_parts(&lines.outcome(), &parts);
    });
}

#[test]
fn says_which_event_a_handler_panicked_at() {
    run(async |lines: Lines| {
        let once = Once::new(MemoryStore::new());
        let panics = |_| async { panic!("a panic that the test wants") };
        assert_eq!(once.run(webhook("the-id"), panics).await, Reply::Panicked);
        assert_parts(&lines.outcome(), &["ERROR", "outcome=\"panicked\"", "panicked"]);
    });
}

#[test]
fn says_what_became_of_work_that_ended_after_its_answer() {
    run(async |lines: Lines| {
        let once = Once::new(MemoryStore::new()).budget(Duration::from_millis(50));
        let slow = |_| async {
            sleep(Duration::from_millis(200)).await;
            Ok(Outcome::Processed)
        };
        assert_eq!(once.run(webhook("the-id"), slow).await, Reply::Retry);
        assert_parts(&lines.outcome(), &["WARN", "outcome=\"retry\"", "over its budget"]);
        once.drain().await;
        lines.outcome();
        let late = lines.with("late_outcome=");
        assert_eq!(late.len(), 1, "{late:?}");
        assert_parts(late.first().unwrap(), &["INFO", "late_outcome=\"processed\""]);
    });
}

#[test]
fn says_how_a_delivery_ended_whose_connection_dropped() {
    run(async |lines: Lines| {
        let once = Once::new(MemoryStore::new());
        let slow = |_| async {
            sleep(Duration::from_millis(100)).await;
            Ok(Outcome::Processed)
        };
        let dropped = timeout(Duration::from_millis(20), once.run(webhook("the-id"), slow)).await;
        assert!(dropped.is_err());
        once.drain().await;
        assert_parts(&lines.outcome(), &["INFO", "outcome=\"processed\""]);
    });
}

/// A store that is down.
pub(crate) struct Down;

impl Store for Down {
    async fn claim(&self, _: &Lease, _: Duration) -> Result<Claim, StoreError> {
        Err("nobody listens".into())
    }

    async fn renew(&self, _: &Lease, _: Duration) -> Result<(), LeaseError> {
        Err(StoreError::new("nobody listens").into())
    }

    async fn complete(&self, _: &Lease) -> Result<(), LeaseError> {
        Err(StoreError::new("nobody listens").into())
    }

    async fn release(&self, _: &Lease, _: Option<&str>) -> Result<(), LeaseError> {
        Err(StoreError::new("nobody listens").into())
    }
}

#[test]
fn says_why_a_store_could_not_be_asked() {
    run(async |lines: Lines| {
        let once = Once::new(Down);
        assert_eq!(once.run(webhook("the-id"), process).await, Reply::Retry);
        let cause = "error=before the handler ran, the store failed: nobody listens";
        assert_parts(&lines.outcome(), &["ERROR", "outcome=\"retry\"", cause]);
    });
}

const NEARLY_LOST: &str = "event is about to be lost";
const SENT_AGAIN: &str = "Topper sends the event again";

#[test]
fn does_not_say_that_an_event_comes_again_whose_last_attempt_is_over_its_budget() {
    run(async |lines: Lines| {
        let once = Once::new(MemoryStore::new());
        for _ in 0..9 {
            let fails = |_| async { Err("the ledger is closed")? };
            assert_eq!(once.run(webhook("the-id"), fails).await, Reply::Retry);
        }
        let once = once.budget(Duration::from_millis(50));
        let slow = |_| async {
            sleep(Duration::from_millis(200)).await;
            Err("the ledger is closed")?
        };
        assert_eq!(once.run(webhook("the-id"), slow).await, Reply::Retry);
        let over = lines.with("over its budget");
        assert_eq!(over.len(), 1, "{over:?}");
        assert_parts(&over[0], &["ERROR", " outcome=\"retry\"", "attempt=10", "the event is lost"]);
        once.drain().await;
        assert_eq!(lines.with(SENT_AGAIN).len(), 9);
        let late = lines.with("late_outcome=");
        assert_eq!(late.len(), 1, "{late:?}");
        assert_parts(&late[0], &["ERROR", NEARLY_LOST, "attempt=10", "error=the ledger is closed"]);
        assert_eq!(lines.with(" outcome=").len(), 10);
    });
}

#[test]
fn says_that_an_event_is_about_to_be_lost_from_the_tenth_attempt_on() {
    run(async |lines: Lines| {
        let once = Once::new(MemoryStore::new());
        for _ in 0..9 {
            let fails = |_| async { Err("the ledger is closed")? };
            assert_eq!(once.run(webhook("the-id"), fails).await, Reply::Retry);
        }
        assert_eq!(lines.with(NEARLY_LOST), [""; 0]);
        assert_eq!(lines.with(SENT_AGAIN).len(), 9);
        assert_parts(lines.with("attempt=9").first().unwrap(), &["ERROR", " outcome=\"retry\""]);
        let panics = |_| async { panic!("a panic that the test wants") };
        assert_eq!(once.run(webhook("the-id"), panics).await, Reply::Panicked);
        let nearly_lost = lines.with(NEARLY_LOST);
        assert_eq!(nearly_lost.len(), 1, "{nearly_lost:?}");
        assert_parts(
            nearly_lost.first().unwrap(),
            &[
                "ERROR",
                " outcome=\"panicked\"",
                "attempt=10",
                "since=0ns",
                "error=the handler panicked",
            ],
        );
        // It is not sent again, as far as anyone knows.
        assert_eq!(lines.with(SENT_AGAIN).len(), 9);
        // Each delivery has its line, and no other.
        assert_eq!(lines.all().len(), 10);
        assert_eq!(lines.with(" outcome=").len(), 10);
        assert_eq!(once.run(webhook("the-id"), process).await, Reply::Processed);
        assert_eq!(lines.with(NEARLY_LOST).len(), 1);
    });
}

#[test]
fn says_that_an_event_is_about_to_be_lost_two_and_a_half_hours_after_it_was_first_seen() {
    run(async |lines: Lines| {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("topper.db").display());
        let once = Once::new(SqliteStore::open(&url).await.unwrap());
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        let fails = |_| async { Err("the ledger is closed")? };
        assert_eq!(once.run(webhook("the-id"), fails).await, Reply::Retry);
        for (minutes, is_nearly_lost) in [(149, false), (2, true)] {
            sqlx::query("UPDATE topper_event SET first_seen_at = first_seen_at - ?1 * 60000")
                .bind(minutes)
                .execute(&pool)
                .await
                .unwrap();
            assert_eq!(once.run(webhook("the-id"), fails).await, Reply::Retry);
            assert_eq!(!lines.with(NEARLY_LOST).is_empty(), is_nearly_lost);
        }
        let nearly_lost = lines.with(NEARLY_LOST);
        assert_eq!(nearly_lost.len(), 1, "{nearly_lost:?}");
        assert_parts(nearly_lost.first().unwrap(), &["ERROR", "attempt=3", "since=90"]);
        assert_eq!(lines.with(" outcome=").len(), 3);
    });
}

#[test]
fn shares_a_store_behind_an_arc() {
    run(async |_| {
        let store = Arc::new(MemoryStore::new());
        let once = Once::new(Arc::clone(&store));
        assert_eq!(once.run(webhook("the-id"), process).await, Reply::Processed);
        let lease = Lease::new(EventKey::new("sandbox", "the-id")).unwrap();
        assert_eq!(store.claim(&lease, Duration::from_secs(1)).await.unwrap(), Claim::Done);
    });
}
