//! PgBouncer in transaction mode, whose clients share few connections to the server.

use std::time::Duration;

use sqlx::PgPool;
use topper_store::{AnyStore, Claim, EventKey, Lease, PostgresStore, Store as _};

use crate::{
    load::Load,
    server::{
        pgbouncer::PgBouncer,
        postgres::{Own, database},
    },
};

/// Other programs that share its connections, and name their statements as sqlx does.
async fn disturb(url: &str) -> tokio::task::JoinHandle<()> {
    let pool = PgPool::connect_lazy(&format!("{url}?statement-cache-capacity=0")).unwrap();
    tokio::spawn(async move {
        loop {
            // It fails often, for that is what such a pooler does to it.
            let _ = sqlx::query("SELECT $1::bytea, $2::bytea, $3::bytea, $4::bigint")
                .bind([1_u8].as_slice())
                .bind([2_u8].as_slice())
                .bind([3_u8].as_slice())
                .bind(4_i64)
                .execute(&pool)
                .await;
            let _ = sqlx::raw_sql("DEALLOCATE ALL").execute(&pool).await;
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_all_in_transaction_mode() {
    let Some(direct) = database().await else { return };
    for size in [1, 3] {
        let Some(pooler) = PgBouncer::before(&direct, "transaction", size).await else { return };
        for (url, at_once) in [
            (pooler.url(&direct), 1),
            (pooler.url(&direct), 16),
            (format!("{}?statement-cache-capacity=0", pooler.url(&direct)), 16),
        ] {
            let disturbing = disturb(&pooler.url(&direct)).await;
            sqlx::raw_sql("DROP TABLE IF EXISTS topper_event, topper_store_version, topper_inbox, topper_body")
                .execute(&PgPool::connect(&direct).await.unwrap())
                .await
                .unwrap();
            let mut load = Load::of(AnyStore::connect(&url).await.unwrap(), 400, at_once);
            load.is_done().await;
            assert_eq!(load.retried(), 0, "{size} connections, {at_once} at once");
            // A second receiver.
            AnyStore::connect(&url).await.unwrap();
            load.end().await;
            disturbing.abort();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_in_a_transaction_through_a_pooler() {
    let Some(direct) = database().await else { return };
    let Some(pooler) = PgBouncer::before(&direct, "transaction", 3).await else { return };
    let url = pooler.url(&direct);
    PostgresStore::connect(&url).await.unwrap();
    let disturbing = disturb(&url).await;
    // PgBouncer refuses the parameter that sqlx sends unless told not to.
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let pool = PgPool::connect_with(options.extra_float_digits(None)).await.unwrap();
    for number in 0..50 {
        for is_first in [true, false] {
            let key = EventKey::new("default", &number.to_string());
            let mut transaction = pool.begin().await.unwrap();
            let claimed = PostgresStore::claim_in(&mut transaction, key).await.unwrap();
            assert_eq!(claimed.is_new(), is_first);
            assert_eq!(claimed == Claim::Done, !is_first);
            transaction.commit().await.unwrap();
        }
    }
    disturbing.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn says_at_start_that_statement_mode_cannot_make_the_tables() {
    let Some(direct) = database().await else { return };
    let Some(pooler) = PgBouncer::before(&direct, "statement", 3).await else { return };
    let url = pooler.url(&direct);
    let error = AnyStore::connect(&url).await.unwrap_err();
    assert!(format!("{error:?}").contains("statement pooling mode"), "{error:?}");
    // Where they are, it will do.
    AnyStore::connect(&direct).await.unwrap();
    let mut load = Load::of(AnyStore::connect(&url).await.unwrap(), 50, 8);
    load.is_done().await;
    assert_eq!(load.retried(), 0);
    load.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaves_nothing_behind_on_a_connection() {
    let Some(server) = Own::start(&["-c", "fsync=off", "-c", "shared_buffers=1MB"]).await else {
        return;
    };
    let url = server.database().await;
    let store = PostgresStore::connect(&url).await.unwrap();
    let memory = || -> u64 { server.pids().into_iter().map(private).sum() };
    let mut sizes = Vec::new();
    for round in 0..3 {
        for number in 0..700 {
            let lease = Lease::new(EventKey::new("default", &format!("{round}-{number}"))).unwrap();
            assert!(store.claim(&lease, Duration::from_secs(60)).await.unwrap().is_new());
            store.complete(&lease).await.unwrap();
        }
        sizes.push(memory());
    }
    let (Some(warm), Some(last)) = (sizes.first(), sizes.last()) else { return };
    assert!(last.saturating_sub(*warm) < 4096, "kB of the server's processes: {sizes:?}");
}

/// The memory that a process has for itself, in kB.
fn private(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
