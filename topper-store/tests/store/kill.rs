//! Receivers that are killed with SIGKILL, at every step and while many events arrive: what was
//! acknowledged is done, and nothing is done twice, except what was done between effect and mark
//! outside of a transaction.
//!
//! `TOPPER_STORE_KILL_EVENTS`, `TOPPER_STORE_KILL_EVERY_MS` and `TOPPER_STORE_KILLS` make it longer:
//! `.ci/stores --long` does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use tokio::time::sleep;
use topper_core::{EventName, Fate};
use topper_testkit::{Batch, Delivery, EventBuilder, Sender, TestKey};

mod receiver;

use receiver::Point;

use crate::{
    ledger::Ledger,
    program::{Program, number},
    server::Port,
    turn::Turn,
};

/// A receiver that can be started, killed, and started again on the same port and store.
struct Receiver {
    key: TestKey,
    port: Port,
    store: String,
    ledger: Ledger,
    /// Where files are.
    _folder: TempDir,
    _turn: Turn,
}

impl Receiver {
    /// On a store, which for SQLite is a file in a new folder.
    async fn new(store: Option<String>, in_transaction: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = store
            .unwrap_or_else(|| format!("sqlite://{}", folder.path().join("topper.db").display()));
        let ledger = if in_transaction {
            Ledger::Table(store.clone())
        } else {
            Ledger::File(folder.path().join("ledger"))
        };
        ledger.make().await;
        let port = Port::reserve();
        let turn = Turn::to_start_programs().await;
        Self { key: TestKey::generate(), port, store, ledger, _folder: folder, _turn: turn }
    }

    /// Starts it, and waits until it listens.
    async fn start(&self, point: Option<Point>) -> Program {
        let variables = [
            (receiver::KEY, self.key.public_jwk()),
            (receiver::PORT, self.port.number().to_string()),
            (receiver::STORE, self.store.clone()),
            (receiver::LEDGER, self.ledger.to_string()),
            (receiver::POINT, point.map_or("", Point::name).to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name, value.into()));
        let mut program = Program::start("kill::receiver::runs_when_told_to", variables);
        program.says("listening").await;
        program
    }

    fn sender(&self) -> Sender {
        // Ten retries in 30 s.
        Sender::to(&format!("http://127.0.0.1:{}/", self.port.number())).unwrap().squeezed(360.0)
    }

    fn delivery(&self, id: &str) -> Delivery {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(id);
        Delivery::signed(&self.key, event.to_json())
    }
}

/// Kills a receiver at each step of its work on an event, and starts it again.
async fn at_each_step(store: Option<String>, in_transaction: bool) {
    let receiver = Receiver::new(store, in_transaction).await;
    for point in Point::ALL {
        let id = format!("killed {}", point.name());
        let mut program = receiver.start(Some(point)).await;
        let (sender, delivery) = (receiver.sender(), receiver.delivery(&id));
        let sent = tokio::spawn(async move { sender.send(delivery).await });
        program.says(point.name()).await;
        program.kill().await;

        let program = receiver.start(None).await;
        let sent = sent.await.unwrap();
        assert_eq!(sent.fate(), Fate::Delivered, "{point:?} {sent:?}");
        assert!(sent.attempts.len() > 1, "{point:?}");
        let times = receiver.ledger.times(&id).await;
        let expected = if !in_transaction && point.is_between_effect_and_mark() { 2 } else { 1 };
        assert_eq!(times, expected, "{point:?} in_transaction={in_transaction}");

        let again = receiver.sender().send(receiver.delivery(&id)).await;
        assert_eq!((again.fate(), again.attempts.len()), (Fate::Delivered, 1));
        assert_eq!(receiver.ledger.times(&id).await, times);
        program.kill().await;
    }
}

