//! Processing what has piled up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::sleep;
use topper_core::{Outcome, Retry, Webhook};
use topper_store::{Inbox, inbox::InboxStore};

use crate::{is_met, postgres, rate, sqlite, webhooks};

const EVENTS: usize = 100_000;
const LEAST: f64 = 4_000.0;

pub(crate) async fn run() -> bool {
    println!("Draining {EVENTS} events, one worker of default concurrency");
    let webhooks = webhooks(EVENTS);
    let (inbox, _folder) = sqlite().await;
    let mut is_fine = measure("SQLite", inbox, &webhooks).await;
    if let Some((inbox, _, _server)) = postgres().await {
        is_fine &= measure("PostgreSQL", inbox, &webhooks).await;
    }
    println!();
    is_fine
}

async fn measure<S: InboxStore>(name: &str, store: S, webhooks: &[Webhook]) -> bool {
    let inbox = Inbox::new(store);
    let accepting = inbox.clone();
    let accepted = rate(256, webhooks, move |webhook| {
        let inbox = accepting.clone();
        async move { assert_eq!(inbox.accept(&webhook).await.code(), "accepted") }
    })
    .await;
    println!("  {name}: accepted at {accepted:.0} a second");
    let count = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&count);
    let started = Instant::now();
    let worker = inbox
        .work(move |_: Webhook| {
            let count = Arc::clone(&counting);
            async move {
                count.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Retry>(Outcome::Processed)
            }
        })
        .start();
    while count.load(Ordering::Relaxed) < webhooks.len() {
        sleep(Duration::from_millis(5)).await;
    }
    let elapsed = started.elapsed().as_secs_f64();
    worker.drain().await;
    assert_eq!(count.load(Ordering::Relaxed), webhooks.len(), "some were processed twice");
    let stats = inbox.store().stats().await.unwrap();
    assert_eq!((stats.pending, stats.in_work, stats.dead), (0, 0, 0));
    let rate = webhooks.len() as f64 / elapsed;
    is_met("processed", rate, "/s", rate >= LEAST, "at least 4000")
}
