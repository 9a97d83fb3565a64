//! PostgreSQL, beside a single statement over the same number of connections.

use std::time::Duration;

use sqlx::{Executor as _, postgres::PgPoolOptions};
use topper_store::PostgresStore;

use crate::{ROUNDS, Rates, claims, events, id, rate, report, server::postgres::Own};

const LEAST: f64 = 0.8;
/// The claim that one would write without leases.
const INSERT: &str = "INSERT INTO by_hand (label, id, owner, expires_at) \
                      VALUES ($1, $2, $3, now() + interval '600 s') ON CONFLICT DO NOTHING";

pub(crate) async fn run() -> bool {
    let Some(server) = Own::start(&[]).await else { return true };
    let url = server.database().await;
    let store = PostgresStore::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .connect(&url)
        .await
        .unwrap();
    pool.execute("CREATE TABLE by_hand (LIKE topper_event INCLUDING ALL)").await.unwrap();
    let (mut by_hand, mut claimed, mut whole) = (Rates::new(), Rates::new(), Rates::new());
    for _ in 0..ROUNDS {
        by_hand.0.push({
            let pool = pool.clone();
            rate(move |number| {
                let pool = pool.clone();
                async move {
                    let inserted = sqlx::query(INSERT)
                        .bind(b"default".as_slice())
                        .bind(id(number).as_bytes())
                        .bind([7_u8; 16].as_slice())
                        .execute(&pool)
                        .await
                        .unwrap();
                    assert_eq!(inserted.rows_affected(), 1);
                }
            })
            .await
        });
        claimed.0.push(claims(&store).await);
        whole.0.push(events(&store).await);
    }
    println!("PostgreSQL, synchronous_commit on, 10 connections");
    report("claims by hand, one statement each", &by_hand, &by_hand, None);
    let is_fast = report("claims", &claimed, &by_hand, Some(LEAST));
    report("claims and marks", &whole, &by_hand, None);
    println!();
    is_fast
}
