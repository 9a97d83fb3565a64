//! What is stored is changed by someone; and keys that are retired.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use sqlx::AssertSqlSafe;
use tokio::time::{Instant, sleep};
use topper_core::{Fate, Outcome, Reply, Verifier, Webhook};
use topper_store::{
    Inbox,
    inbox::{Change, EventFilter, EventState, InboxStore as _, StoredEvent},
};
use topper_testkit::{Delivery, Sender, TestKey};

use super::{Database, Event, Site, all, on_each_database, receiver::Setting};
use crate::{
    ledger::{Ledger, Open},
    log::{self, Lines},
    server::Port,
};

#[test]
fn a_changed_event_in_sqlite_is_parked_and_never_reaches_a_handler() {
    log::run(|lines| changed(Database::Sqlite, lines));
}

#[test]
fn a_changed_event_in_postgres_is_parked_and_never_reaches_a_handler() {
    log::run(|lines| changed(Database::Postgres, lines));
}

on_each_database! {
    a_retired_key_strands_nothing => is_processed_after_its_key_was_retired();
}

const LONG: Duration = Duration::from_secs(20);
/// Whose rows are not touched. The second is accepted under another key.
const UNTOUCHED: [&str; 2] = ["untouched.0", "foreign.0"];
/// What is done to the rows of others, by their ids.
const CHANGES: [(&str, &str); 6] = [
    ("cut.0", "body = substr(body, 1, length(body) - 1)"),
    ("emptied.0", "body = substr(body, 1, 0)"),
    ("body.0", "body = $1"),
    ("signature.0", "signature = (SELECT signature FROM topper_body WHERE row = $2)"),
    ("key.0", "public_key = (SELECT public_key FROM topper_body WHERE row = $3)"),
    (
        "both.0",
        "body = (SELECT body FROM topper_body WHERE row = $2), \
         signature = (SELECT signature FROM topper_body WHERE row = $2)",
    ),
];

async fn changed(database: Database, lines: Lines) {
    let Some(site) = Site::new(database, false).await else { return };
    let inbox = site.inbox().await;
    let names = UNTOUCHED.into_iter().chain(CHANGES.map(|(id, _)| id));
    for id in names {
        let event = Event::new(id.strip_suffix(".0").unwrap(), 0);
        let webhook = match id {
            "foreign.0" => of_another_key(&event),
            _ => site.webhook(&event),
        };
        assert_eq!(inbox.accept(&webhook).await, Reply::Accepted);
    }
    let stored = all(&inbox).await;
    for (id, change) in CHANGES {
        alter(&site, &stored, id, change).await;
    }

    let handled: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&handled);
    let handler = move |webhook: Webhook| {
        let seen = Arc::clone(&seen);
        async move {
            seen.lock().unwrap().push(webhook.id().to_owned());
            Ok(Outcome::Processed)
        }
    };
    let worker = inbox.work(handler).start();
    for attempts in 1..=2 {
        is_done(&inbox).await;
        for stored in all(&inbox).await {
            let id = stored.key.id();
            if UNTOUCHED.contains(&id) {
                assert_eq!(stored.state, EventState::Done, "{id}");
            } else {
                assert_eq!((stored.state, stored.attempts), (EventState::Parked, attempts), "{id}");
                assert!(stored.last_error.is_some_and(|error| !error.is_empty()), "{id}");
                let logged = lines.with(&format!("event.id={id}")).join("\n");
                assert!(
                    logged.contains("ERROR") && logged.contains("differs from what was accepted"),
                    "{logged}"
                );
            }
        }
        let mut handled = handled.lock().unwrap().clone();
        handled.sort();
        assert_eq!(handled, ["foreign.0", "untouched.0"]);
        if attempts == 1 {
            // An operator who does not know why.
            let parked = EventFilter { state: Some(EventState::Parked), ..EventFilter::default() };
            let retried = inbox.store().change(&parked, Change::Retry, 0, 100).await.unwrap().count;
            assert_eq!(retried, u64::try_from(CHANGES.len()).unwrap());
        }
    }
    worker.drain().await;
}

fn of_another_key(event: &Event) -> Webhook {
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    Delivery::signed(&key, event.to_json()).verify(&verifier).unwrap()
}

/// Changes the body of an event by SQL.
async fn alter(site: &Site, stored: &[StoredEvent], id: &str, change: &str) {
    let find = |id: &str| stored.iter().find(|stored| stored.key.id() == id).unwrap();
    let [untouched, foreign] = UNTOUCHED.map(|id| find(id).row);
    // The customer's amount, say.
    let mut body = find(id).body.clone();
    let digit = body.iter().rposition(u8::is_ascii_digit).unwrap();
    *body.get_mut(digit).unwrap() ^= 1;
    // All parameters are used, whatever the change is.
    let statement = format!(
        "UPDATE topper_body SET {change} WHERE row = {} \
         AND $1 IS NOT NULL AND $2 + $3 > 0",
        find(id).row
    );
    let statement = AssertSqlSafe(statement);
    let rows = match Ledger::Table(site.store.clone()).open().await {
        Open::Sqlite(pool) => {
            let query = sqlx::query(statement).bind(body).bind(untouched).bind(foreign);
            query.execute(&pool).await.unwrap().rows_affected()
        }
        Open::Postgres(pool) => {
            let query = sqlx::query(statement).bind(body).bind(untouched).bind(foreign);
            query.execute(&pool).await.unwrap().rows_affected()
        }
        Open::File(_) => unreachable!(),
    };
    assert_eq!(rows, 1);
}

async fn is_done(inbox: &Inbox) {
    let started = Instant::now();
    loop {
        let stats = inbox.store().stats().await.unwrap();
        if stats.pending + stats.in_work == 0 {
            return;
        }
        assert!(started.elapsed() < LONG, "{stats:?}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// It is accepted, its receiver ends, and the next one knows another key only.
async fn is_processed_after_its_key_was_retired(database: Database) {
    let Some(mut site) = Site::new(database, false).await else { return };
    let (event, port) = (Event::new("order", 0), Port::reserve());
    let sender = Sender::to(&format!("http://127.0.0.1:{}/", port.number())).unwrap();
    let sender = sender.squeezed(360.0);
    let delivery = site.delivery(&event);
    let setting = Setting { port: Some(port.number()), workers: 0, ..Setting::default() };
    let program = site.start(&setting).await;
    assert_eq!(sender.send(delivery.clone()).await.fate(), Fate::Delivered);
    program.kill().await;
    assert_eq!(site.ledger.times(&event.id).await, 0);

    site.key = TestKey::generate();
    let _program = site.start(&Setting { workers: 1, ..setting }).await;
    let next = Event::new("order", 1);
    assert_eq!(sender.send(site.delivery(&next)).await.fate(), Fate::Delivered);
    assert_eq!(sender.send(delivery).await.fate(), Fate::Lost);
    site.is_done_within(LONG).await;
    for event in [&event, &next] {
        assert_eq!(site.ledger.times(&event.id).await, 1, "{event:?}");
        assert_eq!(site.states().await.get(&event.id), Some(&EventState::Done));
    }
}
