//! A worker is stopped with SIGSTOP for longer than its lease, and goes on when another has taken
//! over.

use std::{str::FromStr as _, time::Duration};

use sqlx::{ConnectOptions as _, Connection as _, Executor as _, sqlite::SqliteConnectOptions};
use tokio::time::{Instant, sleep};
use topper_core::Reply;
use topper_store::inbox::EventState;

use super::{Database, Event, Site, on_each_database, receiver::Setting, stopping::Point};

const LONG: Duration = Duration::from_secs(20);

on_each_database! {
    another_takes_over_from_a_worker_that_is_stopped => takes_over(false);
}

/// A worker that is stopped at a point, with the only event that is due.
async fn stopped(site: &Site, event: &Event, point: Point) -> crate::program::Program {
    assert_eq!(site.inbox().await.accept(&site.webhook(event)).await, Reply::Accepted);
    let stays = Some(Duration::from_millis(1500));
    let mut program =
        site.start(&Setting { point: Some(point), stays, ..Setting::default() }).await;
    program.says(point.name()).await;
    program.signal("-STOP");
    program
}

/// One that is stopped in the midst of a commit holds up all others, since SQLite has one writer at a
/// time; that is another test. Here it goes on, and is stopped once more, a moment later.
async fn is_stopped_between_commits(program: &crate::program::Program, store: &str) {
    while !is_free(store).await {
        program.signal("-CONT");
        sleep(Duration::from_millis(5)).await;
        program.signal("-STOP");
    }
}

/// Whether others can write.
async fn is_free(store: &str) -> bool {
    if !store.starts_with("sqlite:") {
        return true;
    }
    let options = SqliteConnectOptions::from_str(store).unwrap();
    let mut connection = options.busy_timeout(Duration::ZERO).connect().await.unwrap();
    let begun = connection.execute("BEGIN IMMEDIATE; ROLLBACK").await;
    connection.close().await.unwrap();
    begun.is_ok()
}

async fn accept(site: &Site, events: &[Event]) {
    let inbox = site.inbox().await;
    for event in events {
        assert_eq!(inbox.accept(&site.webhook(event)).await, Reply::Accepted);
    }
}

/// Waits until something holds.
async fn holds(what: &str, is_so: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < LONG, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn takes_over(database: Database, in_transaction: bool) {
    let Some(site) = Site::new(database, in_transaction).await else { return };
    let (first, second) = (Event::new("order", 0), Event::new("order", 1));
    let stopped = stopped(&site, &first, Point::InHandler).await;
    is_stopped_between_commits(&stopped, &site.store).await;
    let others = [second.clone(), Event::new("other", 0)];
    accept(&site, &others).await;

    let other = site.start(&Setting::default()).await;
    site.is_done_within(LONG).await;
    for event in others.iter().chain([&first]) {
        assert_eq!(site.ledger.times(&event.id).await, 1, "{event:?}");
    }
    stopped.signal("-CONT");
    let late = async || {
        let runs = site.runs().all();
        let ended = runs.iter().filter(|run| run.id == first.id && run.end.is_some());
        ended.count() == 2 && site.log().contains("lease is lost")
    };
    holds("its handler ends, and it learns that its lease is lost", late).await;
    // Its late mark.
    sleep(Duration::from_millis(200)).await;
    let times = site.ledger.times(&first.id).await;
    assert_eq!(times, if in_transaction { 1 } else { 2 });
    assert_eq!(site.states().await.get(&first.id), Some(&EventState::Done));

    // It works on, with the same order.
    other.kill().await;
    let third = Event::new("order", 2);
    accept(&site, std::slice::from_ref(&third)).await;
    site.is_done_within(LONG).await;
    for event in [&third, &second] {
        assert_eq!(site.ledger.times(&event.id).await, 1, "{event:?}");
    }
    assert!(site.states().await.values().all(|state| *state == EventState::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_takes_over_from_a_transaction_that_is_stopped() {
    takes_over(Database::Postgres, true).await;
}

/// The row of its event is locked until it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_stopped_before_its_commit_holds_up_its_order_only() {
    let Some(site) = Site::new(Database::Postgres, true).await else { return };
    let first = Event::new("order", 0);
    let stopped = stopped(&site, &first, Point::AfterMark).await;
    let _other = site.start(&Setting::default()).await;
    let others: Vec<_> = (0..5).map(|order| Event::new(&format!("other-{order}"), 0)).collect();
    accept(&site, &others).await;
    let are_done = async || site.ledger.counts().await.len() == others.len();
    holds("other orders go on", are_done).await;
    let second = Event::new("order", 1);
    accept(&site, std::slice::from_ref(&second)).await;
    // Longer than its lease.
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(site.ledger.times(&first.id).await, 0);
    stopped.signal("-CONT");
    site.is_done_within(LONG).await;
    for event in others.iter().chain([&first, &second]) {
        assert_eq!(site.ledger.times(&event.id).await, 1, "{event:?}");
    }
}

/// SQLite has one writer at a time: nothing is accepted while it is stopped, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_stopped_in_sqlite_ends_when_it_goes_on() {
    let Some(site) = Site::new(Database::Sqlite, true).await else { return };
    let (first, second) = (Event::new("order", 0), Event::new("order", 1));
    let inbox = site.inbox().await;
    let stopped = stopped(&site, &first, Point::InHandler).await;
    assert_eq!(inbox.accept(&site.webhook(&second)).await, Reply::Retry);
    // Longer than its lease.
    sleep(Duration::from_millis(1500)).await;
    stopped.signal("-CONT");
    let webhook = site.webhook(&second);
    let is_accepted =
        async || matches!(inbox.accept(&webhook).await, Reply::Accepted | Reply::Duplicate);
    holds("it accepts again", is_accepted).await;
    site.is_done_within(LONG).await;
    for event in [&first, &second] {
        assert_eq!(site.ledger.times(&event.id).await, 1, "{event:?}");
    }
}
