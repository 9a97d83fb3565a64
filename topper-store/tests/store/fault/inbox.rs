//! Inboxes whose store fails: 503, and nothing is stored by halves. What was accepted before waits, and
//! is processed once as soon as the store is back.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use topper_core::{EventName, Outcome, Reply, Verifier, Webhook};
use topper_store::{
    AnyInbox, Inbox,
    inbox::{EventFilter, EventState, InboxStore as _, Process, RunningWorker, Worker},
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::turn::Turn;

mod postgres;
mod sqlite;

/// So many events a worker has in work: while their handlers wait, it takes no more.
const IN_WORK: usize = 16;
/// More than that.
const EVENTS: usize = 20;
/// In which a delivery is answered although the store fails: Topper waits 4 s.
const ANSWERED: Duration = Duration::from_secs(3);
/// In which events are accepted once the store is back.
const RECOVERED: Duration = Duration::from_secs(3);
/// In which all that was accepted is done then.
const DONE: Duration = Duration::from_secs(15);

/// How often each event ran.
type Runs = Arc<Mutex<HashMap<String, usize>>>;

/// What was taken when the answer got lost is taken again after that.
const LEASES: Duration = Duration::from_secs(10);

/// A receiver and a worker whose store is harmed.
struct Victim {
    inbox: Inbox,
    worker: RunningWorker,
    key: TestKey,
    verifier: Verifier,
    runs: Runs,
    /// Whether handlers end.
    may_end: watch::Sender<bool>,
    _turn: Turn,
}

impl Victim {
    /// One that works: it has processed events, and others are in its handlers and wait in its store.
    async fn new(store: AnyInbox) -> Self {
        Self::with_leases_of(Duration::from_secs(30), store).await
    }

    async fn with_leases_of(term: Duration, store: AnyInbox) -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        let inbox = Inbox::new(store);
        let (runs, may_end) = (Runs::default(), watch::Sender::new(true));
        let worker = work(&inbox, &runs, &may_end).lease_term(term).start();
        let turn = Turn::to_measure().await;
        let victim = Self { inbox, worker, key, verifier, runs, may_end, _turn: turn };
        for (reply, _) in victim.accept_all(ids("done")).await {
            assert_eq!(reply, Reply::Accepted);
        }
        victim.are_done(ids("done")).await;
        victim.may_end.send_replace(false);
        for (reply, _) in victim.accept_all(ids("waiting")).await {
            assert_eq!(reply, Reply::Accepted);
        }
        while victim.worker.running() < IN_WORK {
            sleep(Duration::from_millis(5)).await;
        }
        victim
    }

    async fn accept(&self, id: &str) -> Reply {
        self.inbox.accept(&self.webhook(id)).await
    }

    /// An event as it arrives now.
    fn webhook(&self, id: &str) -> Webhook {
        // Each of an order of its own.
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(id).order_id(id);
        Delivery::signed(&self.key, event.to_json()).verify(&self.verifier).unwrap()
    }

    /// All at once.
    async fn accept_all(&self, ids: Vec<String>) -> Vec<(Reply, Duration)> {
        let accepting = ids.into_iter().map(|id| {
            let (inbox, webhook) = (self.inbox.clone(), self.webhook(&id));
            async move {
                let started = Instant::now();
                (inbox.accept(&webhook).await, started.elapsed())
            }
        });
        accepting.collect::<JoinSet<_>>().join_all().await
    }

    /// What must hold as long as the store fails. Handlers end meanwhile.
    async fn suffers(&self) {
        for round in 0..2 {
            for (reply, elapsed) in self.accept_all(ids("new")).await {
                assert_eq!(reply, Reply::Retry);
                assert!(elapsed < ANSWERED, "it took {elapsed:?}");
            }
            sleep(Duration::from_millis(300)).await;
            if round == 0 {
                self.may_end.send_replace(true);
            }
        }
    }

    /// What must hold from now on: the store is back.
    async fn recovers(&self) {
        self.recovers_with(Vec::new()).await;
    }

    /// The same, with events that were sent while it failed, or before.
    async fn recovers_with(&self, mut sent: Vec<String>) {
        sent.extend(ids("new"));
        let back = Instant::now();
        loop {
            let replies = self.accept_all(sent.clone()).await;
            if replies.iter().all(|(reply, _)| *reply == Reply::Duplicate) {
                break;
            }
            assert!(back.elapsed() < RECOVERED, "{replies:?}");
            sleep(Duration::from_millis(50)).await;
        }
        println!("accepts after {:.0?}", back.elapsed());
        let all = [ids("done"), ids("waiting"), sent].concat();
        self.are_done(all.clone()).await;
        println!("all is done after {:.0?}", back.elapsed());
        for (reply, _) in self.accept_all(all.clone()).await {
            assert_eq!(reply, Reply::Duplicate, "an event is forgotten");
        }
        sleep(Duration::from_millis(100)).await;
        self.are_done(all).await;
        timeout(DONE, self.worker.drain()).await.unwrap();
    }

    /// That these, and no others, are done, and have run once.
    async fn are_done(&self, ids: Vec<String>) {
        let started = Instant::now();
        let done = EventFilter { state: Some(EventState::Done), ..EventFilter::default() };
        loop {
            let listed = self.inbox.store().list(&done, 0, 1000).await.unwrap_or_default();
            if listed.len() == ids.len() {
                break;
            }
            let waited = started.elapsed();
            assert!(waited < DONE, "{} of {} after {waited:?}", listed.len(), ids.len());
            sleep(Duration::from_millis(20)).await;
        }
        let expected: HashMap<_, _> = ids.into_iter().map(|id| (id, 1)).collect();
        assert_eq!(*self.runs.lock().unwrap(), expected);
    }
}

