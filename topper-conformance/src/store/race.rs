//! Many at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use topper_core::{Outcome, Reply, Webhook};
use topper_store::{Claim, Lease, LeaseError, Once, Store};

use super::{Backend, Bench, LONG, SHORT, expire, lease, rounds};

const TASKS: usize = 100;
const EVENTS: usize = 100;
const CONNECTIONS: usize = 3;

/// An event, and what was made of it.
struct Raced {
    webhook: Webhook,
    runs: Arc<AtomicUsize>,
    is_done: Arc<AtomicBool>,
    processed: AtomicUsize,
}

pub(super) async fn runs_each_event_once<B: Backend>(bench: &Bench<B>) {
    let mut receivers = Vec::new();
    for _ in 0..CONNECTIONS {
        // A webhook is sent by many tasks over a while, so its budget is not what this is about.
        receivers.push(Once::new(bench.store().await).budget(LONG));
    }
    for round in 0..rounds() {
        let events: Arc<Vec<Raced>> = Arc::new(
            (0..EVENTS)
                .map(|event| Raced {
                    webhook: bench.webhook(&format!("{round}-{event}")),
                    runs: Arc::default(),
                    is_done: Arc::default(),
                    processed: AtomicUsize::new(0),
                })
                .collect(),
        );
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let once = receivers.get(task % CONNECTIONS).unwrap().clone();
                let events = Arc::clone(&events);
                // All at the same events at once, and, in every other round, each elsewhere.
                let offset = if round % 2 == 0 { 0 } else { task };
                tokio::spawn(async move {
                    for event in events.iter().cycle().skip(offset).take(EVENTS) {
                        send(&once, event).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        for event in events.iter() {
            assert_eq!(event.runs.load(Ordering::SeqCst), 1, "runs of {}", event.webhook.id());
            assert_eq!(event.processed.load(Ordering::SeqCst), 1);
            for once in &receivers {
                assert_eq!(run_in_the_end(once, event).await, Reply::Duplicate);
            }
        }
    }
}

/// Sends it until the store could be asked, as Topper does.
async fn run_in_the_end<S: Store>(once: &Once<S>, event: &Raced) -> Reply {
    loop {
        match run(once, event).await {
            // A machine that is busy with other things may take over half a second for a claim.
            Reply::Retry => tokio::time::sleep(Duration::from_millis(50)).await,
            reply => return reply,
        }
    }
}

/// Sends it until the answer is final, and counts that.
async fn send<S: Store>(once: &Once<S>, event: &Raced) {
    match run_in_the_end(once, event).await {
        Reply::Processed => {
            event.processed.fetch_add(1, Ordering::SeqCst);
        }
        Reply::Duplicate => {
            assert!(event.is_done.load(Ordering::SeqCst), "a duplicate before it is done");
        }
        Reply::InProgress => {}
        other => panic!("{other:?} for {}", event.webhook.id()),
    }
}

async fn run<S: Store>(once: &Once<S>, event: &Raced) -> Reply {
    let (runs, is_done) = (Arc::clone(&event.runs), Arc::clone(&event.is_done));
    once.run(event.webhook.clone(), move |_| async move {
        runs.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(2)).await;
        is_done.store(true, Ordering::SeqCst);
        Ok(Outcome::Processed)
    })
    .await
}

pub(super) async fn is_taken_over_by_one<B: Backend>(bench: &Bench<B>) {
    for round in 0..rounds() {
        let id = round.to_string();
        let stores = [Arc::new(bench.store().await), Arc::new(bench.store().await)];
        let first = Arc::clone(stores.first().unwrap());
        assert!(first.claim(&lease(&id), SHORT).await.unwrap().is_new());
        expire().await;
        let tasks: Vec<_> = (0..50)
            .map(|task| {
                let (store, id) = (Arc::clone(stores.get(task % 2).unwrap()), id.clone());
                tokio::spawn(async move { claim_in_the_end(&*store, &lease(&id)).await })
            })
            .collect();
        let mut new = 0;
        for task in tasks {
            match task.await.unwrap() {
                Claim::New(_) => new += 1,
                claim => assert_eq!(claim, Claim::InProgress),
            }
        }
        assert_eq!(new, 1, "so many took over");
    }
}

/// Claims an event. A machine that is busy with other things may take too long; then the same owner asks
/// again.
async fn claim_in_the_end<S: Store>(store: &S, lease: &Lease) -> Claim {
    const TRIES: usize = 20;
    for _ in 0..TRIES {
        if let Ok(claim) = store.claim(lease, LONG).await {
            return claim;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    store.claim(lease, LONG).await.unwrap()
}

pub(super) async fn is_completed_by_its_owner_alone<B: Backend>(bench: &Bench<B>) {
    let store = Arc::new(bench.store().await);
    for round in 0..rounds() {
        let id = round.to_string();
        let owner = lease(&id);
        assert!(store.claim(&owner, LONG).await.unwrap().is_new());
        let leases = (0..20).map(|number| if number == 10 { owner.clone() } else { lease(&id) });
        let tasks: Vec<_> = leases
            .map(|lease| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.complete(&lease).await })
            })
            .collect();
        let mut completed = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => completed += 1,
                Err(error) => assert!(matches!(error, LeaseError::Lost), "{error:?}"),
            }
        }
        assert_eq!(completed, 1);
        assert_eq!(store.claim(&lease(&id), LONG).await.unwrap(), Claim::Done);
    }
}
