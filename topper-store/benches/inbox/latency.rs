//! From the acceptance of an event to the end of its handler, at 200 events a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::time::{interval, sleep};
use topper_core::{Outcome, Reply, Retry, Webhook};
use topper_store::{Inbox, inbox::InboxStore};

use crate::{is_met, postgres, sqlite, webhooks};

const EVERY: Duration = Duration::from_millis(5);
const EVENTS: usize = 2_000;
const MOST: f64 = 60.0;

pub(crate) async fn run() -> bool {
    println!("From acceptance to processed, 200 events a second");
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
    let ended = Arc::new(Mutex::new(HashMap::new()));
    let worker = inbox
        .work({
            let ended = Arc::clone(&ended);
            move |webhook: Webhook| {
                let ended = Arc::clone(&ended);
                async move {
                    ended.lock().unwrap().insert(webhook.id().to_owned(), Instant::now());
                    Ok::<_, Retry>(Outcome::Processed)
                }
            }
        })
        .start();
    let accepted = Arc::new(Mutex::new(HashMap::new()));
    let mut ticks = interval(EVERY);
    for webhook in webhooks {
        ticks.tick().await;
        let (inbox, accepted, webhook) = (inbox.clone(), Arc::clone(&accepted), webhook.clone());
        tokio::spawn(async move {
            let started = Instant::now();
            assert_eq!(inbox.accept(&webhook).await, Reply::Accepted);
            accepted.lock().unwrap().insert(webhook.id().to_owned(), started);
        });
    }
    while ended.lock().unwrap().len() < webhooks.len() {
        sleep(Duration::from_millis(20)).await;
    }
    worker.drain().await;
    let (accepted, ended) = (accepted.lock().unwrap(), ended.lock().unwrap());
    let mut times: Vec<Duration> =
        accepted.iter().map(|(id, started)| ended[id].duration_since(*started)).collect();
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).unwrap().as_secs_f64() * 1000.0;
    println!("  {name}: median {:.1} ms", at(50));
    is_met("99 of 100", at(99), "ms", at(99) < MOST, "under 60")
}
