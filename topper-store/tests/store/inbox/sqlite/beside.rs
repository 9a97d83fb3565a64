//! What goes on beside the writer, and must not keep it.

use std::time::{Duration, Instant};

use topper_store::{
    SqliteInbox,
    inbox::{Acceptance, Change, EventFilter, EventState, InboxStore as _},
    sqlx::{
        self, SqlitePool,
        sqlite::{SqliteConnectOptions, SqliteSynchronous},
    },
};

use super::{Signer, Sqlite};

const MANY: i64 = 200_000;
const ROWS: &str = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1) \
    INSERT INTO topper_inbox (row, label, id, name, order_id, updated_at, rank, received_at, state, \
    due_at, tried_since) SELECT n, 'default', 'id-' || n, 'name', 'order-' || (n / 5), n, 3, n, 2, n, n \
    FROM n";

async fn with_many_dead() -> Sqlite {
    let sqlite = Sqlite::new();
    drop(sqlite.inbox().await);
    // Without syncs, so that the tests that run beside this one keep their disk.
    let options = SqliteConnectOptions::new().filename(sqlite.path("topper.db"));
    let options = options.synchronous(SqliteSynchronous::Off);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(ROWS).bind(MANY).execute(&pool).await.unwrap();
    sqlx::query("INSERT INTO topper_body SELECT row, zeroblob(100), 'x', 'x' FROM topper_inbox")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO topper_event (label, id, owner, done_at, inbox) \
                 SELECT label, id, zeroblob(16), 1, row FROM topper_inbox",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    sqlite
}

/// Accepts events until something else has ended, and says how many.
async fn accept_beside<T: Send + 'static>(
    inbox: &SqliteInbox,
    signer: &Signer,
    work: impl Future<Output = T> + Send + 'static,
) -> (usize, T) {
    let work = tokio::spawn(work);
    let mut count = 0;
    while !work.is_finished() {
        let event = signer.event(&format!("beside {count}"));
        let acceptance = inbox.accept(&event).await.unwrap();
        assert_eq!(acceptance, Acceptance::Accepted);
        assert!(inbox.is_due().await.unwrap());
        count += 1;
    }
    (count, work.await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_does_not_stop_accepts() {
    let (sqlite, signer) = (with_many_dead().await, Signer::new());
    let inbox = sqlite.inbox().await;
    let listing = inbox.clone();
    let list = async move {
        let dead = EventFilter { state: Some(EventState::Dead), ..EventFilter::default() };
        listing.list(&dead, 0, usize::MAX).await.unwrap().len()
    };
    let (accepted, listed) = accept_beside(&inbox, &signer, list).await;
    assert_eq!(listed, usize::try_from(MANY).unwrap());
    assert!(accepted >= 10, "{accepted} accepted while it ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_many_does_not_stop_accepts() {
    let (sqlite, signer) = (with_many_dead().await, Signer::new());
    let (inbox, operator) = (sqlite.inbox().await, sqlite.inbox().await);
    let change = async move {
        let filter = EventFilter { state: Some(EventState::Dead), ..EventFilter::default() };
        assert_eq!(operator.count(&filter, Change::Bury).await.unwrap(), MANY.unsigned_abs());
        let (mut changed, mut after) = (0, 0);
        while changed < 20_000 {
            let step = operator.change(&filter, Change::Bury, after, usize::MAX).await.unwrap();
            assert!(step.count > 0 && step.last_row > after, "{step:?}");
            (changed, after) = (changed + step.count, step.last_row);
        }
    };
    let (accepted, ()) = accept_beside(&inbox, &signer, change).await;
    assert!(accepted >= 10, "{accepted} accepted while it ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_one_of_many_by_its_id() {
    let sqlite = with_many_dead().await;
    let inbox = sqlite.inbox().await;
    let dead = Some(EventState::Dead);
    for (label, state) in [(None, None), (None, dead), (Some("default".to_owned()), dead)] {
        let id = Some("id-199999".to_owned());
        let filter = EventFilter { id, label, state, ..EventFilter::default() };
        // Reading all of them takes far longer, the first time with a connection to open.
        let _ = inbox.list(&filter, 0, 10).await.unwrap();
        let started = Instant::now();
        for _ in 0..10 {
            let found = inbox.list(&filter, 0, 10).await.unwrap();
            assert_eq!(found.iter().map(|event| event.row).collect::<Vec<_>>(), [199_999]);
            assert_eq!(inbox.count(&filter, Change::Retry).await.unwrap(), 1);
        }
        let elapsed = started.elapsed() / 10;
        assert!(elapsed < Duration::from_millis(20), "{elapsed:?}");
    }
    let filter = EventFilter {
        id: Some("id-1".to_owned()),
        label: Some("other".to_owned()),
        ..EventFilter::default()
    };
    assert!(inbox.list(&filter, 0, 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_beside_many_marks_does_not_stop_accepts() {
    let (sqlite, signer) = (with_many_dead().await, Signer::new());
    let (inbox, operator) = (sqlite.inbox().await, sqlite.inbox().await);
    let dead = EventFilter { state: Some(EventState::Dead), ..EventFilter::default() };
    let mut buried = 0;
    while buried < 2000 {
        buried += operator.change(&dead, Change::Bury, 0, 200).await.unwrap().count;
    }
    let purge = async move {
        let (mut purged, mut times) = (0, Vec::new());
        while purged < 2000 {
            let started = Instant::now();
            // Small portions, so that there are many between which events can be accepted.
            purged += operator.purge(Duration::ZERO, 20).await.unwrap();
            times.push(started.elapsed());
        }
        // To look at each mark would take longer, each time.
        times.sort_unstable();
        let median = times[times.len() / 2];
        assert!(median < Duration::from_millis(400), "{times:?}");
        purged
    };
    let (accepted, purged) = accept_beside(&inbox, &signer, purge).await;
    assert_eq!(purged, 2000);
    assert!(accepted >= 5, "{accepted} accepted while it ran");
}
