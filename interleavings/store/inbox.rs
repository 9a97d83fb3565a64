//! The inbox in memory, and its worker.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use shuttle::future::block_on;
use tokio::{
    spawn,
    sync::watch,
    time::{pause, resume},
};
use topper_core::{Outcome, Reply};

use super::once::{Runs, webhooks};
use crate::{
    Inbox, MemoryInbox,
    inbox::{EventFilter, EventState, InboxStore as _},
};

type Memory = Inbox<MemoryInbox>;

/// Each event twice at the same time; one of them is a repeat.
async fn accept(inbox: &Memory) {
    let accepting = webhooks().each_ref().map(|webhook| {
        [0, 1].map(|_| {
            let (inbox, webhook) = (inbox.clone(), webhook.clone());
            spawn(async move { inbox.accept(&webhook).await })
        })
    });
    for [one, other] in accepting {
        let replies = [one.await.unwrap(), other.await.unwrap()];
        assert!(replies.contains(&Reply::Accepted) && replies.contains(&Reply::Duplicate));
    }
}

pub(super) fn a_worker_wakes_for_each_event() {
    pause();
    block_on(async {
        let inbox = Inbox::new(MemoryInbox::new());
        let (done, runs) = (watch::Sender::new(0), Arc::new(Runs::default()));
        let (doing, running) = (done.clone(), Arc::clone(&runs));
        let worker = inbox.work(move |_| {
            let (doing, running) = (doing.clone(), Arc::clone(&running));
            async move {
                running.run();
                doing.send_modify(|done| *done += 1);
                Ok(Outcome::Processed)
            }
        });
        let running = worker.concurrency(2).start();
        accept(&inbox).await;
        // No time passes: a worker that is not woken never looks again.
        drop(done.subscribe().wait_for(|done| *done == 2).await.unwrap());
        running.drain().await;
        assert_eq!((*done.borrow(), runs.succeeded()), (2, 0), "an event was processed twice");
        let all = inbox.store().list(&EventFilter::default(), 0, usize::MAX).await.unwrap();
        assert!(all.iter().all(|event| event.state == EventState::Done), "{all:?}");
    });
}

pub(super) fn nothing_runs_after_draining() {
    resume();
    block_on(async {
        let inbox = Inbox::new(MemoryInbox::new());
        let shared = Arc::new(([Runs::default(), Runs::default()], AtomicBool::new(false)));
        let handling = Arc::clone(&shared);
        let worker = inbox.work(move |webhook| {
            let handling = Arc::clone(&handling);
            async move {
                let (runs, is_drained) = &*handling;
                let event = webhooks().iter().position(|it| it.id() == webhook.id()).unwrap();
                let runs = runs.get(event).unwrap();
                runs.must(!is_drained.load(Ordering::SeqCst), "a handler runs after draining");
                runs.handle(0)
            }
        });
        let running = worker.concurrency(1).start();
        let draining = {
            let (running, shared) = (running.clone(), Arc::clone(&shared));
            spawn(async move {
                running.drain().await;
                shared.1.store(true, Ordering::SeqCst);
                assert_eq!(running.running(), 0);
            })
        };
        let accepting = spawn(async move {
            let webhooks = webhooks();
            for webhook in webhooks {
                inbox.accept(webhook).await;
            }
            inbox
        });
        draining.await.unwrap();
        let inbox = accepting.await.unwrap();
        running.drain().await;
        for stored in inbox.store().list(&EventFilter::default(), 0, usize::MAX).await.unwrap() {
            let event = webhooks().iter().position(|it| it.id() == stored.key.id()).unwrap();
            let done = shared.0.get(event).unwrap().succeeded();
            match stored.state {
                EventState::Done => assert_eq!(done, 1),
                EventState::Pending => assert_eq!(done, 0),
                state => panic!("an event is {state} after draining"),
            }
        }
    });
}
