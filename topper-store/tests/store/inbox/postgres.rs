//! The inbox in PostgreSQL.

mod fault;
mod listen;
mod locked;
mod operator;
mod plan;
mod pooler;
mod rights;
mod transaction;

use std::time::Duration;

use sqlx::PgPool;
use topper_conformance::inbox::Backend;
use topper_core::Reply;
use topper_store::{
    Claim, EventKey, Inbox, Lease, LeaseError, PostgresInbox, PostgresStore, Store as _,
    inbox::{Acceptance, AttemptEnd, InboxLease, InboxStore as _, NewEvent},
};

use super::{LONG, OWNER, Runs, Sender, event, take, take_one};
use crate::{fault::proxy::Proxy, server::postgres::database};

/// A database of its own.
struct Postgres(String);

impl Backend for Postgres {
    type Store = PostgresInbox;

    async fn empty() -> Option<Self> {
        Some(Self(database().await?))
    }

    async fn connect(&self) -> PostgresInbox {
        PostgresInbox::connect(&self.0).await.unwrap()
    }
}

topper_conformance::inbox_conformance!(Postgres);

/// An inbox in a database of its own, and the URL of that.
async fn open() -> Option<(PostgresInbox, String)> {
    let url = database().await?;
    Some((PostgresInbox::connect(&url).await.unwrap(), url))
}

