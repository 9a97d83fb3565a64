//! An inbox whose receivers and workers are killed with SIGKILL, at every step and while many events
//! arrive, or stopped with SIGSTOP; whose handler fails for three days; and whose rows are changed by
//! others. What was acknowledged is done, once where effect and mark are in one transaction, and
//! nothing is marked that did not run.
//!
//! `TOPPER_STORE_INBOX_EVENTS`, `TOPPER_STORE_INBOX_ORDERS` and `TOPPER_STORE_KILL_EVERY_MS` make it
//! longer: `.ci/stores --long` does.

use std::{collections::HashMap, ffi::OsString, time::Duration};

use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use topper_core::{EventName, Verifier, Webhook};
use topper_store::{
    Inbox,
    inbox::{EventFilter, EventState, InboxStore as _, StoredEvent},
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

mod again;
mod changed;
mod hours;
mod order;
mod receiver;
mod runs;
mod step;
mod stop;
mod stopping;

use receiver::Setting;
use runs::Runs;

use crate::{ledger::Ledger, program::Program, server::postgres::database, turn::Turn};

/// Each test with a name of its own for each database.
macro_rules! on_each_database {
    ($($(#[$attribute:meta])* $name:ident => $test:ident ($($argument:expr),*);)*) => {
        mod sqlite {
            use super::*;
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread")] async fn $name() {
                $test(crate::inbox::kill::Database::Sqlite $(, $argument)*).await;
            })*
        }

        mod postgres {
            use super::*;
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread")] async fn $name() {
                $test(crate::inbox::kill::Database::Postgres $(, $argument)*).await;
            })*
        }
    };
}
use on_each_database;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Database {
    Sqlite,
    Postgres,
}

/// An inbox of its own, and all that programs need to work on it.
struct Site {
    key: TestKey,
    store: String,
    ledger: Ledger,
    folder: TempDir,
    _turn: Turn,
}

impl Site {
    /// `None` when the database is not installed.
    async fn new(database: Database, in_transaction: bool) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let store = match database {
            Database::Sqlite => format!("sqlite://{}", folder.path().join("topper.db").display()),
            Database::Postgres => self::database().await?,
        };
        let ledger = if in_transaction {
            Ledger::Table(store.clone())
        } else {
            Ledger::File(folder.path().join("ledger"))
        };
        ledger.make().await;
        let turn = Turn::to_start_programs().await;
        let site = Self { key: TestKey::generate(), store, ledger, folder, _turn: turn };
        site.runs().make();
        Some(site)
    }

    fn runs(&self) -> Runs {
        Runs::of(self.folder.path().join("runs"))
    }

    /// What the programs have logged as errors.
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Starts a program, and waits until it listens or works.
    async fn start(&self, setting: &Setting) -> Program {
        let mut variables: Vec<(&str, OsString)> = vec![
            (receiver::KEY, self.key.public_jwk().into()),
            (receiver::STORE, self.store.clone().into()),
            (receiver::LEDGER, self.ledger.to_string().into()),
            (receiver::FOLDER, self.folder.path().into()),
        ];
        variables.extend(setting.variables());
        let mut program = Program::start("inbox::kill::receiver::runs_when_told_to", variables);
        program.says("started").await;
        program
    }

    fn delivery(&self, event: &Event) -> Delivery {
        Delivery::signed(&self.key, event.to_json())
    }

    /// An event as it arrives now.
    fn webhook(&self, event: &Event) -> Webhook {
        let verifier = Verifier::new(&self.key.public_jwk()).unwrap();
        self.delivery(event).verify(&verifier).unwrap()
    }

    async fn inbox(&self) -> Inbox {
        Inbox::open(&self.store).await.unwrap()
    }

    /// Waits until no event is pending or in work.
    async fn is_done_within(&self, time: Duration) {
        let (inbox, started) = (self.inbox().await, Instant::now());
        loop {
            // It may be busy just now.
            if let Ok(stats) = inbox.store().stats().await {
                if stats.pending + stats.in_work == 0 {
                    return;
                }
                assert!(started.elapsed() < time, "after {time:?}: {stats:?}\n{}", self.log());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The state of each event that is stored.
    async fn states(&self) -> HashMap<String, EventState> {
        let stored = all(&self.inbox().await).await.into_iter();
        stored.map(|stored| (stored.key.id().to_owned(), stored.state)).collect()
    }
}

/// All that is stored.
async fn all(inbox: &Inbox) -> Vec<StoredEvent> {
    let mut all: Vec<StoredEvent> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.row);
        let page = inbox.store().list(&EventFilter::default(), after, 500).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// One event of an order. Its id has no space in it.
#[derive(Clone, Debug)]
struct Event {
    id: String,
    order: String,
    /// Of the order, after its first event.
    minute: usize,
}

impl Event {
    fn new(order: &str, minute: usize) -> Self {
        Self { id: format!("{order}.{minute}"), order: order.to_owned(), minute }
    }

    fn to_json(&self) -> Vec<u8> {
        EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
            .id(&self.id)
            .order_id(&self.order)
            .updated_at(&format!("2026-03-02T09:{:02}:27.120Z", self.minute))
            .to_json()
    }
}

/// The events of orders, in an order that looks random and is the same every time.
fn shuffled(orders: impl Iterator<Item = usize>, events: usize) -> Vec<Event> {
    let mut all: Vec<_> = orders
        .flat_map(|order| {
            (0..events).map(move |event| Event::new(&format!("order-{order}"), event))
        })
        .collect();
    let mut random = 17_u64;
    for last in (1..all.len()).rev() {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from(random >> 33).unwrap() % (last + 1);
        all.swap(place, last);
    }
    all
}
