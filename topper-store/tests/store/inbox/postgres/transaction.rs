//! Accepting and completing in a transaction of the caller.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use sqlx::PgPool;
use topper_core::Outcome;
use topper_store::{
    PostgresInbox,
    inbox::{Acceptance, AttemptEnd, InboxStore as _, TransactionalInbox as _},
};

use super::{LONG, Runs, Sender, database, execute, open, take, take_one};

#[tokio::test(flavor = "multi_thread")]
async fn accepts_when_the_transaction_commits_and_not_when_it_rolls_back() {
    let Some((inbox, url)) = open().await else { return };
    let (pool, event) = (PgPool::connect(&url).await.unwrap(), Sender::new().event("id"));
    let mut transaction = pool.begin().await.unwrap();
    for acceptance in [Acceptance::Accepted, Acceptance::Duplicate] {
        let accepted = PostgresInbox::accept_in(&mut transaction, &event).await.unwrap();
        assert_eq!(accepted, acceptance);
    }
    assert!(!inbox.is_due().await.unwrap());
    transaction.rollback().await.unwrap();
    assert!(take(&inbox, 1).await.is_empty());

    let mut transaction = pool.begin().await.unwrap();
    let accepted = PostgresInbox::accept_in(&mut transaction, &event).await.unwrap();
    assert_eq!(accepted, Acceptance::Accepted);
    // While it is open, one that also wants it waits; then it is a duplicate.
    let other = {
        let (pool, event) = (pool.clone(), event.clone());
        tokio::spawn(async move {
            let mut transaction = pool.begin().await.unwrap();
            let accepted = PostgresInbox::accept_in(&mut transaction, &event).await.unwrap();
            transaction.commit().await.unwrap();
            accepted
        })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    transaction.commit().await.unwrap();
    assert_eq!(other.await.unwrap(), Acceptance::Duplicate);
    assert_eq!(inbox.accept(&event).await.unwrap(), Acceptance::Duplicate);
    assert_eq!(take(&inbox, 10).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_at_once_what_was_accepted_long_before_its_transaction_committed() {
    let Some((store, url)) = open().await else { return };
    let (pool, sender) = (PgPool::connect(&url).await.unwrap(), Sender::new());
    let (inbox, runs) = (topper_store::Inbox::new(store), Runs::default());
    let worker = runs.worker(&inbox).start();
    let mut transaction = pool.begin().await.unwrap();
    PostgresInbox::accept_in(&mut transaction, &sender.event("late")).await.unwrap();
    // The worker is far beyond it by then.
    for number in 0..30 {
        inbox.accept(&sender.webhook(&number.to_string())).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    runs.are(30, Duration::from_secs(5)).await;
    transaction.commit().await.unwrap();
    runs.are(31, Duration::from_millis(1500)).await;
    worker.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn completes_when_the_transaction_commits_and_not_when_it_rolls_back() {
    let Some((inbox, _)) = open().await else { return };
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    let lease = take_one(&inbox).await;
    let mut transaction = inbox.begin().await.unwrap();
    assert!(PostgresInbox::complete_in(&mut transaction, &lease).await.unwrap());
    let started = Instant::now();
    inbox.renew(&lease, LONG).await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(200), "it waited {:?}", started.elapsed());
    // How it ends is open.
    inbox.end(&lease, &AttemptEnd::Done).await.unwrap_err();
    transaction.rollback().await.unwrap();
    inbox.renew(&lease, LONG).await.unwrap();

    let mut transaction = inbox.begin().await.unwrap();
    assert!(PostgresInbox::complete_in(&mut transaction, &lease).await.unwrap());
    assert!(!PostgresInbox::complete_in(&mut transaction, &lease).await.unwrap());
    transaction.commit().await.unwrap();
    inbox.renew(&lease, LONG).await.unwrap_err();
    // The answer to the commit may have got lost.
    inbox.end(&lease, &AttemptEnd::Done).await.unwrap();
    assert_eq!(inbox.stats().await.unwrap().done_today, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn completes_what_was_renewed_meanwhile_whatever_the_default_isolation_is() {
    let Some(url) = database().await else { return };
    let (_, name) = url.rsplit_once('/').unwrap();
    let level = format!("ALTER DATABASE {name} SET default_transaction_isolation = serializable");
    execute(&url, &level).await;
    let inbox = PostgresInbox::connect(&url).await.unwrap();
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    let lease = take_one(&inbox).await;
    let mut transaction = inbox.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM topper_inbox").execute(&mut *transaction).await.unwrap();
    inbox.renew(&lease, LONG).await.unwrap();
    assert!(PostgresInbox::complete_in(&mut transaction, &lease).await.unwrap());
    transaction.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_a_connection_again_until_it_is_read_only() {
    let Some((inbox, _)) = open().await else { return };
    // A session that can only read is what a connection to a former primary is.
    let session = async |setting: &str| -> i32 {
        let mut transaction = inbox.begin().await.unwrap();
        let sets = "SELECT pg_backend_pid() FROM \
            set_config('default_transaction_read_only', $1, false)";
        let process = sqlx::query_scalar(sets).bind(setting);
        let process = process.fetch_one(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        process
    };
    // It is given back in the background, so the next may be another one.
    let (mut used, started) = (HashSet::new(), Instant::now());
    while used.insert(session("off").await) {
        assert!(
            started.elapsed().as_secs() < 10,
            "none of {} connections is used again",
            used.len()
        );
    }
    let is_read_only = session("on").await;
    for _ in 0..20 {
        assert_ne!(session("off").await, is_read_only);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn has_the_effect_of_each_event_once() {
    let Some(url) = database().await else { return };
    let pool = PgPool::connect(&url).await.unwrap();
    let store = PostgresInbox::new(&pool).await.unwrap();
    execute(&url, "CREATE TABLE credit (id text)").await;
    let (inbox, sender) = (topper_store::Inbox::new(store), Sender::new());
    for number in 0..100 {
        inbox.accept(&sender.webhook(&number.to_string())).await;
    }
    let fails_once = std::sync::Arc::new(std::sync::Mutex::new(HashSet::new()));
    let worker = inbox
        .work_in_transaction(move |tx, webhook| {
            let is_first = fails_once.lock().unwrap().insert(webhook.id().to_owned());
            Box::pin(async move {
                let fails = is_first && webhook.id().ends_with('7');
                let is_retried = is_first && webhook.id().ends_with('8');
                sqlx::query("INSERT INTO credit VALUES ($1)")
                    .bind(if fails || is_retried { "must not stay" } else { webhook.id() })
                    .execute(&mut **tx)
                    .await?;
                if fails {
                    Err("not the first time")?;
                }
                Ok(if is_retried { Outcome::InProgress } else { Outcome::Processed })
            })
        })
        .start();
    for _ in 0..100 {
        if inbox.store().stats().await.unwrap().done_today == 100 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    worker.drain().await;
    let effects = "SELECT count(*) * 1000 + count(DISTINCT id) FROM credit";
    assert_eq!(super::number(&url, effects).await, 100_100);
    let rolled_back = "SELECT count(*) FROM credit WHERE id = 'must not stay'";
    assert_eq!(super::number(&url, rolled_back).await, 0);
}

/// A handler waits for a connection for longer than it takes to make one.
#[tokio::test(flavor = "multi_thread")]
async fn waits_while_other_handlers_have_all_connections() {
    let Some((inbox, _)) = open().await else { return };
    let mut transactions = Vec::new();
    for _ in 0..16 {
        transactions.push(inbox.begin().await.unwrap());
    }
    let beginning = tokio::spawn({
        let inbox = inbox.clone();
        async move { inbox.begin().await.map(drop) }
    });
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(!beginning.is_finished());
    drop(transactions.pop());
    let begun = tokio::time::timeout(Duration::from_secs(5), beginning).await;
    begun.unwrap().unwrap().unwrap();
}
