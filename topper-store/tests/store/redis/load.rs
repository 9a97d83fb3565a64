//! Deliveries that go on while servers come and go.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;
use topper_core::{EventName, Outcome, Reply, Verifier};
use topper_store::{Once, RedisStore};
use topper_testkit::{Delivery, EventBuilder, TestKey};

pub(super) const AT_ONCE: usize = 8;

/// Sends new events all the time, [`AT_ONCE`], each until it is acknowledged.
pub(super) struct Load {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    /// What its events' ids begin with.
    number: usize,
    once: Once<RedisStore>,
    key: TestKey,
    verifier: Verifier,
    /// How often each event ran.
    runs: Mutex<Vec<usize>>,
    /// How many each sender has had acknowledged.
    acknowledged: [AtomicUsize; AT_ONCE],
    retried: AtomicUsize,
    has_ended: AtomicBool,
}

impl Load {
    pub(super) fn start(store: RedisStore) -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let shared = Arc::new(Shared {
            number: NEXT.fetch_add(1, Ordering::SeqCst),
            once: Once::new(store),
            key,
            verifier,
            runs: Mutex::default(),
            acknowledged: Default::default(),
            retried: AtomicUsize::new(0),
            has_ended: AtomicBool::new(false),
        });
        let tasks = (0..AT_ONCE).map(|sender| {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                while !shared.has_ended.load(Ordering::SeqCst) {
                    shared.send_one().await;
                    shared.acknowledged.get(sender).unwrap().fetch_add(1, Ordering::SeqCst);
                }
            })
        });
        let tasks = tasks.collect();
        Self { shared, tasks }
    }

    /// Until each sender has had events acknowledged that it began after now.
    pub(super) async fn goes_on_within(&self, time: Duration) {
        let count =
            || self.shared.acknowledged.each_ref().map(|count| count.load(Ordering::SeqCst));
        let (before, started) = (count(), Instant::now());
        while count().iter().zip(before).any(|(count, before)| *count < before + 2) {
            let waited = started.elapsed();
            assert!(waited < time, "after {waited:?} from {before:?} to {:?}", count());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        println!("went on after {:.0?}", started.elapsed());
    }

    /// How many replies asked for another delivery until now.
    pub(super) fn retried(&self) -> usize {
        self.shared.retried.load(Ordering::SeqCst)
    }

    /// Ends, and makes sure that each event ran once and is still known.
    pub(super) async fn end(self) {
        self.shared.has_ended.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        let runs = self.shared.runs.lock().unwrap().clone();
        println!("{} events, {} replies asked for another delivery", runs.len(), {
            self.shared.retried.load(Ordering::SeqCst)
        });
        assert!(runs.iter().all(|runs| *runs == 1), "{runs:?}");
        for event in 0..runs.len() {
            assert_eq!(
                self.shared.run(event).await,
                Reply::Duplicate,
                "event {event} is forgotten"
            );
        }
    }
}

impl Shared {
    async fn send_one(self: &Arc<Self>) {
        let event = {
            let mut runs = self.runs.lock().unwrap();
            runs.push(0);
            runs.len() - 1
        };
        loop {
            match self.run(event).await {
                // Its first reply may have been late.
                Reply::Processed | Reply::Duplicate => return,
                _ => {
                    self.retried.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn run(self: &Arc<Self>, event: usize) -> Reply {
        let id = format!("{}-{event}", self.number);
        let json = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(&id).to_json();
        let webhook = Delivery::signed(&self.key, json).verify(&self.verifier).unwrap();
        let shared = Arc::clone(self);
        let handler = move |_| async move {
            *shared.runs.lock().unwrap().get_mut(event).unwrap() += 1;
            Ok(Outcome::Processed)
        };
        self.once.run(webhook, handler).await
    }
}
