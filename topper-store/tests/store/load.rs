//! A load of deliveries on a store, each sent again until it is acknowledged, as Topper does, only
//! sooner, while servers come and go.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep};
use topper_core::{EventName, Outcome, Reply, Verifier};
use topper_store::{Once, Store};
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// Senders, each of which sends new events, one after the other.
pub(crate) struct Load<S> {
    shared: Arc<Shared<S>>,
    senders: JoinSet<()>,
}

struct Shared<S> {
    /// What its events' ids begin with.
    number: usize,
    once: Once<S>,
    key: TestKey,
    verifier: Verifier,
    /// How often each event ran.
    runs: Mutex<Vec<usize>>,
    most: usize,
    /// How many each sender has had acknowledged.
    acknowledged: Vec<AtomicUsize>,
    retried: AtomicUsize,
    has_ended: AtomicBool,
}

impl<S: Store> Load<S> {
    /// Until it is ended: so many at once.
    pub(crate) fn start(store: S, at_once: usize) -> Self {
        Self::of(store, usize::MAX, at_once)
    }

    /// So many events.
    pub(crate) fn of(store: S, events: usize, at_once: usize) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        let shared = Arc::new(Shared {
            number: NEXT.fetch_add(1, Ordering::SeqCst),
            once: Once::new(store),
            key,
            verifier,
            runs: Mutex::default(),
            most: events,
            acknowledged: (0..at_once).map(|_| AtomicUsize::new(0)).collect(),
            retried: AtomicUsize::new(0),
            has_ended: AtomicBool::new(false),
        });
        let senders = (0..at_once).map(|sender| {
            let shared = Arc::clone(&shared);
            async move {
                while let Some(event) = shared.next() {
                    shared.send(event).await;
                    shared.acknowledged.get(sender).unwrap().fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        let senders = senders.collect();
        Self { shared, senders }
    }

    /// Until each sender has had events acknowledged that it began after now.
    pub(crate) async fn goes_on_within(&self, time: Duration) {
        let count = || -> Vec<usize> {
            let counts = self.shared.acknowledged.iter();
            counts.map(|count| count.load(Ordering::SeqCst)).collect()
        };
        let (before, started) = (count(), Instant::now());
        while count().iter().zip(&before).any(|(count, before)| *count < before + 2) {
            let waited = started.elapsed();
            assert!(waited < time, "after {waited:?} from {before:?} to {:?}", count());
            sleep(Duration::from_millis(10)).await;
        }
        println!("went on after {:.0?}", started.elapsed());
    }

    /// Waits until so many more have begun, after as many others were acknowledged.
    pub(crate) async fn is_served(&self, more: usize) -> Duration {
        let count = || self.shared.runs.lock().unwrap().len();
        let (wanted, started) = (count() + more, Instant::now());
        while count() < wanted {
            assert!(started.elapsed() < Duration::from_secs(30), "deliveries do not recover");
            sleep(Duration::from_millis(5)).await;
        }
        started.elapsed()
    }

    /// Waits until all of a number of events are acknowledged.
    pub(crate) async fn is_done(&mut self) {
        while let Some(sender) = self.senders.join_next().await {
            sender.unwrap();
        }
    }

    /// How many replies asked for another delivery until now.
    pub(crate) fn retried(&self) -> usize {
        self.shared.retried.load(Ordering::SeqCst)
    }

    /// Ends, and makes sure that each event ran once and is still known.
    pub(crate) async fn end(mut self) {
        self.shared.has_ended.store(true, Ordering::SeqCst);
        self.is_done().await;
        let runs = self.shared.runs.lock().unwrap().clone();
        println!("{} events, {} replies asked for another delivery", runs.len(), self.retried());
        assert!(runs.iter().all(|runs| *runs == 1), "{runs:?}");
        for events in (0..runs.len()).collect::<Vec<_>>().chunks(8) {
            let deliveries = events.iter().map(|&event| {
                let shared = Arc::clone(&self.shared);
                async move {
                    let mut reply = shared.run(event).await;
                    // A store that is far away, on a machine that is busy, may be late. Topper tries again.
                    for _ in 0..10 {
                        if reply != Reply::Retry {
                            break;
                        }
                        reply = shared.run(event).await;
                    }
                    (event, reply)
                }
            });
            for (event, reply) in deliveries.collect::<JoinSet<_>>().join_all().await {
                assert_eq!(reply, Reply::Duplicate, "event {event} is forgotten");
            }
        }
        let again = self.shared.runs.lock().unwrap().clone();
        assert_eq!(again, runs, "an event ran again");
    }
}

impl<S: Store> Shared<S> {
    /// A new event, unless it is over.
    fn next(&self) -> Option<usize> {
        let mut runs = self.runs.lock().unwrap();
        if self.has_ended.load(Ordering::SeqCst) || runs.len() >= self.most {
            return None;
        }
        runs.push(0);
        Some(runs.len() - 1)
    }

    async fn send(self: &Arc<Self>, event: usize) {
        loop {
            match self.run(event).await {
                // Its first reply may have been late.
                Reply::Processed | Reply::Duplicate => return,
                _ => {
                    self.retried.fetch_add(1, Ordering::SeqCst);
                    sleep(Duration::from_millis(50)).await;
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
