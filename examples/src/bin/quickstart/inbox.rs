//! Two inboxes, each with a receiver and a worker: the handler of the first fails twice; the second
//! gives an event up, so that an operator must retry it.

use std::{
    error::Error,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{FromRef, State},
    routing::post,
};
use tokio::time::sleep;
use topper::{
    EventName, Outcome, Reply, Retry, Verifier, Webhook,
    axum::{Verified, WebhookReply},
    store::{
        Inbox, MemoryInbox,
        inbox::{Change, EventFilter, EventState, InboxStore as _, StoredEvent},
    },
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::{PATH, Tally, serve};

/// What the handlers fail with.
const FAILURE: &str = "the ledger is down";
/// How long an event may take to reach a state.
const PATIENCE: Duration = Duration::from_secs(15);

/// In memory, for this demo only: your receiver opens `sqlite://topper.db` or `postgres://...`.
#[derive(Clone)]
struct Receiver {
    verifier: Verifier,
    inbox: Inbox<MemoryInbox>,
}

impl FromRef<Receiver> for Verifier {
    fn from_ref(receiver: &Receiver) -> Self {
        receiver.verifier.clone()
    }
}

/// All that happens before Topper is answered.
async fn receive(State(receiver): State<Receiver>, verified: Verified) -> WebhookReply {
    receiver.inbox.accept(&verified).await.into()
}

pub(crate) async fn show(
    key: &TestKey,
    verifier: &Verifier,
    tally: &mut Tally,
) -> Result<(), Box<dyn Error>> {
    println!(
        "\nAn inbox whose handler fails twice: the event is stored, and Topper is answered at once"
    );
    let inbox = Inbox::new(MemoryInbox::new());
    let failures = Arc::new(AtomicU32::new(2));
    let worker = inbox.work(move |_| fail_some(Arc::clone(&failures))).start();
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    let address = start(verifier, &inbox).await?;
    let delivered = Instant::now();
    let delivery = Delivery::signed(key, event.to_json());
    let title = "order:crypto-onramp:completed";
    deliver(title, &delivery, address, Reply::Accepted, "stored, to be processed", tally).await?;
    let title = "the same event again";
    deliver(title, &delivery, address, Reply::Duplicate, "stored before", tally).await?;

    println!(
        "\nAn inbox that gives up after the first failure, not after three days: the event is dead"
    );
    let hasty = Inbox::new(MemoryInbox::new());
    let is_fixed = Arc::new(AtomicBool::new(false));
    let handler = Arc::clone(&is_fixed);
    let hasty_worker = hasty
        .work(move |webhook| fail_until(Arc::clone(&handler), webhook))
        .give_up_after(Duration::ZERO)
        .start();
    let dead = EventBuilder::new(EventName::OrderCryptoOfframpCompleted);
    let address = start(verifier, &hasty).await?;
    let delivery = Delivery::signed(key, dead.to_json());
    let title = "order:crypto-offramp:completed";
    deliver(title, &delivery, address, Reply::Accepted, "stored, to be processed", tally).await?;
    let stored = wait_for(&hasty, EventState::Dead).await?;
    let is_dead = stored.state == EventState::Dead && stored.attempts == 1;
    let detail = format!("kept until an operator retries it; last error: {}", last_error(&stored));
    tally.add("given up", &describe(&stored), &detail, is_dead, "dead at attempt 1");
    // What `topper inbox retry --state dead` does, once the bug is fixed.
    is_fixed.store(true, Ordering::Relaxed);
    let dead = EventFilter { state: Some(EventState::Dead), ..EventFilter::default() };
    let changed = hasty.store().change(&dead, Change::Retry, 0, 100).await?;
    let stored = wait_for(&hasty, EventState::Done).await?;
    let detail = format!("{} event is due again", changed.count);
    let is_done = stored.state == EventState::Done && changed.count == 1;
    tally.add(
        "retried by an operator, after the bug fix",
        &describe(&stored),
        &detail,
        is_done,
        "done at attempt 2",
    );

    println!("\nThe first inbox again: its handler failed twice");
    let stored = wait_for(&inbox, EventState::Done).await?;
    let is_done = stored.state == EventState::Done && stored.attempts == 3;
    let detail = format!(
        "{:.1} s after it was delivered; last error: {}",
        delivered.elapsed().as_secs_f64(),
        last_error(&stored),
    );
    tally.add(
        "retried after about 1 s and 2 s",
        &describe(&stored),
        &detail,
        is_done,
        "done at attempt 3",
    );
    worker.drain().await;
    hasty_worker.drain().await;
    Ok(())
}

/// A handler that fails some times.
async fn fail_some(failures: Arc<AtomicU32>) -> Result<Outcome, Retry> {
    let left =
        failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    match left {
        Ok(_) => Err(FAILURE)?,
        Err(_) => Ok(Outcome::Processed),
    }
}

/// A handler that fails until it is fixed.
async fn fail_until(is_fixed: Arc<AtomicBool>, webhook: Webhook) -> Result<Outcome, Retry> {
    webhook.event()?;
    if !is_fixed.load(Ordering::Relaxed) {
        return Err(FAILURE.into());
    }
    Ok(Outcome::Processed)
}

async fn start(verifier: &Verifier, inbox: &Inbox<MemoryInbox>) -> std::io::Result<SocketAddr> {
    let receiver = Receiver { verifier: verifier.clone(), inbox: inbox.clone() };
    serve(Router::new().route(PATH, post(receive)).with_state(receiver)).await
}

async fn deliver(
    title: &str,
    delivery: &Delivery,
    address: SocketAddr,
    reply: Reply,
    detail: &str,
    tally: &mut Tally,
) -> Result<(), Box<dyn Error>> {
    let answer = delivery.send(address, PATH).await?;
    let is_so = answer.status == reply.status() && answer.body == reply.code();
    let answer = format!("{} {}", answer.status, answer.body);
    let expected = format!("{} {}", reply.status(), reply.code());
    tally.add(title, &answer, detail, is_so, expected);
    Ok(())
}

/// The only event of an inbox, once it is in a state, or as it is when that takes too long.
async fn wait_for(
    inbox: &Inbox<MemoryInbox>,
    state: EventState,
) -> Result<StoredEvent, Box<dyn Error>> {
    let started = Instant::now();
    loop {
        let events = inbox.store().list(&EventFilter::default(), 0, 1).await?;
        let stored = events.into_iter().next().ok_or("the inbox is empty")?;
        if stored.state == state || started.elapsed() > PATIENCE {
            return Ok(stored);
        }
        sleep(Duration::from_millis(20)).await;
    }
}

fn describe(stored: &StoredEvent) -> String {
    format!("{} at attempt {}", stored.state, stored.attempts)
}

fn last_error(stored: &StoredEvent) -> &str {
    stored.last_error.as_deref().unwrap_or("none")
}
