//! A lease from the claim to its end.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use topper_store::{Claim, LeaseError, Store};

use super::{Backend, Bench, LONG, SHORT, expire, lease};

pub(super) async fn is_given_to_one<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    assert!(store.claim(&lease("id"), LONG).await.unwrap().is_new());
    assert_eq!(store.claim(&lease("id"), LONG).await.unwrap(), Claim::InProgress);
    assert_eq!(other.claim(&lease("id"), LONG).await.unwrap(), Claim::InProgress);
    assert!(other.claim(&lease("another"), LONG).await.unwrap().is_new());
}

pub(super) async fn is_given_again_to_its_owner<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let lease = lease("id");
    assert!(store.claim(&lease, SHORT).await.unwrap().is_new());
    assert!(store.claim(&lease, LONG).await.unwrap().is_new());
    expire().await;
    assert_eq!(store.claim(&super::lease("id"), LONG).await.unwrap(), Claim::InProgress);
    store.complete(&lease).await.unwrap();
}

pub(super) async fn ends_when_the_event_is_done<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let lease = lease("id");
    assert!(store.claim(&lease, SHORT).await.unwrap().is_new());
    store.complete(&lease).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.claim(&lease, LONG).await.unwrap(), Claim::Done);
        assert_eq!(store.claim(&super::lease("id"), LONG).await.unwrap(), Claim::Done);
        assert_eq!(other.claim(&super::lease("id"), LONG).await.unwrap(), Claim::Done);
        // What is done outlives the lease it was done under.
        expire().await;
    }
    is_lost(store.renew(&lease, LONG).await);
    assert_eq!(store.claim(&super::lease("id"), LONG).await.unwrap(), Claim::Done);
}

pub(super) async fn ends_when_it_is_given_back<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let lease = lease("id");
    for _ in 0..3 {
        assert!(store.claim(&lease, LONG).await.unwrap().is_new());
        store.release(&lease, None).await.unwrap();
        is_lost(store.release(&lease, None).await);
    }
    sleep(SHORT).await;
    // As if the event had never been claimed.
    let claim = store.claim(&super::lease("id"), LONG).await.unwrap();
    let Claim::New(seen) = claim else { panic!("{claim:?}") };
    assert!(seen.attempts == 1 && seen.since < SHORT, "{seen:?}");
    is_lost(store.release(&lease, None).await);
}

pub(super) async fn ends_by_itself<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    assert!(store.claim(&lease("id"), SHORT).await.unwrap().is_new());
    expire().await;
    assert!(other.claim(&lease("id"), LONG).await.unwrap().is_new());
    assert_eq!(store.claim(&lease("id"), LONG).await.unwrap(), Claim::InProgress);
}

pub(super) async fn ends_by_itself_after_a_failure<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let failed = lease("id");
    assert!(store.claim(&failed, LONG).await.unwrap().is_new());
    store.release(&failed, Some("the ledger is closed")).await.unwrap();
    assert!(store.claim(&lease("id"), SHORT).await.unwrap().is_new());
    assert_eq!(other.claim(&lease("id"), LONG).await.unwrap(), Claim::InProgress);
    expire().await;
    assert!(other.claim(&lease("id"), LONG).await.unwrap().is_new());
}

pub(super) async fn is_renewed_late<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let lease = lease("id");
    assert!(store.claim(&lease, SHORT).await.unwrap().is_new());
    expire().await;
    store.renew(&lease, LONG).await.unwrap();
    assert_eq!(other.claim(&super::lease("id"), LONG).await.unwrap(), Claim::InProgress);
    store.complete(&lease).await.unwrap();
}

pub(super) async fn lasts_for_its_term<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let term = Duration::from_secs(2);
    let started = Instant::now();
    assert!(store.claim(&lease("id"), term).await.unwrap().is_new());
    let mut tries = 0;
    while store.claim(&lease("id"), term).await.unwrap() == Claim::InProgress {
        tries += 1;
        sleep(Duration::from_millis(20)).await;
    }
    let elapsed = started.elapsed();
    assert!(tries > 0 && elapsed >= term - Duration::from_millis(2), "it lasted {elapsed:?}");
}

