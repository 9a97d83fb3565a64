//! What another transaction has locked: an event that `Once` claims while it is accepted, or a table.

use std::time::Duration;

use sqlx::PgPool;
use tokio::time::{sleep, timeout};
use topper_store::{
    EventKey, Lease, PostgresInbox, PostgresStore, Store as _,
    inbox::{Acceptance, AttemptEnd, Change, EventFilter, EventState, InboxStore as _, NewEvent},
};

use super::{LONG, Sender, event, number, open, take, take_one};
use crate::fault::proxy::Proxy;

/// Statements of this database that wait for a row.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn until_waiting(url: &str, count: i64, since: &str) -> bool {
    let waiting_since = format!("{WAITING} AND query_start > '{since}'");
    let waiting = async {
        while number(url, &waiting_since).await != count {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(1), waiting).await.is_ok()
}

/// `None` if the acceptance came between the two others.
async fn accepted_while_claimed(id: &str) -> Option<(Acceptance, i64)> {
    let (inbox, url) = open().await?;
    let store = PostgresStore::connect(&url).await.unwrap();
    let expired = Lease::new(EventKey::new("default", id)).unwrap();
    assert!(store.claim(&expired, Duration::ZERO).await.unwrap().is_new());
    let pool = PgPool::connect(&url).await.unwrap();
    // The acceptance first inserts, and then reads what is there. Two transactions hold it up, one at each.
    let mut first = pool.begin().await.unwrap();
    let touch = "UPDATE topper_event SET attempts = attempts";
    sqlx::query(touch).execute(&mut *first).await.unwrap();
    let event = Sender::new().event(id);
    let accepting = tokio::spawn(async move { inbox.accept(&event).await });
    if !until_waiting(&url, 1, "-infinity").await {
        return None;
    }
    let mut second = pool.begin().await.unwrap();
    let claiming = tokio::spawn(async move {
        // The acceptance may have come first.
        let claim = "UPDATE topper_event SET expires_at = clock_timestamp() + interval '10 minutes' \
                     WHERE done_at IS NULL";
        let claimed = sqlx::query(claim).execute(&mut *second).await.unwrap().rows_affected();
        (claimed == 1).then_some(second)
    });
    if !until_waiting(&url, 2, "-infinity").await {
        return None;
    }
    let now: String =
        sqlx::query_scalar("SELECT clock_timestamp()::text").fetch_one(&pool).await.unwrap();
    first.commit().await.unwrap();
    let second = claiming.await.unwrap()?;
    // That it reads, and not that it still inserts.
    if !until_waiting(&url, 1, &now).await {
        return None;
    }
    second.commit().await.unwrap();
    let acceptance = match accepting.await.unwrap() {
        Ok(acceptance) => acceptance,
        // On a busy machine it may have waited for too long.
        Err(error) if format!("{error:?}").contains("NoAnswer") => return None,
        Err(error) => panic!("{error:?}"),
    };
    store.renew(&expired, LONG).await.unwrap();
    Some((acceptance, number(&url, "SELECT count(*) FROM topper_inbox").await))
}

#[tokio::test(flavor = "multi_thread")]
async fn is_in_progress_and_not_accepted() {
    if crate::server::postgres::database().await.is_none() {
        return;
    }
    for number in 0..50 {
        if let Some(found) = accepted_while_claimed(&number.to_string()).await {
            assert_eq!(found, (Acceptance::InProgress, 0));
            return;
        }
    }
    panic!("the claim never came between");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_locked_for_a_moment_is_looked_at_later() {
    let Some((inbox, url)) = open().await else { return };
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    let pool = PgPool::connect(&url).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE topper_inbox").execute(&mut *transaction).await.unwrap();
    assert!(inbox.is_due().await.unwrap());
    let taken = inbox.take(&[1; 16], 10, LONG).await.unwrap();
    assert!(taken.events.is_empty() && taken.is_more);
    transaction.commit().await.unwrap();
    assert_eq!(take(&inbox, 10).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_that_are_accepted_in_one_message_one_is_the_first() {
    let Some((_, direct)) = open().await else { return };
    let (proxy, url) = Proxy::before(&direct).await;
    let (inbox, sender) = (PostgresInbox::connect(&url).await.unwrap(), Sender::new());
    // So that they wait for each other, and go together.
    proxy.delay(Duration::from_millis(20));
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let (inbox, event) = (inbox.clone(), sender.event(&(number / 10).to_string()));
            tokio::spawn(async move { inbox.accept(&event).await.unwrap() })
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        accepted += usize::from(task.await.unwrap() == Acceptance::Accepted);
    }
    assert_eq!(accepted, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_waits_for_no_other_event_of_its_order() {
    let Some((inbox, url)) = open().await else { return };
    let sender = Sender::new();
    let accept = async |id: &str, updated_at: &str| {
        let event = event(id).order_id("the order").updated_at(updated_at);
        inbox.accept(&NewEvent::from(&sender.sign(&event))).await.unwrap();
    };
    accept("later", "2026-01-02T00:00:00Z").await;
    let lease = take_one(&inbox).await;
    accept("earlier", "2026-01-01T00:00:00Z").await;
    let pool = PgPool::connect(&url).await.unwrap();
    let waits = "UPDATE topper_inbox SET due_at = now() + interval '1 hour' WHERE owner IS NULL";
    assert_eq!(sqlx::query(waits).execute(&pool).await.unwrap().rows_affected(), 1);

    let mut transaction = pool.begin().await.unwrap();
    let lock = "SELECT FROM topper_inbox WHERE owner IS NULL FOR UPDATE";
    sqlx::query(lock).execute(&mut *transaction).await.unwrap();
    let failed =
        || AttemptEnd::Failed { error: "no".to_owned(), retry_in: Duration::from_secs(60) };
    inbox.end(&lease, &failed()).await.unwrap();
    transaction.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_and_a_purge_pass_over_what_is_locked() {
    let Some((inbox, url)) = open().await else { return };
    let sender = Sender::new();
    for id in ["locked", "done"] {
        inbox.accept(&sender.event(id)).await.unwrap();
    }
    for taken in inbox.take(&[1; 16], 10, LONG).await.unwrap().events {
        inbox.end(&taken.lease, &AttemptEnd::Done).await.unwrap();
    }
    sleep(Duration::from_millis(10)).await;
    let pool = PgPool::connect(&url).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let lock = "SELECT FROM topper_inbox ORDER BY row LIMIT 1 FOR UPDATE";
    sqlx::query(lock).execute(&mut *transaction).await.unwrap();
    let done = EventFilter { state: Some(EventState::Done), ..EventFilter::default() };
    assert_eq!(inbox.purge(Duration::ZERO, 10).await.unwrap(), 1);
    assert_eq!(inbox.change(&done, Change::Retry, 0, 10).await.unwrap().count, 0);
    transaction.rollback().await.unwrap();
    assert_eq!(inbox.change(&done, Change::Retry, 0, 10).await.unwrap().count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_passes_over_what_is_locked() {
    let Some((inbox, url)) = open().await else { return };
    let sender = Sender::new();
    for id in ["locked", "free"] {
        inbox.accept(&sender.event(id)).await.unwrap();
    }
    let pool = PgPool::connect(&url).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let lock = "SELECT FROM topper_inbox ORDER BY row LIMIT 1 FOR UPDATE";
    sqlx::query(lock).execute(&mut *transaction).await.unwrap();
    assert_eq!(take_one(&inbox).await.key().id(), "free");
    transaction.rollback().await.unwrap();
    assert_eq!(take_one(&inbox).await.key().id(), "locked");
}
