//! Accepting events, 64 at once, beside a program that writes the same bytes by hand.

use sqlx::{
    Connection as _, Executor as _,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use topper_core::{Reply, Webhook};
use topper_store::{Inbox, inbox::InboxStore};

use crate::{is_met, median, postgres, rate, sqlite, webhooks};

const AT_ONCE: usize = 64;
const ROUNDS: usize = 5;
const EACH: usize = 4_000;
const LEAST_SQLITE: f64 = 0.6;
const LEAST_POSTGRES: f64 = 1.5;
const TABLE: &str = "CREATE TABLE by_hand (label TEXT NOT NULL, id TEXT NOT NULL, \
                     name TEXT NOT NULL, body BLOB NOT NULL, signature TEXT NOT NULL, \
                     public_key TEXT NOT NULL, received_at INTEGER NOT NULL, \
                     PRIMARY KEY (label, id))";

pub(crate) async fn run() -> bool {
    let webhooks = webhooks(ROUNDS * EACH);
    let bytes = webhooks.first().unwrap().body().len();
    println!("Accepting events of {bytes} bytes, {AT_ONCE} at once, medians of {ROUNDS} rounds");
    let mut is_fine = on_sqlite(&webhooks).await;
    is_fine &= on_postgres(&webhooks).await;
    println!();
    is_fine
}

async fn accepted<S: InboxStore>(inbox: &Inbox<S>, webhooks: &[Webhook]) -> f64 {
    let inbox = inbox.clone();
    rate(AT_ONCE, webhooks, move |webhook| {
        let inbox = inbox.clone();
        async move { assert_eq!(inbox.accept(&webhook).await, Reply::Accepted) }
    })
    .await
}

async fn on_sqlite(webhooks: &[Webhook]) -> bool {
    let (inbox, folder) = sqlite().await;
    let inbox = Inbox::new(inbox);
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("by-hand.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute(TABLE).await.unwrap();
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for round in webhooks.chunks(EACH) {
        let started = std::time::Instant::now();
        for batch in round.chunks(AT_ONCE) {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
            for webhook in batch {
                sqlx::query(
                    "INSERT INTO by_hand VALUES \
                     (?1, ?2, ?3, ?4, ?5, ?6, CAST(unixepoch('subsec') * 1000 AS INTEGER))",
                )
                .bind(webhook.label())
                .bind(webhook.id())
                .bind(webhook.name())
                .bind(webhook.body())
                .bind(webhook.signature())
                .bind(webhook.key().jwk())
                .execute(&mut *transaction)
                .await
                .unwrap();
            }
            transaction.commit().await.unwrap();
        }
        let by_hand = round.len() as f64 / started.elapsed().as_secs_f64();
        let ours = accepted(&inbox, round).await;
        ratios.push(ours / by_hand);
        rates.push(ours);
    }
    println!("  SQLite: {:.0} a second", median(rates));
    let ratio = median(ratios);
    let limit = format!("at least {LEAST_SQLITE}");
    is_met(
        "of a writer by hand, 64 rows a transaction",
        ratio,
        "times",
        ratio >= LEAST_SQLITE,
        &limit,
    )
}

async fn on_postgres(webhooks: &[Webhook]) -> bool {
    let Some((inbox, url, _server)) = postgres().await else { return true };
    let inbox = Inbox::new(inbox);
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .test_before_acquire(false)
        .acquire_timeout(std::time::Duration::from_secs(30))
        .connect(&url)
        .await
        .unwrap();
    let table = TABLE.replace("BLOB", "bytea").replace("INTEGER", "timestamptz");
    pool.execute(sqlx::AssertSqlSafe(table)).await.unwrap();
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for round in webhooks.chunks(EACH) {
        let by_hand = rate(AT_ONCE, round, {
            let pool = pool.clone();
            move |webhook: Webhook| {
                let pool = pool.clone();
                async move {
                    sqlx::query("INSERT INTO by_hand VALUES ($1, $2, $3, $4, $5, $6, now())")
                        .bind(webhook.label())
                        .bind(webhook.id())
                        .bind(webhook.name())
                        .bind(webhook.body())
                        .bind(webhook.signature())
                        .bind(webhook.key().jwk())
                        .execute(&pool)
                        .await
                        .unwrap();
                }
            }
        })
        .await;
        let ours = accepted(&inbox, round).await;
        ratios.push(ours / by_hand);
        rates.push(ours);
    }
    println!("  PostgreSQL: {:.0} a second", median(rates));
    let ratio = median(ratios);
    let limit = format!("at least {LEAST_POSTGRES}");
    is_met(
        "of an insert a request by hand, 10 connections",
        ratio,
        "times",
        ratio >= LEAST_POSTGRES,
        &limit,
    )
}
