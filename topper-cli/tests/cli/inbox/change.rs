//! `retry` and `bury`

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::{sleep, timeout};
use topper_core::{EventName, Outcome, Retry, Webhook};
use topper_store::inbox::{EventFilter, EventState, InboxStore as _};

use topper_testkit::EventBuilder;

use super::{MINUTE, Receiver, completed, dead, one_of_each};
use crate::program::{TOPPER, finish, signal};

#[tokio::test]
async fn asks_which_events() {
    let receiver = one_of_each().await;
    for command in ["retry", "bury"] {
        let output = receiver.topper(&[command, "--yes"]).await;
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("a filter such as --state dead, or --all"), "{output:?}");
    }
    let output = receiver.topper(&["retry", "--all", "--dry-run", "--json"]).await;
    // Dead, parked and waiting.
    assert_eq!(output.objects()[0]["matched"], 3, "{output:?}");
    let output = receiver.topper(&["bury", "--all", "--dry-run"]).await;
    assert_eq!(output.stdout, "4 events to bury; nothing was changed\n");
}

#[tokio::test]
async fn changes_nothing_without_a_terminal_or_a_yes() {
    let receiver = one_of_each().await;
    for command in ["retry", "bury"] {
        let output = receiver.topper(&[command, "--state", "dead"]).await;
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("1 event?"), "{output:?}");
        assert!(output.stderr.contains("Add --yes to do it, or --dry-run"), "{output:?}");
    }
    let output = receiver.topper(&["retry", "--state", "dead", "--dry-run"]).await;
    assert_eq!(output.stdout, "1 event to retry; nothing was changed\n");
    assert_eq!(receiver.ids(&["--state", "dead"]).await, ["dead"]);
}

#[tokio::test]
async fn retries_and_buries_what_was_named() {
    let receiver = one_of_each().await;
    let output = receiver.topper(&["retry", "dead", "parked", "--yes"]).await;
    assert_eq!((output.code, &*output.stdout), (Some(0), "2 events retried\n"), "{output:?}");
    assert_eq!(receiver.ids(&["--state", "pending"]).await, ["parked", "dead", "waiting", "due"]);
    let output = receiver.topper(&["bury", "--order", "waiting", "--yes", "--json"]).await;
    let object = &output.objects()[0];
    assert_eq!((&object["matched"], &object["changed"]), (&1.into(), &1.into()));
    assert_eq!(receiver.ids(&["--state", "buried"]).await, ["waiting", "buried"]);
    let output = receiver.topper(&["retry", "--state", "buried", "--yes"]).await;
    assert_eq!(output.stdout, "2 events retried\n");
}

#[tokio::test]
async fn says_of_each_id_why_it_is_not_changed() {
    let receiver = one_of_each().await;
    for (command, id, reason) in [
        ("retry", "done", "done; add `--state done` to process it again"),
        ("retry", "buried", "add `--state buried`"),
        ("retry", "in-work", "a worker is processing it"),
        ("retry", "due", "already due"),
        ("retry", "nothing", "no such event"),
        ("bury", "done", "cannot be buried"),
        ("bury", "buried", "already buried"),
        ("bury", "in-work", "a worker is processing it"),
    ] {
        let output = receiver.topper(&[command, id, "dead", "--dry-run"]).await;
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.starts_with(&format!("{id}: ")), "{output:?}");
        assert!(output.stderr.contains(reason), "{reason}: {output:?}");
        assert!(output.stdout.starts_with("1 event to "), "{output:?}");
    }
    for (command, state, reason) in [
        ("retry", "in-work", "events in work cannot"),
        ("bury", "in-work", "events in work cannot"),
        ("bury", "done", "cannot be buried"),
        ("bury", "buried", "already buried"),
    ] {
        let output = receiver.topper(&[command, "--state", state, "--yes"]).await;
        assert!(output.code == Some(2) && output.stderr.contains(reason), "{output:?}");
    }
}

