//! A load of deliveries on a store, each sent again until it is answered for good, as Topper does, only
//! sooner.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep};
use topper_core::{EventName, Outcome, Reply, Verifier, Webhook};
use topper_store::{Once, Store};
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// What is needed to make deliveries, and what became of them.
pub(crate) struct Load<S> {
    once: Once<S>,
    key: TestKey,
    verifier: Verifier,
    runs: Vec<AtomicUsize>,
    retried: AtomicUsize,
    next: AtomicUsize,
    is_over: AtomicBool,
}

impl<S: Store> Load<S> {
    /// Of so many events at most.
    pub(crate) fn new(store: S, events: usize) -> Arc<Self> {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        let runs = (0..events).map(|_| AtomicUsize::new(0)).collect();
        let (retried, next, is_over) = Default::default();
        Arc::new(Self { once: Once::new(store), key, verifier, runs, retried, next, is_over })
    }

    fn webhook(&self, event: usize) -> Webhook {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(&event.to_string());
        Delivery::signed(&self.key, event.to_json()).verify(&self.verifier).unwrap()
    }

    async fn deliver(self: &Arc<Self>, event: usize) -> Reply {
        let load = Arc::clone(self);
        let handler = move |_| async move {
            load.runs.get(event).unwrap().fetch_add(1, Ordering::SeqCst);
            Ok(Outcome::Processed)
        };
        self.once.run(self.webhook(event), handler).await
    }

    /// Until it is over, or each event is done: so many at once.
    pub(crate) fn start(self: &Arc<Self>, at_once: usize) -> JoinSet<()> {
        let deliver = || {
            let load = Arc::clone(self);
            async move {
                while !load.is_over.load(Ordering::SeqCst) {
                    let event = load.next.fetch_add(1, Ordering::SeqCst);
                    if event >= load.runs.len() {
                        return;
                    }
                    while load.deliver(event).await.is_retried() {
                        load.retried.fetch_add(1, Ordering::SeqCst);
                        sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        };
        (0..at_once).map(|_| deliver()).collect()
    }

    /// Waits until so many more are done, all by deliveries that began after this was called.
    pub(crate) async fn is_served(&self, more: usize) -> Duration {
        let started = Instant::now();
        let wanted = self.next.load(Ordering::SeqCst) + more;
        while self.next.load(Ordering::SeqCst) < wanted {
            assert!(started.elapsed() < Duration::from_secs(30), "deliveries do not recover");
            sleep(Duration::from_millis(5)).await;
        }
        started.elapsed()
    }

    /// Ends it when what was begun is done.
    pub(crate) async fn end(&self, tasks: JoinSet<()>) {
        self.is_over.store(true, Ordering::SeqCst);
        tasks.join_all().await;
    }

    /// Each event that was done ran once, and is remembered.
    pub(crate) async fn ran_once(self: &Arc<Self>) -> usize {
        let done = self.next.load(Ordering::SeqCst).min(self.runs.len());
        for events in (0..done).collect::<Vec<_>>().chunks(8) {
            let deliveries = events.iter().map(|&event| {
                let load = Arc::clone(self);
                async move { (event, load.deliver(event).await) }
            });
            for (event, reply) in deliveries.collect::<JoinSet<_>>().join_all().await {
                assert_eq!(reply, Reply::Duplicate, "event {event}");
                let runs = self.runs.get(event).unwrap().load(Ordering::SeqCst);
                assert_eq!(runs, 1, "runs of event {event}");
            }
        }
        done
    }

    /// How many deliveries were answered so that Topper sends them again.
    pub(crate) fn retried(&self) -> usize {
        self.retried.load(Ordering::SeqCst)
    }
}
