//! Puts the events of an inbox in PostgreSQL into the queue of graphile_worker, in the same database.
//!
//! ```text
//! TOPPER_STORE_URL=postgres://user:password@host/database cargo run --bin bridge-graphile
//! ```
//!
//! Each event becomes a job of the task `topper_event` in the schema `graphile_worker`. Its payload holds
//! `label`, `id`, `name`, and `body` and `signature` as received: `Verifier::verify_stored` verifies them.
//!
//! # Guarantees
//!
//! - **Each event becomes one job**: the job is added in the transaction that marks the event as done. A
//!   bridge that is killed leaves both or neither.
//! - **The job runs at least once**, as graphile_worker promises: key its work on `label` and `id`.
//! - **A retried event does not add a second waiting job**: the job's key is `label:id`, so `topper inbox retry
//!   --state done` replaces a job of the event that still waits. graphile_worker forgets the key when the job
//!   is done; then a retried event becomes a new job.

use std::{error::Error, process::ExitCode, time::Duration};

use graphile_worker::{JobSpec, WorkerUtils};
use serde_json::json;
use topper::{
    Outcome, Retry, Webhook,
    store::{
        Inbox, PostgresInbox,
        sqlx::{PgPool, Postgres, Transaction},
    },
};
use topper_bridges::{run, setting, work_until_told_to_end};

#[tokio::main]
async fn main() -> ExitCode {
    run(bridge()).await
}

async fn bridge() -> Result<(), Box<dyn Error>> {
    let url = setting("TOPPER_STORE_URL", "postgres://user:password@host/database")?;
    let pool = PgPool::connect(&url).await?;
    let inbox = Inbox::new(PostgresInbox::new(&pool).await?);
    let queue = WorkerUtils::new(pool, "graphile_worker".to_owned());
    queue.migrate().await?;
    let worker = inbox.work_in_transaction(move |transaction, webhook| {
        let queue = queue.clone();
        Box::pin(async move { add_job(queue, transaction, webhook).await })
    });
    // Not more than the pool has connections. An event takes milliseconds, so another bridge can soon take over.
    let worker = worker.concurrency(8).lease_term(Duration::from_secs(5));
    work_until_told_to_end(worker.start()).await
}

async fn add_job(
    queue: WorkerUtils,
    transaction: &mut Transaction<'static, Postgres>,
    webhook: Webhook,
) -> Result<Outcome, Retry> {
    let payload = json!({
        "label": webhook.label(),
        "id": webhook.id(),
        "name": webhook.name(),
        "body": std::str::from_utf8(webhook.body())?,
        "signature": webhook.signature(),
    });
    let key = format!("{}:{}", webhook.label(), webhook.id());
    let spec = JobSpec { job_key: Some(key), ..JobSpec::default() };
    queue.with_executor(transaction).add_raw_job("topper_event", payload, spec).await?;
    Ok(Outcome::Processed)
}
