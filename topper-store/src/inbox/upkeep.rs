//! What a worker does beside its events: it purges bodies, and takes up parked events that it can read.

use std::{sync::Arc, time::Duration};

use tokio::{
    select,
    sync::watch,
    time::{Instant, sleep},
};
use topper_core::Envelope;

use super::{
    event::OrderPlace,
    store::InboxStore,
    worker::{Shared, VERSION},
};

/// How often parked events are looked at: another version may have parked some.
const LOOK: Duration = Duration::from_secs(60);
/// How often bodies are purged.
const PURGE: Duration = Duration::from_secs(3600);
/// How many events at once, and the time between: nobody must notice.
const PORTION: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);

pub(super) async fn run<S: InboxStore, P: Send + Sync + 'static>(
    shared: Arc<Shared<S, P>>,
    mut is_draining: watch::Receiver<bool>,
) {
    select! {
        _ = is_draining.wait_for(|is_draining| *is_draining) => {}
        () = keep_up(&shared) => {}
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
    while let Some(events) = shared.ask(shared.store().parked(VERSION, after, PORTION)).await {
        let Some(last) = events.last() else { return };
        after = last.row;
        for stored in &events {
            let Ok(envelope) = Envelope::from_json(&stored.body) else { continue };
            let Ok(event) = envelope.event() else { continue };
            let order = OrderPlace::of(event);
            let unparked = shared.ask(shared.store().unpark(&stored.key, order.as_ref())).await;
            if unparked == Some(true) {
                shared.inbox.arrived.notify_one();
            }
        }
        sleep(PAUSE).await;
    }
}

async fn purge<S: InboxStore, P>(shared: &Shared<S, P>) {
    let keep_for = shared.settings.keep_for;
    while let Some(1..) = shared.ask(shared.store().purge(keep_for, PORTION)).await {
        sleep(PAUSE).await;
    }
}