/// Counts the runs of each event.
#[derive(Clone, Default)]
struct Runs(Arc<Mutex<HashMap<String, u32>>>);

impl Runs {
    async fn run(self, webhook: Webhook) -> Result<Outcome, Retry> {
        if webhook.name() != "user:created" {
            *self.0.lock().unwrap().entry(webhook.id().to_owned()).or_default() += 1;
        }
        Ok(Outcome::Processed)
    }

    fn total(&self) -> u32 {
        self.0.lock().unwrap().values().sum()
    }

    async fn reach(&self, total: u32) {
        let reached = async {
            while self.total() < total {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(MINUTE, reached).await.unwrap_or_else(|_| panic!("{} of {total}", self.total()));
    }
}

/// Accepts other events all the time, so that the worker never waits and soon takes what is due.
async fn keep_busy(receiver: Arc<Receiver>) {
    for number in 0.. {
        let event = EventBuilder::new(EventName::UserCreated).id(&format!("other-{number}"));
        receiver.inbox.accept(&receiver.verified("default", &event)).await;
    }
}

#[tokio::test]
async fn processes_each_done_event_once_more_next_to_a_running_worker() {
    const COUNT: u32 = 6000;
    let receiver = Arc::new(Receiver::new().await);
    receiver.accept_many(COUNT as usize).await;
    let runs = Runs::default();
    let counted = runs.clone();
    let worker = receiver.inbox.work(move |webhook| counted.clone().run(webhook)).start();
    runs.reach(COUNT).await;
    // The last marks.
    sleep(Duration::from_millis(300)).await;
    let busy = tokio::spawn(keep_busy(Arc::clone(&receiver)));
    let which = ["--name", "order:crypto-onramp:completed", "--state", "done", "--yes"];
    let output = receiver.topper(&[&["retry"], &which[..]].concat()).await;
    assert_eq!(output.stdout, "6000 events retried\n", "{output:?}");
    busy.abort();
    runs.reach(2 * COUNT).await;
    worker.drain().await;
    let runs = runs.0.lock().unwrap();
    let other: Vec<_> = runs.iter().filter(|(_, runs)| **runs != 2).collect();
    assert!(runs.len() == COUNT as usize && other.is_empty(), "{other:?}");
}

#[tokio::test]
async fn a_worker_takes_a_dead_event_up_again() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("1")).await;
    receiver.end(dead("a bug")).await;
    let runs = Runs::default();
    let counted = runs.clone();
    let worker = receiver.inbox.work(move |webhook| counted.clone().run(webhook)).start();
    assert_eq!(receiver.topper(&["retry", "1", "--yes"]).await.code, Some(0));
    runs.reach(1).await;
    worker.drain().await;
    assert_eq!(receiver.ids(&["--state", "done"]).await, ["1"]);
    let output = receiver.topper(&["stats"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[tokio::test]
async fn says_truly_how_many_were_changed_when_it_is_interrupted() {
    const COUNT: usize = 8000;
    let receiver = Receiver::new().await;
    receiver.accept_many(COUNT).await;
    let mut command = receiver.home.command(TOPPER);
    command.args(["inbox", "bury", "--all", "--yes", "--store", "sqlite://topper.db"]);
    let child = command.spawn().unwrap();
    let buried = EventFilter { state: Some(EventState::Buried), ..EventFilter::default() };
    let store = receiver.inbox.store();
    while store.list(&buried, 0, 1).await.unwrap().is_empty() {
        sleep(Duration::from_millis(1)).await;
    }
    signal(&child, "-INT").await;
    let output = finish(child, b"").await;
    assert_eq!(output.code, Some(130), "{output:?}");
    let mut count = 0;
    let mut after = 0;
    while let Some(last) = store.list(&buried, after, 1000).await.unwrap().last() {
        count += store.list(&buried, after, 1000).await.unwrap().len();
        after = last.row;
    }
    assert!(count > 0 && count < COUNT, "{count}");
    assert_eq!(output.stderr, format!("interrupted: {count} of {COUNT} events buried\n"));
}