/// Sends many events, each 1 to 11 times, in random order, while the receiver is killed all the time.
async fn again_and_again(store: Option<String>, in_transaction: bool) {
    let events = number("TOPPER_STORE_KILL_EVENTS", 120);
    let every = Duration::from_millis(number("TOPPER_STORE_KILL_EVERY_MS", 300));
    let most = number("TOPPER_STORE_KILLS", 4);
    let receiver = Arc::new(Receiver::new(store, in_transaction).await);
    let mut deliveries = Vec::new();
    for event in 0..events {
        let delivery = receiver.delivery(&event.to_string());
        let times = usize::try_from(event % 11 + 1).unwrap();
        deliveries.extend(std::iter::repeat_n(delivery, times));
    }
    let count = deliveries.len();

    let is_over = Arc::new(AtomicBool::new(false));
    let killer = tokio::spawn({
        let (receiver, is_over) = (Arc::clone(&receiver), Arc::clone(&is_over));
        async move {
            let mut kills = 0;
            loop {
                let program = receiver.start(None).await;
                sleep(every).await;
                while kills == most && !is_over.load(Ordering::SeqCst) {
                    sleep(every).await;
                }
                if is_over.load(Ordering::SeqCst) {
                    return kills;
                }
                program.kill().await;
                kills += 1;
            }
        }
    });
    // Ten retries in 90 s.
    let sender = receiver.sender().squeezed(120.0);
    let started = std::time::Instant::now();
    let sent = sender.send_all(Batch::new(deliveries).shuffled(17).parallel(8)).await;
    let elapsed = started.elapsed();
    is_over.store(true, Ordering::SeqCst);
    let kills: u64 = killer.await.unwrap();

    assert_eq!(sent.len(), count);
    for sent in &sent {
        assert_eq!(sent.fate(), Fate::Delivered, "{sent:?}");
    }
    let attempts: usize = sent.iter().map(|sent| sent.attempts.len()).sum();
    let (mut twice, mut sum) = (0, 0);
    let ledger = receiver.ledger.counts().await;
    for event in 0..events {
        let times = ledger.get(&event.to_string()).copied().unwrap_or(0);
        assert!(times >= 1, "event {event} was acknowledged and is lost");
        twice += times - 1;
        sum += times * event;
    }
    println!(
        "{events} events, {count} deliveries, {attempts} attempts, {kills} kills in {elapsed:.1?}; \
         in transaction: {in_transaction}; sum {sum}, done more than once: {twice}"
    );
    assert!(kills > 1, "the receiver was not killed");
    if in_transaction {
        assert_eq!((twice, sum), (0, (0..events).sum()));
    }
}

mod sqlite {
    use super::{again_and_again, at_each_step};

    #[tokio::test(flavor = "multi_thread")]
    async fn loses_nothing_at_any_step() {
        at_each_step(None, false).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn is_exactly_once_at_any_step_in_a_transaction() {
        at_each_step(None, true).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn loses_nothing_however_often_it_is_killed() {
        again_and_again(None, false).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn is_exactly_once_in_a_transaction_however_often_it_is_killed() {
        again_and_again(None, true).await;
    }
}

mod postgres {
    use super::{again_and_again, at_each_step};
    use crate::server::postgres::database;

    #[tokio::test(flavor = "multi_thread")]
    async fn loses_nothing_at_any_step() {
        let Some(url) = database().await else { return };
        at_each_step(Some(url), false).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn is_exactly_once_at_any_step_in_a_transaction() {
        let Some(url) = database().await else { return };
        at_each_step(Some(url), true).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn is_exactly_once_in_a_transaction_however_often_it_is_killed() {
        let Some(url) = database().await else { return };
        again_and_again(Some(url), true).await;
    }
}

mod redis {
    use super::{again_and_again, at_each_step};
    use crate::server::redis::database;

    #[tokio::test(flavor = "multi_thread")]
    async fn loses_nothing_at_any_step() {
        let Some(url) = database().await else { return };
        at_each_step(Some(url), false).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn loses_nothing_however_often_it_is_killed() {
        let Some(url) = database().await else { return };
        again_and_again(Some(url), false).await;
    }
}
