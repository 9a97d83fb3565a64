//! Never two events of one order at the same time, whoever works.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::task::JoinSet;
use topper_core::Reply;
use topper_store::inbox::EventState;

use super::{
    Database, Event, Site, on_each_database,
    receiver::Setting,
    runs::{by_order, overlapping},
    shuffled,
};
use crate::program::number;

/// Of each order.
const EVENTS: usize = 5;

on_each_database! {
    events_of_one_order_are_never_processed_at_the_same_time => one_at_a_time();
}

/// Eight workers in three programs. Half of the orders have arrived before they start.
async fn one_at_a_time(database: Database) {
    let Some(site) = Site::new(database, false).await else { return };
    let site = Arc::new(site);
    let orders = usize::try_from(number("TOPPER_STORE_INBOX_ORDERS", 60)).unwrap();
    let (early, late) = (shuffled(0..orders / 2, EVENTS), shuffled(orders / 2..orders, EVENTS));
    accept(&site, &early).await;
    let mut programs = Vec::new();
    for workers in [3, 3, 2] {
        // No lease ends before its handler does, however slow the machine is.
        let lease_term = Duration::from_secs(60);
        let setting = Setting { workers, lease_term, ..Setting::default() };
        programs.push(site.start(&setting).await);
    }
    accept(&site, &late).await;
    site.is_done_within(Duration::from_secs(120)).await;
    drop(programs);

    let runs = site.runs().all();
    let ids: HashSet<_> = runs.iter().map(|run| &run.id).collect();
    assert_eq!((runs.len(), ids.len()), (orders * EVENTS, orders * EVENTS));
    let overlapping = overlapping(&runs);
    assert!(overlapping.is_empty(), "{overlapping:?}");
    assert!(site.states().await.values().all(|state| *state == EventState::Done));

    let processed = by_order(&runs);
    for order in 0..orders / 2 {
        let order = format!("order-{order}");
        let expected: Vec<_> = (0..EVENTS).map(|event| Event::new(&order, event).id).collect();
        assert_eq!(processed.get(&order), Some(&expected));
    }
    let at_once =
        runs.windows(2).filter(|runs| matches!(runs, [one, two] if one.end > Some(two.start)));
    println!("{} runs, {} while another was running", runs.len(), at_once.count());
}

/// 16 at the same time.
async fn accept(site: &Arc<Site>, events: &[Event]) {
    let inbox = site.inbox().await;
    for events in events.chunks(16) {
        let accepting = events.iter().cloned().map(|event| {
            let (site, inbox) = (Arc::clone(site), inbox.clone());
            async move { inbox.accept(&site.webhook(&event)).await }
        });
        for reply in accepting.collect::<JoinSet<_>>().join_all().await {
            assert_eq!(reply, Reply::Accepted);
        }
    }
}
