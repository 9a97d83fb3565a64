//! Stores that fail: 503 within a second, no handler runs, and as soon as the store is back all goes
//! on, with nothing lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use topper_core::{EventName, Outcome, Reply, Verifier, Webhook};
use topper_store::{Once, Store};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::turn::Turn;

mod inbox;
mod postgres;
pub(crate) mod proxy;
mod redis;
mod sqlite;
mod volume;

const EVENTS: usize = 20;
/// In which a delivery is answered although the store fails.
const ANSWERED: Duration = Duration::from_secs(1);
/// In which all events are processed once the store is back.
const RECOVERED: Duration = Duration::from_secs(2);

/// A receiver whose store is harmed.
struct Victim<S> {
    once: Once<S>,
    key: TestKey,
    verifier: Verifier,
    runs: Arc<[AtomicUsize]>,
    _turn: Turn,
}

impl<S: Store> Victim<S> {
    /// One that works: it has processed an event.
    async fn new(store: S) -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        let runs = (0..=EVENTS).map(|_| AtomicUsize::new(0)).collect();
        let turn = Turn::to_measure().await;
        let victim = Self { once: Once::new(store), key, verifier, runs, _turn: turn };
        assert_eq!(victim.run(EVENTS).await, Reply::Processed);
        victim
    }

    /// An event as it arrives now.
    fn webhook(&self, event: usize) -> Webhook {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(&event.to_string());
        Delivery::signed(&self.key, event.to_json()).verify(&self.verifier).unwrap()
    }

    async fn run(&self, event: usize) -> Reply {
        run(self.once.clone(), self.webhook(event), Arc::clone(&self.runs), event).await
    }

    /// All events at once.
    async fn run_all(&self) -> Vec<(Reply, Duration)> {
        let tasks: Vec<_> = (0..EVENTS)
            .map(|event| {
                let (once, runs) = (self.once.clone(), Arc::clone(&self.runs));
                let webhook = self.webhook(event);
                tokio::spawn(async move {
                    let started = Instant::now();
                    (run(once, webhook, runs, event).await, started.elapsed())
                })
            })
            .collect();
        let mut replies = Vec::new();
        for task in tasks {
            replies.push(task.await.unwrap());
        }
        replies
    }

    /// What must hold as long as the store fails.
    async fn suffers(&self) {
        for _ in 0..3 {
            for (reply, elapsed) in self.run_all().await {
                assert_eq!(reply, Reply::Retry);
                assert!(elapsed < ANSWERED, "it took {elapsed:?}");
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        assert_eq!(self.started(), 1, "a handler ran");
    }

    /// What must hold from now on: the store is back.
    async fn recovers(&self) {
        let back = Instant::now();
        let mut replies = self.run_all().await;
        while replies.iter().any(|(reply, _)| reply.is_retried()) {
            assert!(back.elapsed() < RECOVERED, "{replies:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
            replies = self.run_all().await;
        }
        let elapsed = back.elapsed();
        assert!(elapsed < RECOVERED, "it took {elapsed:?}");
        println!("recovered after {elapsed:.0?}");
        for (reply, _) in self.run_all().await {
            assert_eq!(reply, Reply::Duplicate);
        }
        assert_eq!(self.run(EVENTS).await, Reply::Duplicate, "what was done before is forgotten");
        assert!(self.runs.iter().all(|runs| runs.load(Ordering::SeqCst) == 1), "{:?}", self.runs);
    }

    fn started(&self) -> usize {
        self.runs.iter().map(|runs| runs.load(Ordering::SeqCst)).sum()
    }

    /// The store fails while a handler runs, and is back `later`: what is done is marked then.
    async fn marks_later<H, R>(&self, later: Duration, harm: H, repair: R)
    where
        H: AsyncFnOnce(),
        R: AsyncFnOnce(),
    {
        let (webhook, once) = (self.webhook(0), self.once.clone());
        let runs = Arc::clone(&self.runs);
        let run = tokio::spawn(async move {
            once.run(webhook, move |_| async move {
                runs.first().unwrap().fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(300)).await;
                Ok(Outcome::Processed)
            })
            .await
        });
        while self.started() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        harm().await;
        tokio::time::sleep(later).await;
        let is_in_time = !run.is_finished();
        repair().await;
        let reply = run.await.unwrap();
        assert_eq!(reply, if is_in_time { Reply::Processed } else { Reply::Retry });
        tokio::time::timeout(RECOVERED, self.once.drain()).await.unwrap();
        assert_eq!(self.run(0).await, Reply::Duplicate);
        assert_eq!(self.started(), 2, "a handler ran again");
    }
}

async fn run<S: Store>(
    once: Once<S>,
    webhook: Webhook,
    runs: Arc<[AtomicUsize]>,
    event: usize,
) -> Reply {
    once.run(webhook, move |_| async move {
        runs.get(event).unwrap().fetch_add(1, Ordering::SeqCst);
        Ok(Outcome::Processed)
    })
    .await
}

/// Claims new events until the store is full.
async fn fill<S: Store>(store: &S) {
    for number in 0.. {
        assert!(number < 20_000, "the store is not full");
        let lease =
            topper_store::Lease::new(topper_store::EventKey::new("filling", &number.to_string()));
        if store.claim(&lease.unwrap(), Duration::from_secs(600)).await.is_err() {
            return;
        }
    }
}