async fn execute(url: &str, statements: &str) {
    let pool = PgPool::connect(url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
}

async fn number(url: &str, query: &str) -> i64 {
    let pool = PgPool::connect(url).await.unwrap();
    let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned()));
    let number = query.fetch_one(&pool).await.unwrap();
    pool.close().await;
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn gives_back_what_it_was_given() {
    let Some((inbox, _)) = open().await else { return };
    let sender = Sender::new();
    let webhook = sender.webhook("the-\0-id");
    let event = NewEvent::from(&webhook);
    assert_eq!(inbox.accept(&event).await.unwrap(), Acceptance::Accepted);
    assert!(inbox.is_due().await.unwrap());
    let taken = take(&inbox, 10).await;
    let [taken] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!(taken.lease.key(), event.key());
    assert_eq!(taken.body, webhook.body());
    assert_eq!(taken.signature, webhook.signature());
    assert_eq!(taken.public_key, event.public_key());
    assert_eq!((taken.attempts, taken.tries, taken.was_cut_off), (1, 1, false));
    assert!(taken.age < Duration::from_secs(30));
    assert!(!inbox.is_due().await.unwrap());
    assert!(take(&inbox, 10).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_for_what_once_has_done_or_is_doing() {
    let Some((inbox, url)) = open().await else { return };
    let (store, sender) = (PostgresStore::connect(&url).await.unwrap(), Sender::new());
    let lease = |id: &str| Lease::new(EventKey::new("default", id)).unwrap();
    let (done, held, expired) = (lease("done"), lease("held"), lease("expired"));
    for (lease, term) in [(&done, LONG), (&held, LONG), (&expired, Duration::ZERO)] {
        assert!(matches!(store.claim(lease, term).await.unwrap(), Claim::New(_)));
    }
    store.complete(&done).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    // The same id under another label.
    let elsewhere = Lease::new(EventKey::new("another", "held")).unwrap();
    assert!(matches!(store.claim(&elsewhere, LONG).await.unwrap(), Claim::New(_)));
    store.complete(&elsewhere).await.unwrap();
    for (lease, is_marked) in [(&done, true), (&held, false), (&elsewhere, true)] {
        assert_eq!(inbox.is_marked(lease.key()).await.unwrap(), is_marked);
    }
    for (id, acceptance) in [
        ("done", Acceptance::Duplicate),
        ("held", Acceptance::InProgress),
        ("expired", Acceptance::Accepted),
    ] {
        assert_eq!(inbox.accept(&sender.event(id)).await.unwrap(), acceptance, "{id}");
    }
    // The mark is that of the inbox.
    assert_eq!(store.claim(&lease("expired"), LONG).await.unwrap(), Claim::Done);
    assert!(matches!(store.complete(&expired).await, Err(LeaseError::Lost)));
    assert_eq!(take_one(&inbox).await.key().id(), "expired");
    // And once more, when there is nothing to wait for any more.
    store.release(&held, None).await.unwrap();
    let again = inbox.accept(&sender.event("held")).await.unwrap();
    assert_eq!(again, Acceptance::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepts_one_of_many_of_the_same_event() {
    let Some((inbox, url)) = open().await else { return };
    let (other, sender) = (PostgresInbox::connect(&url).await.unwrap(), Sender::new());
    for round in 0..20 {
        let event = sender.event(&round.to_string());
        let accepting = (0..40).map(|number| {
            let inbox = if number % 2 == 0 { inbox.clone() } else { other.clone() };
            let event = event.clone();
            tokio::spawn(async move { inbox.accept(&event).await.unwrap() })
        });
        let (mut accepted, mut duplicates) = (0, 0);
        for accepting in accepting.collect::<Vec<_>>() {
            match accepting.await.unwrap() {
                Acceptance::Accepted => accepted += 1,
                Acceptance::Duplicate => duplicates += 1,
                Acceptance::InProgress => panic!("nobody leases it"),
            }
        }
        assert_eq!((accepted, duplicates), (1, 39));
    }
    assert_eq!(take(&inbox, 100).await.len(), 20);
    let rows = "SELECT (SELECT count(*) FROM topper_inbox) + (SELECT count(*) FROM topper_body)";
    assert_eq!(number(&url, rows).await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_again_what_it_has_ended_and_nothing_that_another_has() {
    let Some((inbox, _)) = open().await else { return };
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    let lease = take_one(&inbox).await;
    let stranger = InboxLease::new(lease.key().clone(), lease.row(), [8; 16]);
    for end in [AttemptEnd::Done, AttemptEnd::GivenBack { retry_in: LONG }] {
        assert!(matches!(inbox.end(&stranger, &end).await, Err(LeaseError::Lost)));
    }
    assert!(matches!(inbox.renew(&stranger, LONG).await, Err(LeaseError::Lost)));
    inbox.renew(&lease, LONG).await.unwrap();
    // A renewal that is under way does not stand against the end.
    let (renewed, first, second) = tokio::join!(
        inbox.renew(&lease, LONG),
        inbox.end(&lease, &AttemptEnd::Done),
        inbox.end(&lease, &AttemptEnd::Done),
    );
    assert!(matches!(renewed, Ok(()) | Err(LeaseError::Lost)));
    first.unwrap();
    second.unwrap();
    inbox.end(&lease, &AttemptEnd::Done).await.unwrap();
    assert!(matches!(inbox.renew(&lease, LONG).await, Err(LeaseError::Lost)));
    assert_eq!(inbox.stats().await.unwrap().done_today, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_yesterday_does_not_count_as_done_today() {
    let Some((inbox, url)) = open().await else { return };
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    inbox.end(&take_one(&inbox).await, &AttemptEnd::Done).await.unwrap();
    execute(&url, "UPDATE topper_inbox SET done_at = done_at - interval '1 day'").await;
    assert_eq!(inbox.stats().await.unwrap().done_today, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_what_is_due_behind_many_events_of_an_order_in_work() {
    let Some((inbox, _)) = open().await else { return };
    let sender = Sender::new();
    for number in 0..200 {
        let event = event(&number.to_string()).order_id("the order");
        inbox.accept(&NewEvent::from(&sender.sign(&event))).await.unwrap();
    }
    let first = take_one(&inbox).await;
    assert_eq!(first.key().id(), "0");
    inbox.accept(&sender.event("free")).await.unwrap();
    let taken = inbox.take(&OWNER, 10, LONG).await.unwrap();
    let ids: Vec<_> = taken.events.iter().map(|taken| taken.lease.key().id()).collect();
    assert_eq!(ids, ["free"]);
    assert!(taken.is_more);
    inbox.end(&first, &AttemptEnd::Done).await.unwrap();
    assert_eq!(take_one(&inbox).await.key().id(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_ids_of_orders_of_any_length() {
    let Some((inbox, _)) = open().await else { return };
    let sender = Sender::new();
    // Nothing that could be compressed, and the same at the beginning.
    let mut random = vec![0; 8000];
    getrandom(&mut random);
    let long: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    for order in ["a", "b"] {
        let event = event(order).order_id(&format!("{long}{order}"));
        let event = NewEvent::from(&sender.sign(&event));
        assert_eq!(inbox.accept(&event).await.unwrap(), Acceptance::Accepted);
    }
    assert_eq!(take(&inbox, 10).await.len(), 2, "they are of different orders");
}

#[tokio::test(flavor = "multi_thread")]
async fn accepts_an_event_although_the_first_answer_is_lost() {
    let Some(direct) = database().await else { return };
    let (proxy, url) = Proxy::before(&direct).await;
    let (inbox, event) = (PostgresInbox::connect(&url).await.unwrap(), Sender::new().event("id"));
    proxy.delay(Duration::from_millis(400));
    let accepting = tokio::spawn({
        let (inbox, event) = (inbox.clone(), event.clone());
        async move { inbox.accept(&event).await }
    });
    let stored = "SELECT count(*) FROM topper_inbox";
    // On a very slow machine the answer may come first.
    while number(&direct, stored).await == 0 && !accepting.is_finished() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    proxy.cut();
    tokio::time::sleep(Duration::from_millis(50)).await;
    proxy.delay(Duration::ZERO);
    assert_eq!(accepting.await.unwrap().unwrap(), Acceptance::Accepted);
    assert_eq!(inbox.accept(&event).await.unwrap(), Acceptance::Duplicate);
    assert_eq!(take(&inbox, 10).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_ask_whether_it_can_be_written_to_writes_no_event() {
    let Some((inbox, url)) = open().await else { return };
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    let version = "SELECT sum(xmin::text::bigint)::bigint FROM topper_inbox";
    let before = number(&url, version).await;
    inbox.can_write().await.unwrap();
    assert_eq!(number(&url, version).await, before);
}

fn getrandom(bytes: &mut [u8]) {
    use std::io::Read as _;
    std::fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn wakes_a_worker_on_another_connection() {
    let Some((store, url)) = open().await else { return };
    let (inbox, sender) = (Inbox::new(store), Sender::new());
    let (runs, elsewhere) = (Runs::default(), Inbox::open(&url).await.unwrap());
    let worker = runs.worker(&elsewhere).start();
    // Until it listens.
    assert_eq!(inbox.accept(&sender.webhook("first")).await, Reply::Accepted);
    runs.are(1, Duration::from_secs(5)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut times = Vec::new();
    for number in 0..10 {
        assert_eq!(inbox.accept(&sender.webhook(&number.to_string())).await, Reply::Accepted);
        times.push(runs.are(number + 2, Duration::from_secs(5)).await);
        // Not in step with the worker's own looks.
        tokio::time::sleep(Duration::from_millis(70)).await;
    }
    times.sort_unstable();
    assert!(times.iter().max().unwrap() < &Duration::from_millis(500), "{times:?}");
    // Of several in a row the last is told of, too.
    for number in 20..40 {
        assert_eq!(inbox.accept(&sender.webhook(&number.to_string())).await, Reply::Accepted);
    }
    let elapsed = runs.are(31, Duration::from_secs(5)).await;
    assert!(elapsed < Duration::from_millis(500), "{elapsed:?}");
    worker.drain().await;
}

/// Not each acceptance tells them: they wait for each other's commits.
#[tokio::test(flavor = "multi_thread")]
async fn other_programs_are_told_of_what_is_accepted_soon_after_something_else() {
    let Some((inbox, url)) = open().await else { return };
    let (other, sender) = (PostgresInbox::connect(&url).await.unwrap(), Sender::new());
    // The first may wake it because its connection begins.
    other.woken().await;
    for round in 0..5 {
        for part in ["first", "soon after"] {
            let event = sender.event(&format!("{round} {part}"));
            assert_eq!(inbox.accept(&event).await.unwrap(), Acceptance::Accepted);
            let woken = tokio::time::timeout(Duration::from_secs(2), other.woken()).await;
            assert!(woken.is_ok(), "{round}: {part}");
        }
    }
}
