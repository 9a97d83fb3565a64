//! What a worker costs that has nothing to do.

use std::{fs, time::Duration};

use sqlx::{Connection as _, postgres::PgConnection};
use tokio::time::sleep;
use topper_core::{Outcome, Retry, Webhook};
use topper_store::{Inbox, inbox::InboxStore};

use crate::{is_met, postgres, sqlite};

const TIME: Duration = Duration::from_secs(20);

pub(crate) async fn run() -> bool {
    println!("A worker with nothing to do, for {TIME:?}");
    let (inbox, _folder) = sqlite().await;
    let mut is_fine = cpu("SQLite", inbox, async { sleep(TIME).await }).await.0;
    if let Some((inbox, url, _server)) = postgres().await {
        let counted = cpu("PostgreSQL", inbox, async {
            let before = transactions(&url).await;
            sleep(TIME).await;
            transactions(&url).await - before
        });
        let (is_cheap, queries) = counted.await;
        let queries = queries as f64 / TIME.as_secs_f64();
        is_fine &= is_cheap & is_met("queries", queries, "/s", queries <= 2.0, "at most 2");
    }
    println!();
    is_fine
}

async fn cpu<S: InboxStore, T>(name: &str, store: S, wait: impl Future<Output = T>) -> (bool, T) {
    let inbox = Inbox::new(store);
    let worker = inbox.work(|_: Webhook| async { Ok::<_, Retry>(Outcome::Processed) }).start();
    sleep(Duration::from_secs(2)).await;
    let before = ticks();
    let result = wait.await;
    let share = (ticks() - before) / 100.0 / TIME.as_secs_f64() * 100.0;
    worker.drain().await;
    println!("  {name}");
    (is_met("of a core", share, "%", share < 0.2, "under 0.2"), result)
}

/// The processor's time of this program, in hundredths of a second.
fn ticks() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    [11, 12].iter().map(|&field| fields[field].parse::<f64>().unwrap()).sum()
}

/// All that the database has committed, without what asks for it.
async fn transactions(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(
        "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap()
}
