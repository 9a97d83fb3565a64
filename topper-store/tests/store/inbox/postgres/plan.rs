//! What the server reads to do one step, among many events that are due.

use topper_store::inbox::{AttemptEnd, Change, EventFilter, InboxStore as _};

use super::{LONG, Sender, execute, number, open, take};

/// Due, each of an order of its own.
const MANY: i64 = 20_000;
const ROWS: &str = "INSERT INTO topper_inbox (label, id, name, order_id, updated_at, rank, received_at, \
    state, due_at, tried_since) SELECT 'default', n::text::bytea, 'user:created', \
    ('order-' || n)::bytea, n, 0, now(), 0, now(), now() FROM generate_series(1, 20000) n";
/// How much of the indexes and of the table the server has read, in rows.
const READ: &str = "SELECT (coalesce(sum(idx_tup_read), 0) + (SELECT coalesce(sum(seq_tup_read), 0) \
    FROM pg_stat_user_tables))::bigint FROM pg_stat_user_indexes";

/// What was read has to be told to the statistics first, which a connection does each second.
async fn read(url: &str) -> i64 {
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    number(url, READ).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_reads_all_that_is_due() {
    let Some((inbox, url)) = open().await else { return };
    // Nothing has looked at the table yet, so that the planner knows nothing of it.
    execute(&url, ROWS).await;
    execute(&url, "INSERT INTO topper_body SELECT row, '', '', '' FROM topper_inbox").await;
    let before = read(&url).await;
    let sender = Sender::new();
    let filter = EventFilter { id: Some("20000".to_owned()), ..EventFilter::default() };
    for round in 0..4 {
        let taken = take(&inbox, 16).await;
        assert_eq!(taken.len(), 16);
        let error = "the ledger is closed".to_owned();
        let ends = [
            AttemptEnd::Done,
            AttemptEnd::Failed { error: error.clone(), retry_in: LONG },
            AttemptEnd::Parked { error: error.clone(), reader: Some("1") },
            AttemptEnd::Dead { error },
            AttemptEnd::GivenBack { retry_in: LONG },
        ];
        for (taken, end) in taken.iter().zip(ends.iter().cycle()) {
            inbox.renew(&taken.lease, LONG).await.unwrap();
            inbox.end(&taken.lease, end).await.unwrap();
        }
        inbox.accept(&sender.event(&format!("new {round}"))).await.unwrap();
        assert!(inbox.is_due().await.unwrap());
        inbox.change(&filter, Change::Bury, 0, 10).await.unwrap();
        // The statistics of all connections are told by then.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
    let read = read(&url).await - before;
    assert!(read > 0 && read < MANY, "{read} rows of {MANY} were read");
}
