//! Accepting and completing in a transaction.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::{sleep, timeout};
use topper_core::{Outcome, Reply, Retry, Webhook};
use topper_store::{
    Inbox, SqliteInbox,
    inbox::{
        Acceptance, BoxFuture, EventFilter, EventState, InboxStore as _, TransactionalInbox as _,
    },
    sqlx::{
        self, ConnectOptions as _, Connection as _, Sqlite as Database, SqlitePool, Transaction,
        sqlite::SqliteConnectOptions,
    },
};

use super::{LONG, Signer, Sqlite, is_body_of, take_one};

#[tokio::test(flavor = "multi_thread")]
async fn accepts_what_is_committed_and_nothing_that_is_rolled_back() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let pool = sqlite.pool().await;
    let inbox = Inbox::new(SqliteInbox::new(&pool).await.unwrap());
    for (begin, commits, acceptance) in [
        ("BEGIN IMMEDIATE", false, Acceptance::Accepted),
        ("BEGIN", false, Acceptance::Accepted),
        ("BEGIN", true, Acceptance::Accepted),
        ("BEGIN IMMEDIATE", true, Acceptance::Duplicate),
    ] {
        let mut transaction = pool.begin_with(begin).await.unwrap();
        let webhook = signer.webhook("id");
        assert_eq!(inbox.accept_in(&mut transaction, &webhook).await.unwrap(), acceptance);
        // Once more in the same.
        let again = inbox.accept_in(&mut transaction, &webhook).await.unwrap();
        assert_eq!(again, Acceptance::Duplicate);
        if commits {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
            assert!(!inbox.store().is_due().await.unwrap());
        }
    }
    assert_eq!(inbox.accept(&signer.webhook("id")).await, Reply::Duplicate);
    let taken = take_one(inbox.store()).await;
    assert!(is_body_of(&taken.body, "id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn completes_when_it_commits_and_only_under_the_lease() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let inbox = sqlite.inbox().await;
    inbox.accept(&signer.event("id")).await.unwrap();
    let stale = inbox.take(&[1; 16], 1, Duration::ZERO).await.unwrap().events.remove(0).lease;
    let lease = take_one(&inbox).await.lease;
    let is_done = async || {
        let events = inbox.list(&EventFilter::default(), 0, 10).await.unwrap();
        events.first().unwrap().state == EventState::Done
    };
    for (lease, commits, completes) in
        [(&stale, true, false), (&lease, false, true), (&lease, true, true), (&lease, true, false)]
    {
        let was_done = is_done().await;
        let mut transaction = inbox.begin().await.unwrap();
        let is_completed = SqliteInbox::complete_in(&mut transaction, lease).await.unwrap();
        assert_eq!(is_completed, completes);
        if commits {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        assert_eq!(is_done().await, was_done || commits && completes);
    }
    assert!(inbox.take(&[1; 16], 1, LONG).await.unwrap().events.is_empty());
}

/// A transaction that only reads at first could not write any more once another has written.
#[tokio::test(flavor = "multi_thread")]
async fn keeps_others_from_writing_from_its_beginning() {
    let sqlite = Sqlite::new();
    let options = SqliteConnectOptions::new().filename(sqlite.path("topper.db"));
    let mut other =
        options.create_if_missing(true).busy_timeout(Duration::ZERO).connect().await.unwrap();
    for inbox in [sqlite.inbox().await, SqliteInbox::new(&sqlite.pool().await).await.unwrap()] {
        let transaction = inbox.begin().await.unwrap();
        let busy = other.begin_with("BEGIN IMMEDIATE").await.err().unwrap();
        assert!(busy.to_string().contains("locked"), "{busy}");
        transaction.rollback().await.unwrap();
        other.begin_with("BEGIN IMMEDIATE").await.unwrap().rollback().await.unwrap();
    }
}

fn credit<'t>(
    transaction: &'t mut Transaction<'static, Database>,
    webhook: Webhook,
    calls: &Arc<AtomicU32>,
) -> BoxFuture<'t> {
    let call = calls.fetch_add(1, Ordering::Relaxed) % 8;
    Box::pin(async move {
        sqlx::query("INSERT INTO credit VALUES (?1)")
            .bind(if call < 2 { "must not stay" } else { webhook.id() })
            .execute(&mut **transaction)
            .await?;
        sleep(Duration::from_millis(5)).await;
        // After its effect, which must not stay.
        match call {
            0 => Err(Retry::from("the ledger is closed")),
            1 => Ok(Outcome::InProgress),
            _ => Ok(Outcome::Processed),
        }
    })
}

/// With 16 handlers that wait for each other, and events that arrive meanwhile.
async fn credits_each_once(inbox: SqliteInbox, pool: SqlitePool) {
    const EVENTS: usize = 60;
    sqlx::query("CREATE TABLE credit (event TEXT NOT NULL)").execute(&pool).await.unwrap();
    let signer = Signer::new();
    let inbox = Inbox::new(inbox);
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let worker = inbox.work_in_transaction(move |tx, webhook| credit(tx, webhook, &calls)).start();
    for number in 0..EVENTS {
        let acceptance = inbox.store().accept(&signer.event(&number.to_string())).await;
        assert_eq!(acceptance.unwrap(), Acceptance::Accepted);
    }
    let is_done = async {
        loop {
            let stats = inbox.store().stats().await.unwrap();
            if stats.pending + stats.in_work == 0 {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(timeout(Duration::from_secs(60), is_done).await.is_ok());
    worker.drain().await;
    let credits: Vec<String> =
        sqlx::query_scalar("SELECT event FROM credit").fetch_all(&pool).await.unwrap();
    let mut different = credits.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!((credits.len(), different.len()), (EVENTS, EVENTS));
    assert!(!different.iter().any(|event| event == "must not stay"));
    assert!(counted.load(Ordering::Relaxed) > 70, "none has failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_in_transactions_of_the_programs_own_pool() {
    let sqlite = Sqlite::new();
    let pool = sqlite.pool().await;
    credits_each_once(SqliteInbox::new(&pool).await.unwrap(), pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn works_in_transactions_without_a_pool() {
    let sqlite = Sqlite::new();
    credits_each_once(sqlite.inbox().await, sqlite.pool().await).await;
}
