//! Servers that restart, or are replaced, under load.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{task::JoinSet, time::sleep};
use topper_core::{Reply, Webhook};
use topper_store::Inbox;

use super::{Runs, Sender};
use crate::{fault::proxy::Proxy, server::postgres::Own};

/// A receiver with its senders, and a worker of another program.
struct Load {
    receiver: Inbox,
    worker: topper_store::inbox::RunningWorker,
    runs: Runs,
    has_ended: Arc<AtomicBool>,
    senders: JoinSet<Vec<String>>,
}

impl Load {
    async fn start(url: &str) -> Self {
        let receiver = Inbox::open(url).await.unwrap();
        let elsewhere = Inbox::open(url).await.unwrap();
        let runs = Runs::default();
        let worker = runs.worker(&elsewhere).lease_term(Duration::from_secs(1)).start();
        let (has_ended, sender) = (Arc::new(AtomicBool::new(false)), Sender::new());
        let senders = (0..8).map(|number| {
            let (receiver, has_ended) = (receiver.clone(), Arc::clone(&has_ended));
            let sender = sender.clone();
            async move {
                let mut ids = Vec::new();
                while !has_ended.load(Ordering::SeqCst) {
                    let id = format!("{number}-{}", ids.len());
                    send(&receiver, &sender.webhook(&id)).await;
                    ids.push(id);
                }
                ids
            }
        });
        let senders = senders.collect();
        Self { receiver, worker, runs, has_ended, senders }
    }

    async fn is_processing(&self) {
        let before = self.runs.all().len();
        self.runs.are(before + 200, Duration::from_secs(30)).await;
    }

    /// Everything that was acknowledged has run.
    async fn end(self) {
        self.has_ended.store(true, Ordering::SeqCst);
        let acknowledged: Vec<_> = self.senders.join_all().await.into_iter().flatten().collect();
        let mut counts: HashMap<String, usize> = HashMap::new();
        for _ in 0..200 {
            counts.clear();
            for id in self.runs.all() {
                *counts.entry(id).or_default() += 1;
            }
            if acknowledged.iter().all(|id| counts.contains_key(id)) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        self.worker.drain().await;
        let lost: Vec<_> = acknowledged.iter().filter(|id| !counts.contains_key(*id)).collect();
        let again = counts.values().filter(|count| **count > 1).count();
        println!("{} events, {again} of them ran more than once", acknowledged.len());
        assert!(lost.is_empty(), "{} lost: {lost:?}", lost.len());
        drop(self.receiver);
    }
}

/// As Topper does, until it is acknowledged.
pub(super) async fn send(receiver: &Inbox, webhook: &Webhook) {
    loop {
        match receiver.accept(webhook).await {
            Reply::Accepted | Reply::Duplicate => return,
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loses_nothing_when_the_server_is_killed_and_starts_again() {
    let Some(mut server) = Own::start(&[]).await else { return };
    let load = Load::start(&server.database().await).await;
    for _ in 0..3 {
        load.is_processing().await;
        server.kill();
        sleep(Duration::from_millis(300)).await;
        server.begin().await;
    }
    load.is_processing().await;
    load.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn loses_nothing_when_a_standby_takes_over() {
    let Some(mut primary) = Own::start(&[]).await else { return };
    let (proxy, url) = Proxy::before(&primary.database().await).await;
    let standby = primary.standby().await;
    let load = Load::start(&url).await;
    load.is_processing().await;
    primary.kill();
    standby.promote().await;
    proxy.point_to(standby.port());
    load.is_processing().await;
    load.end().await;
}
