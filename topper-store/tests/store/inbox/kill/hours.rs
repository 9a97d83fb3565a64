//! A handler that fails for three days, and is then mended.
//!
//! The store's clock is moved: all times in the store are moved back, which is the same to it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep};
use topper_core::{Outcome, Reply, Retry, Webhook};
use topper_store::{
    Inbox,
    inbox::{Change, EventFilter, EventState, InboxStore as _},
};

use super::{Database, Event, Site, all, on_each_database, shuffled};
use crate::ledger::{Ledger, Open};

const HOUR: Duration = Duration::from_secs(3600);
/// Longer than the longest wait between two attempts, so that after each all that fails is due.
const STEP: Duration = Duration::from_secs(75 * 60);
const ORDERS: usize = 4;
/// Of each order.
const EVENTS: usize = 5;

on_each_database! {
    all_events_are_processed_in_order_after_a_handler_failed_for_days => fails_for_days();
}

/// A store whose clock can be moved.
struct Clock(Open);

impl Clock {
    async fn of(site: &Site) -> Self {
        let clock = Self(Ledger::Table(site.store.clone()).open().await);
        let times = match &clock.0 {
            Open::Sqlite(pool) => sqlx::query_scalar::<_, String>(
                "SELECT name FROM pragma_table_info('topper_inbox') \
                 WHERE (name LIKE '%\\_at' ESCAPE '\\' OR name LIKE '%since') AND name <> 'updated_at' \
                 ORDER BY name",
            )
            .fetch_all(pool)
            .await,
            Open::Postgres(pool) => sqlx::query_scalar(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_name = 'topper_inbox' AND data_type LIKE 'timestamp%' ORDER BY 1",
            )
            .fetch_all(pool)
            .await,
            Open::File(_) => unreachable!(),
        };
        let expected = ["done_at", "due_at", "failed_at", "received_at", "tried_since"];
        assert_eq!(times.unwrap(), expected, "a time would not be moved");
        clock
    }

    async fn move_on(&self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap();
        match &self.0 {
            Open::Sqlite(pool) => {
                let statement = "UPDATE topper_inbox SET done_at = done_at - $1, due_at = due_at - $1, \
                                 failed_at = failed_at - $1, received_at = received_at - $1, \
                                 tried_since = tried_since - $1";
                sqlx::query(statement).bind(milliseconds).execute(pool).await.unwrap();
            }
            Open::Postgres(pool) => {
                let statement = "WITH moved AS (SELECT $1 * interval '1 millisecond' AS t) \
                                 UPDATE topper_inbox SET done_at = done_at - t, due_at = due_at - t, \
                                 failed_at = failed_at - t, received_at = received_at - t, \
                                 tried_since = tried_since - t FROM moved";
                sqlx::query(statement).bind(milliseconds).execute(pool).await.unwrap();
            }
            Open::File(_) => unreachable!(),
        }
    }
}

/// The handler that fails, and what it was given.
#[derive(Clone, Default)]
struct Work {
    is_mended: Arc<AtomicBool>,
    /// The ids that it processed of each order.
    processed: Arc<Mutex<HashMap<String, Vec<String>>>>,
    attempts: Arc<Mutex<usize>>,
}

impl Work {
    fn process(&self, webhook: &Webhook) -> Result<Outcome, Retry> {
        *self.attempts.lock().unwrap() += 1;
        if !self.is_mended.load(Ordering::SeqCst) {
            return Err("the bank is closed".into());
        }
        let order = webhook.event()?.order_id().unwrap().to_owned();
        self.processed.lock().unwrap().entry(order).or_default().push(webhook.id().to_owned());
        Ok(Outcome::Processed)
    }

    /// A worker works until nothing is due.
    async fn tries(&self, inbox: &Inbox) {
        let work = self.clone();
        let handler = move |webhook: Webhook| {
            let work = work.clone();
            async move { work.process(&webhook) }
        };
        let worker = inbox.work(handler).start();
        let started = Instant::now();
        loop {
            let stats = inbox.store().stats().await.unwrap();
            if stats.due + stats.in_work == 0 {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "{stats:?}");
            sleep(Duration::from_millis(5)).await;
        }
        worker.drain().await;
    }

    /// That all events of these orders were processed once, in the order of their times.
    fn has_processed(&self, orders: std::ops::Range<usize>) {
        let mut processed = std::mem::take(&mut *self.processed.lock().unwrap());
        for order in orders {
            let order = format!("order-{order}");
            let expected: Vec<_> = (0..EVENTS).map(|event| Event::new(&order, event).id).collect();
            assert_eq!(processed.remove(&order), Some(expected));
        }
        assert!(processed.is_empty(), "{processed:?}");
    }
}

async fn accept(site: &Site, inbox: &Inbox, orders: std::ops::Range<usize>) {
    for event in shuffled(orders, EVENTS) {
        assert_eq!(inbox.accept(&site.webhook(&event)).await, Reply::Accepted);
    }
}

/// How many are in which state.
async fn states(inbox: &Inbox) -> HashMap<EventState, usize> {
    let mut states = HashMap::new();
    for stored in all(inbox).await {
        *states.entry(stored.state).or_default() += 1;
    }
    states
}

async fn fails_for_days(database: Database) {
    let Some(site) = Site::new(database, false).await else { return };
    let (inbox, work) = (site.inbox().await, Work::default());
    let clock = Clock::of(&site).await;
    let (early, late) = (0..ORDERS / 2, ORDERS / 2..ORDERS);
    let count = early.len() * EVENTS;

    // Half of them from the beginning, half of them from the second day on.
    accept(&site, &inbox, early.clone()).await;
    let mut elapsed = Duration::ZERO;
    while elapsed + STEP < 72 * HOUR {
        work.tries(&inbox).await;
        clock.move_on(STEP).await;
        elapsed += STEP;
        if elapsed.abs_diff(30 * HOUR) < STEP / 2 {
            accept(&site, &inbox, late.clone()).await;
        }
    }
    work.tries(&inbox).await;
    let stored = all(&inbox).await;
    assert!(stored.iter().all(|stored| stored.state == EventState::Pending), "{stored:?}");
    assert!(stored.iter().all(|stored| stored.last_error.as_deref() == Some("the bank is closed")));
    let (fewest, most) =
        (stored.iter().map(|stored| stored.attempts).min(), elapsed.as_secs() / 3600);
    println!("{} attempts at {} events in {most} h", work.attempts.lock().unwrap(), stored.len());
    assert!(fewest >= Some(30), "{fewest:?}");

    // Three days after it was accepted an event is dead, and no sooner.
    clock.move_on(STEP).await;
    work.tries(&inbox).await;
    let expected = HashMap::from([(EventState::Dead, count), (EventState::Pending, count)]);
    assert_eq!(states(&inbox).await, expected);

    // As time goes by, and not all at once.
    work.is_mended.store(true, Ordering::SeqCst);
    for _ in 0..25 {
        clock.move_on(STEP / 25).await;
        work.tries(&inbox).await;
    }
    work.has_processed(late);
    let expected = HashMap::from([(EventState::Dead, count), (EventState::Done, count)]);
    assert_eq!(states(&inbox).await, expected);

    let dead = EventFilter { state: Some(EventState::Dead), ..EventFilter::default() };
    let changed = inbox.store().change(&dead, Change::Retry, 0, 1000).await.unwrap().count;
    assert_eq!(changed, u64::try_from(count).unwrap());
    work.tries(&inbox).await;
    work.has_processed(early);
    assert_eq!(states(&inbox).await, HashMap::from([(EventState::Done, 2 * count)]));
}