/// A worker whose handlers count, and wait until they may end.
fn work(
    inbox: &Inbox,
    runs: &Runs,
    may_end: &watch::Sender<bool>,
) -> Worker<AnyInbox, impl Process<AnyInbox> + use<>> {
    let (runs, may_end) = (Arc::clone(runs), may_end.clone());
    let handler = move |webhook: Webhook| {
        let (runs, mut may_end) = (Arc::clone(&runs), may_end.subscribe());
        async move {
            *runs.lock().unwrap().entry(webhook.id().to_owned()).or_default() += 1;
            may_end.wait_for(|may_end| *may_end).await?;
            Ok(Outcome::Processed)
        }
    };
    inbox.work(handler).concurrency(IN_WORK)
}

fn ids(name: &str) -> Vec<String> {
    (0..EVENTS).map(|number| format!("{name} {number}")).collect()
}

/// Sends new events until the store has no room for any of many, and says which.
async fn fill(victim: &Victim) -> Vec<String> {
    let mut sent = Vec::new();
    loop {
        assert!(sent.len() < 900, "the store is not full");
        let ids = ids(&format!("filling {}", sent.len()));
        sent.extend(ids.clone());
        if victim.accept_all(ids).await.iter().all(|(reply, _)| *reply == Reply::Retry) {
            return sent;
        }
    }
}

/// Events that are sent, each again until it is acknowledged, until this is ended.
struct Load {
    victim: Arc<Victim>,
    has_ended: Arc<AtomicBool>,
    /// How many each has had acknowledged, and how many replies asked for another delivery.
    senders: JoinSet<(usize, usize)>,
}

impl Load {
    async fn on(store: AnyInbox) -> Self {
        const SENDERS: usize = 8;
        let victim = Victim::with_leases_of(LEASES, store).await;
        victim.may_end.send_replace(true);
        let (victim, has_ended) = (Arc::new(victim), Arc::new(AtomicBool::new(false)));
        let senders = (0..SENDERS).map(|sender| {
            let (victim, has_ended) = (Arc::clone(&victim), Arc::clone(&has_ended));
            async move {
                let mut retried = 0;
                for number in 0.. {
                    let id = format!("load {sender} {number}");
                    while !matches!(victim.accept(&id).await, Reply::Accepted | Reply::Duplicate) {
                        retried += 1;
                        sleep(Duration::from_millis(50)).await;
                    }
                    if has_ended.load(Ordering::SeqCst) {
                        return (number + 1, retried);
                    }
                    sleep(Duration::from_millis(2)).await;
                }
                unreachable!()
            }
        });
        let senders = senders.collect();
        Self { victim, has_ended, senders }
    }

    /// Ends it, and makes sure that each event that was acknowledged is done, and ran.
    async fn end(self) -> Ended {
        self.has_ended.store(true, Ordering::SeqCst);
        let counts = timeout(DONE, self.senders.join_all()).await.unwrap();
        let retried: usize = counts.iter().map(|(_, retried)| retried).sum();
        let sent: usize = counts.iter().map(|(sent, _)| sent).sum();
        let started = Instant::now();
        loop {
            if let Ok(stats) = self.victim.inbox.store().stats().await {
                if stats.pending + stats.in_work == 0 {
                    break;
                }
                assert!(started.elapsed() < 2 * DONE, "{stats:?}");
            }
            sleep(Duration::from_millis(20)).await;
        }
        let runs = self.victim.runs.lock().unwrap().clone();
        println!("{sent} events were acknowledged, {retried} replies asked for another delivery");
        assert_eq!(runs.len(), sent + 2 * EVENTS);
        Ended { retried, twice: runs.values().filter(|times| **times > 1).count() }
    }
}

/// How a load went.
struct Ended {
    /// How many replies asked for another delivery.
    retried: usize,
    /// How many events ran more than once.
    twice: usize,
}
