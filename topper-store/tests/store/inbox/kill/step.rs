//! A receiver is killed at each step of its work on an event, and started again.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use topper_core::Fate;
use topper_store::inbox::EventState;
use topper_testkit::Sender;

use super::{Database, Event, Site, on_each_database, receiver::Setting, stopping::Point};
use crate::server::Port;

const DONE: Duration = Duration::from_secs(20);

on_each_database! {
    loses_nothing_at_any_step => at_each_step(false);
    is_exactly_once_at_any_step_in_a_transaction => at_each_step(true);
}

/// All steps at the same time, each on an inbox of its own.
async fn at_each_step(database: Database, in_transaction: bool) {
    let mut steps = JoinSet::new();
    for point in Point::ALL {
        steps.spawn(at(database, in_transaction, Some(point)));
    }
    if in_transaction {
        steps.spawn(at(database, true, None));
    }
    while let Some(step) = steps.join_next().await {
        step.unwrap();
    }
}

/// Kills it at a point, or after the commit of the handler's transaction.
async fn at(database: Database, in_transaction: bool, point: Option<Point>) {
    let Some(site) = Site::new(database, in_transaction).await else { return };
    let (event, port) = (Event::new("order", 0), Port::reserve());
    let setting = Setting { port: Some(port.number()), point, ..Setting::default() };
    let mut program = site.start(&setting).await;
    // Ten retries in 30 s.
    let sender = Sender::to(&format!("http://127.0.0.1:{}/", port.number())).unwrap();
    let sender = sender.squeezed(360.0);
    let sent = tokio::spawn({
        let (sender, delivery) = (sender.clone(), site.delivery(&event));
        async move { sender.send(delivery).await }
    });
    match point {
        Some(point) => program.says(point.name()).await,
        None => {
            let is_committed = async {
                while site.ledger.times(&event.id).await == 0 {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            timeout(DONE, is_committed).await.unwrap();
        }
    }
    program.kill().await;

    let state = site.states().await.get(&event.id).copied();
    let is_marked = point.is_none_or(|point| point == Point::AfterMark && !in_transaction);
    match point {
        Some(Point::BeforeAccept) => assert_eq!(state, None),
        _ if is_marked => assert_eq!(state, Some(EventState::Done), "{point:?}"),
        _ => {
            let is_open = matches!(state, Some(EventState::Pending | EventState::InWork));
            assert!(is_open, "{point:?} {state:?}");
        }
    }

    let program = site.start(&Setting { port: Some(port.number()), ..Setting::default() }).await;
    let sent = sent.await.unwrap();
    assert_eq!(sent.fate(), Fate::Delivered, "{point:?} {sent:?}");
    if point.is_some_and(|point| !point.is_after_accept()) {
        assert!(sent.attempts.len() > 1, "{point:?}: it was acknowledged too early");
    }
    site.is_done_within(DONE).await;
    assert_eq!(site.states().await.get(&event.id), Some(&EventState::Done), "{point:?}");
    let is_doubtful = point.is_some_and(Point::is_between_effect_and_mark);
    let expected = if is_doubtful && !in_transaction { 2 } else { 1 };
    let times = site.ledger.times(&event.id).await;
    assert_eq!(times, expected, "{point:?} in_transaction={in_transaction}");

    let again = sender.send(site.delivery(&event)).await;
    assert_eq!((again.fate(), again.attempts.len()), (Fate::Delivered, 1), "{point:?}");
    sleep(Duration::from_millis(200)).await;
    assert_eq!(site.ledger.times(&event.id).await, times, "{point:?}: it was done again");
    program.kill().await;
}
