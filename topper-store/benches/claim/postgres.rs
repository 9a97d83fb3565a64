//! PostgreSQL, beside a single statement over the same number of connections.

use std::time::Duration;

use sqlx::{Executor as _, PgPool, postgres::PgPoolOptions};
use topper_store::PostgresStore;

use crate::{
    LEAST_ALONE, ROUNDS, Rates, claims, claims_alone, events, id, rate, rate_alone, report,
    server::postgres::Own,
};

/// Of claims by hand, 64 at once.
const LEAST: f64 = 2.0;
/// Claims and marks, of half of that.
const LEAST_WHOLE: f64 = 1.5 / 2.0;
/// The claim that one would write without leases.
const INSERT: &str = "INSERT INTO by_hand (label, id, owner, expires_at) \
                      VALUES ($1, $2, $3, now() + interval '600 s') ON CONFLICT DO NOTHING";

pub(crate) async fn run() -> bool {
    let Some(server) = Own::start(&[]).await else { return true };
    let url = server.database().await;
    let store = PostgresStore::connect(&url).await.unwrap();
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .connect(&url)
        .await
        .unwrap();
    pool.execute("CREATE TABLE by_hand (LIKE topper_event INCLUDING ALL)").await.unwrap();
    let (mut by_hand, mut claimed, mut whole) = (Rates::new(), Rates::new(), Rates::new());
    let (mut by_hand_alone, mut alone) = (Rates::new(), Rates::new());
    for _ in 0..ROUNDS {
        let insert = {
            let pool = pool.clone();
            move |number| insert(pool.clone(), number)
        };
        by_hand.0.push(rate(insert.clone()).await);
        claimed.0.push(claims(&store).await);
        whole.0.push(events(&store).await);
        by_hand_alone.0.push(rate_alone(insert).await);
        alone.0.push(claims_alone(&store).await);
    }
    println!("PostgreSQL, synchronous_commit on, 10 connections by hand, 4 of the store");
    report("claims by hand, one statement each", &by_hand, &by_hand, None);
    let mut is_fast = report("claims", &claimed, &by_hand, Some(LEAST));
    is_fast &= report("claims and marks", &whole, &by_hand, Some(LEAST_WHOLE));
    report("claims by hand, one at a time", &by_hand_alone, &by_hand_alone, None);
    is_fast &= report("claims, one at a time", &alone, &by_hand_alone, Some(LEAST_ALONE));
    println!();
    is_fast
}

async fn insert(pool: PgPool, number: u64) {
    let inserted = sqlx::query(INSERT)
        .bind(b"default".as_slice())
        .bind(id(number).as_bytes())
        .bind([7_u8; 16].as_slice())
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(inserted.rows_affected(), 1);
}
