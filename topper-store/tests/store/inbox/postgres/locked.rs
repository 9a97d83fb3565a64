//! An event that `Once` claims while it is accepted: another transaction has its row at that moment.

use std::time::Duration;

use sqlx::PgPool;
use tokio::time::{sleep, timeout};
use topper_store::{
    EventKey, Lease, PostgresStore, Store as _,
    inbox::{Acceptance, InboxStore as _},
};

use super::{LONG, Sender, number, open};

/// Statements of this database that wait for a row.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn until_waiting(url: &str, count: i64) -> bool {
    let waiting = async {
        while number(url, WAITING).await != count {
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
    if !until_waiting(&url, 1).await {
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
    if !until_waiting(&url, 2).await {
        return None;
    }
    first.commit().await.unwrap();
    let second = claiming.await.unwrap()?;
    if !until_waiting(&url, 1).await {
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
    for number in 0..10 {
        if let Some(found) = accepted_while_claimed(&number.to_string()).await {
            assert_eq!(found, (Acceptance::InProgress, 0));
            return;
        }
    }
    panic!("the claim never came between");
}
