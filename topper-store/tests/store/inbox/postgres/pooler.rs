//! PgBouncer in transaction mode, which passes no notification on.

use std::time::Duration;

use sqlx::{PgPool, Postgres, Transaction};
use topper_core::{Outcome, Reply, Retry, Webhook};
use topper_store::Inbox;

use super::{Runs, Sender, database, fault::send};
use crate::{
    log::{Lines, run},
    server::pgbouncer::PgBouncer,
};

#[tokio::test(flavor = "multi_thread")]
async fn processes_within_the_time_of_a_look_behind_a_pooler() {
    let Some(direct) = database().await else { return };
    for size in [1, 3] {
        let Some(pooler) = PgBouncer::before(&direct, "transaction", size).await else { return };
        let url = pooler.url(&direct);
        let (receiver, elsewhere) =
            (Inbox::open(&url).await.unwrap(), Inbox::open(&url).await.unwrap());
        let (runs, sender) = (Runs::default(), Sender::new());
        let worker = runs.worker(&elsewhere).start();
        for number in 0..3 {
            let webhook = sender.webhook(&format!("{size}-{number}"));
            assert_eq!(receiver.accept(&webhook).await, Reply::Accepted);
            runs.are(number + 1, Duration::from_millis(1500)).await;
        }
        let accepting = (0..200).map(|number| {
            let (receiver, webhook) =
                (receiver.clone(), sender.webhook(&format!("{size}-all-{number}")));
            tokio::spawn(async move { send(&receiver, &webhook).await })
        });
        for accepting in accepting.collect::<Vec<_>>() {
            accepting.await.unwrap();
        }
        runs.are(203, Duration::from_secs(30)).await;
        worker.drain().await;
        assert_eq!(runs.all().len(), 203);
    }
}

#[test]
fn leaves_connections_alone_that_a_pooler_gives_to_others() {
    run(async |lines: Lines| {
        let Some(direct) = database().await else { return };
        for (mode, listeners) in [("transaction", 0), ("session", 1)] {
            let Some(pooler) = PgBouncer::before(&direct, mode, 10).await else { return };
            let inbox = Inbox::open(&pooler.url(&direct)).await.unwrap();
            let (runs, sender) = (Runs::default(), Sender::new());
            let worker = runs.worker(&inbox).start();
            for number in 0..10 {
                let webhook = sender.webhook(&format!("{mode}-{number}"));
                assert_eq!(inbox.accept(&webhook).await, Reply::Accepted);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            runs.are(10, Duration::from_secs(5)).await;
            worker.drain().await;
            let query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' \
                         AND datname = current_database()";
            assert_eq!(super::number(&direct, query).await, listeners, "{mode}");
            assert_eq!(lines.with("connected through a pooler").len(), 1, "{mode}");
        }
        assert!(lines.with("connection to PostgreSQL lost").is_empty(), "{:?}", lines.all());
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn works_in_transactions_behind_a_pooler() {
    let Some(direct) = database().await else { return };
    let Some(pooler) = PgBouncer::before(&direct, "transaction", 3).await else { return };
    let store = topper_store::PostgresInbox::connect(&pooler.url(&direct)).await.unwrap();
    super::execute(&direct, "CREATE TABLE credit (id text)").await;
    let (inbox, sender) = (Inbox::new(store), Sender::new());
    let worker = inbox.work_in_transaction(|tx, webhook| Box::pin(credit(tx, webhook))).start();
    for number in 0..50 {
        let webhook = sender.webhook(&number.to_string());
        assert_eq!(inbox.accept(&webhook).await, Reply::Accepted);
    }
    let pool = PgPool::connect(&direct).await.unwrap();
    let mut credited = 0;
    for _ in 0..500 {
        credited =
            sqlx::query_scalar("SELECT count(*) FROM credit").fetch_one(&pool).await.unwrap();
        if credited == 50_i64 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    worker.drain().await;
    assert_eq!(credited, 50);
}

async fn credit(tx: &mut Transaction<'_, Postgres>, webhook: Webhook) -> Result<Outcome, Retry> {
    let query = sqlx::query("INSERT INTO credit VALUES ($1)").bind(webhook.id()).persistent(false);
    query.execute(&mut **tx).await?;
    Ok(Outcome::Processed)
}
