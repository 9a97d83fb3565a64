//! What a worker does in addition to its events: it purges bodies, takes up parked events that it
//! can read, and measures what the inbox holds.

use std::{sync::Arc, time::Duration};

use tokio::{
    select,
    sync::watch,
    time::{Instant, sleep, timeout},
};
use topper_core::{
    Envelope,
    internal::{self, Asking, Operation},
};

use super::{
    event::OrderPlace,
    store::InboxStore,
    stored::InboxStats,
    worker::{Shared, VERSION},
};
use crate::renewal::ASK_TIME;

/// How often parked events are looked at: another version may have parked some.
const LOOK: Duration = Duration::from_secs(60);
/// How often bodies are purged.
const PURGE: Duration = Duration::from_secs(3600);
/// How many events at once, and the time between: no one must notice.
const PORTION: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);
/// After measuring there is none for so many times as long as it took.
const LEAST_REST: u32 = 100;

pub(super) async fn run<S: InboxStore, P: Send + Sync + 'static>(
    shared: Arc<Shared<S, P>>,
    mut is_draining: watch::Receiver<bool>,
) {
    select! {
        biased;
        _ = is_draining.wait_for(|is_draining| *is_draining) => {}
        () = keep_up(&shared) => {}
        () = measure(&shared), if internal::IS_ON => {}
    }
}

/// When the store fails nothing is set: an old number is better than a wrong one. It is not logged either:
/// taking events, which matters, fails at the same time.
async fn measure<S: InboxStore, P>(shared: &Shared<S, P>) {
    loop {
        let (started, asking) = (Instant::now(), Asking::now(Operation::Stats));
        let stats = timeout(ASK_TIME, shared.store().stats()).await.ok().and_then(Result::ok);
        asking.ended(None, stats.is_none());
        if let Some(stats) = stats {
            let InboxStats { pending, in_work, parked, dead, oldest, .. } = stats;
            internal::inbox_holds(pending.saturating_add(in_work), oldest, dead, parked);
        }
        // Counting the events of a day may take long where there are millions.
        let rest = started.elapsed() * LEAST_REST;
        sleep(shared.settings.measure_every.max(rest)).await;
    }
}

async fn keep_up<S: InboxStore, P>(shared: &Shared<S, P>) {
    let mut purged: Option<Instant> = None;
    loop {
        unpark(shared).await;
        if purged.is_none_or(|purged| purged.elapsed() >= PURGE) {
            purge(shared).await;
            purged = Some(Instant::now());
        }
        sleep(LOOK).await;
    }
}

async fn unpark<S: InboxStore, P>(shared: &Shared<S, P>) {
    let mut after = 0;
    while let Some(events) =
        shared.ask(Operation::Parked, shared.store().parked(VERSION, after, PORTION)).await
    {
        let Some(last) = events.last() else { return };
        after = last.row;
        for stored in &events {
            let Ok(envelope) = Envelope::from_json(&stored.body) else { continue };
            let Ok(event) = envelope.event() else { continue };
            let order = OrderPlace::of(event);
            let unpark = shared.store().unpark(&stored.key, order.as_ref());
            let unparked = shared.ask(Operation::Unpark, unpark).await;
            if unparked == Some(true) {
                shared.inbox.arrived.notify_one();
            }
        }
        sleep(PAUSE).await;
    }
}

async fn purge<S: InboxStore, P>(shared: &Shared<S, P>) {
    let keep_for = shared.settings.keep_for;
    while let Some(1..) =
        shared.ask(Operation::Purge, shared.store().purge(keep_for, PORTION)).await
    {
        sleep(PAUSE).await;
    }
}
