//! Three receivers on one store accept and work, and one after the other is killed all the time.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep};
use topper_core::Fate;
use topper_store::inbox::EventState;
use topper_testkit::{Batch, Delivery, Sender};

use super::{Database, Event, Site, on_each_database, receiver::Setting};
use crate::{program::number, server::Port};

const RECEIVERS: usize = 3;
/// Of each order.
const EVENTS: usize = 5;

on_each_database! {
    loses_nothing_however_often_receivers_are_killed => again_and_again(false);
    is_exactly_once_in_a_transaction_however_often_receivers_are_killed => again_and_again(true);
}

async fn again_and_again(database: Database, in_transaction: bool) {
    let Some(site) = Site::new(database, in_transaction).await else { return };
    let site = Arc::new(site);
    // So many that it takes some seconds.
    let few = if database == Database::Sqlite { 300 } else { 120 };
    let count = usize::try_from(number("TOPPER_STORE_INBOX_EVENTS", few)).unwrap();
    let every = Duration::from_millis(number("TOPPER_STORE_KILL_EVERY_MS", 300));
    let events: Vec<_> = (0..count)
        .map(|event| Event::new(&format!("order-{}", event / EVENTS), event % EVENTS))
        .collect();
    let ports: Arc<[Port]> = (0..RECEIVERS).map(|_| Port::reserve()).collect();

    let is_over = Arc::new(AtomicBool::new(false));
    let killer = tokio::spawn({
        let (site, ports, is_over) = (Arc::clone(&site), Arc::clone(&ports), Arc::clone(&is_over));
        async move {
            let setting = |port: &Port| Setting { port: Some(port.number()), ..Setting::default() };
            let mut programs = Vec::new();
            for port in ports.iter() {
                programs.push(site.start(&setting(port)).await);
            }
            let mut kills = 0;
            loop {
                sleep(every).await;
                if is_over.load(Ordering::SeqCst) {
                    return (kills, programs);
                }
                let next = kills % RECEIVERS;
                programs.remove(next).kill().await;
                kills += 1;
                programs.insert(next, site.start(&setting(ports.get(next).unwrap())).await);
            }
        }
    });

    let started = Instant::now();
    let mut sending = JoinSet::new();
    for (receiver, batch) in batches(&site, &events).into_iter().enumerate() {
        let url = format!("http://127.0.0.1:{}/", ports.get(receiver).unwrap().number());
        // Ten retries in 90 s.
        let sender = Sender::to(&url).unwrap().squeezed(120.0);
        sending.spawn(async move { sender.send_all(batch).await });
    }
    let sent: Vec<_> = sending.join_all().await.concat();
    let elapsed = started.elapsed();
    for sent in &sent {
        assert_eq!(sent.fate(), Fate::Delivered, "{sent:?}");
    }
    site.is_done_within(
        Duration::from_secs(60) + Duration::from_millis(20) * u32::try_from(count).unwrap(),
    )
    .await;
    let done = started.elapsed();
    is_over.store(true, Ordering::SeqCst);
    let (kills, programs) = killer.await.unwrap();
    drop(programs);

    let (states, ledger) = (site.states().await, site.ledger.counts().await);
    let attempts: usize = sent.iter().map(|sent| sent.attempts.len()).sum();
    let lost = events.iter().filter(|event| !ledger.contains_key(&event.id)).count();
    let runs: HashSet<_> = site.runs().all().into_iter().map(|run| run.id).collect();
    let is_done = |event: &&Event| states.get(&event.id) == Some(&EventState::Done);
    let marked = events.iter().filter(is_done).count();
    let without_a_run =
        events.iter().filter(is_done).filter(|event| !runs.contains(&event.id)).count();
    let twice = ledger.values().sum::<u64>() - u64::try_from(ledger.len()).unwrap();
    println!(
        "{database:?}: {count} events, {} deliveries, {attempts} attempts, {kills} kills; sent in \
         {elapsed:.1?}, done after {done:.1?}; in transaction: {in_transaction}; lost: {lost}, marked: \
         {marked}, marked without a run: {without_a_run}, done more than once: {twice}",
        sent.len()
    );
    assert!(kills > 2, "the receivers were not killed");
    assert_eq!((lost, marked, without_a_run), (0, count, 0));
    assert_eq!(states.len(), count);
    if in_transaction {
        assert_eq!(twice, 0);
    }
}

/// Each event 1 to 4 times, to one receiver after the other, in random order.
fn batches(site: &Site, events: &[Event]) -> Vec<Batch> {
    let mut batches: [Vec<Delivery>; RECEIVERS] = Default::default();
    for (number, event) in events.iter().enumerate() {
        let delivery = site.delivery(event);
        for time in 0..=number % 4 {
            batches.get_mut((number + time) % RECEIVERS).unwrap().push(delivery.clone());
        }
    }
    let batches = batches.into_iter().zip(17..);
    batches.map(|(batch, seed)| Batch::new(batch).shuffled(seed).parallel(8)).collect()
}