pub(super) async fn lasts_longer_when_renewed<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let lease = lease("id");
    assert!(store.claim(&lease, SHORT).await.unwrap().is_new());
    store.renew(&lease, LONG).await.unwrap();
    expire().await;
    assert_eq!(store.claim(&super::lease("id"), LONG).await.unwrap(), Claim::InProgress);
    store.renew(&lease, SHORT).await.unwrap();
    expire().await;
    assert!(store.claim(&super::lease("id"), LONG).await.unwrap().is_new());
}

pub(super) async fn is_lost_to_who_takes_over<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let (stale, owner) = (lease("id"), lease("id"));
    assert!(store.claim(&stale, SHORT).await.unwrap().is_new());
    expire().await;
    assert!(other.claim(&owner, LONG).await.unwrap().is_new());
    is_lost(store.renew(&stale, LONG).await);
    is_lost(store.release(&stale, None).await);
    is_lost(store.complete(&stale).await);
    assert_eq!(store.claim(&stale, LONG).await.unwrap(), Claim::InProgress);
    other.renew(&owner, LONG).await.unwrap();
    other.complete(&owner).await.unwrap();
}

pub(super) async fn is_lost_to_who_has_completed<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let (stale, owner) = (lease("id"), lease("id"));
    assert!(store.claim(&stale, SHORT).await.unwrap().is_new());
    expire().await;
    assert!(store.claim(&owner, LONG).await.unwrap().is_new());
    store.complete(&owner).await.unwrap();
    is_lost(store.renew(&stale, LONG).await);
    is_lost(store.release(&stale, None).await);
    is_lost(store.complete(&stale).await);
    assert_eq!(store.claim(&stale, LONG).await.unwrap(), Claim::Done);
}

pub(super) async fn completes_twice<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let lease = lease("id");
    assert!(store.claim(&lease, LONG).await.unwrap().is_new());
    store.complete(&lease).await.unwrap();
    store.complete(&lease).await.unwrap();
    other.complete(&lease).await.unwrap();
    assert_eq!(store.claim(&super::lease("id"), LONG).await.unwrap(), Claim::Done);
}

pub(super) async fn completes_late<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let lease = lease("id");
    assert!(store.claim(&lease, SHORT).await.unwrap().is_new());
    expire().await;
    store.complete(&lease).await.unwrap();
    assert_eq!(store.claim(&super::lease("id"), LONG).await.unwrap(), Claim::Done);
}

pub(super) async fn completes_when_the_store_lost_it<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let lease = lease("id");
    store.complete(&lease).await.unwrap();
    assert_eq!(store.claim(&super::lease("id"), LONG).await.unwrap(), Claim::Done);
    store.complete(&lease).await.unwrap();
    is_lost(store.complete(&super::lease("id")).await);
}

pub(super) async fn gives_back_nothing_that_is_done<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let lease = lease("id");
    assert!(store.claim(&lease, LONG).await.unwrap().is_new());
    store.complete(&lease).await.unwrap();
    is_lost(store.release(&lease, None).await);
    assert_eq!(store.claim(&super::lease("id"), LONG).await.unwrap(), Claim::Done);
}

pub(super) async fn gives_back_nothing_of_others<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    is_lost(store.release(&lease("id"), None).await);
    assert!(store.claim(&lease("id"), LONG).await.unwrap().is_new());
    is_lost(store.release(&lease("id"), None).await);
    assert_eq!(store.claim(&lease("id"), LONG).await.unwrap(), Claim::InProgress);
}

fn is_lost(result: Result<(), LeaseError>) {
    assert!(matches!(result, Err(LeaseError::Lost)), "{result:?}");
}
