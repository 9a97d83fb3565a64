//! What is remembered of an event whose handler failed.

use std::time::{Duration, Instant};

use topper_store::{Claim, LeaseError, Seen, Store};

use super::{Backend, Bench, LONG, SHORT, expire, lease};

const FAILURE: Option<&str> = Some("the ledger is closed");

/// What a claim that is given found. A store that does not count always finds the same.
async fn claim<B: Backend>(store: &B::Store, lease: &topper_store::Lease, attempts: u32) -> Seen {
    let claim = store.claim(lease, LONG).await.unwrap();
    let Claim::New(seen) = claim else { panic!("{claim:?}") };
    if B::COUNTS {
        assert_eq!(seen.attempts, attempts, "it counts wrong");
    } else {
        assert_eq!(seen, Seen::first(), "it counts, so `COUNTS` must be true");
    }
    seen
}

pub(super) async fn counts_what_failed<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for attempts in 1..=12 {
        let store = if attempts % 2 == 0 { &store } else { &other };
        let lease = lease("id");
        claim::<B>(store, &lease, attempts).await;
        store.renew(&lease, LONG).await.unwrap();
        store.release(&lease, FAILURE).await.unwrap();
    }
    claim::<B>(&store, &lease("another"), 1).await;
}

pub(super) async fn counts_the_same_owner_again<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let lease = lease("id");
    for attempts in 1..=3 {
        claim::<B>(&store, &lease, attempts).await;
        store.release(&lease, FAILURE).await.unwrap();
    }
}

pub(super) async fn counts_a_repeated_claim_once<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    for attempts in 1..=3 {
        let lease = lease("id");
        for _ in 0..2 {
            claim::<B>(&store, &lease, attempts).await;
        }
        store.release(&lease, FAILURE).await.unwrap();
    }
}

pub(super) async fn does_not_count_without_a_failure<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    for attempts in 1..=3 {
        for failure in [None, None, FAILURE] {
            let lease = lease("id");
            claim::<B>(&store, &lease, attempts).await;
            store.release(&lease, failure).await.unwrap();
            is_lost(store.release(&lease, failure).await);
        }
    }
}

/// A store that forgets a lease when it has expired begins again.
pub(super) async fn counts_what_is_taken_over<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    assert!(store.claim(&lease("id"), SHORT).await.unwrap().is_new());
    expire().await;
    let (owner, taken) = (lease("id"), Instant::now());
    let claim = store.claim(&owner, LONG).await.unwrap();
    let Claim::New(seen) = claim else { panic!("{claim:?}") };
    if seen.attempts != 1 {
        assert!(B::COUNTS, "it counts, so `COUNTS` must be true");
        assert_eq!(seen.attempts, 2);
        assert!(seen.since >= SHORT && seen.since < SHORT * 3 + taken.elapsed(), "{seen:?}");
    }
    store.complete(&owner).await.unwrap();
}

pub(super) async fn knows_how_long_ago_the_first_was<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let started = Instant::now();
    let first = lease("id");
    let seen = claim::<B>(&store, &first, 1).await;
    assert!(seen.since <= started.elapsed() + CLOCK, "{seen:?}");
    let claimed = Instant::now();
    // It counts from the claim, not from the failure.
    tokio::time::sleep(Duration::from_millis(200)).await;
    store.release(&first, FAILURE).await.unwrap();
    for attempts in 2..=3 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let lease = lease("id");
        let least = claimed.elapsed();
        let seen = claim::<B>(&other, &lease, attempts).await;
        if B::COUNTS {
            let most = started.elapsed();
            assert!(seen.since + CLOCK >= least && seen.since <= most + CLOCK, "{seen:?}");
        }
        other.release(&lease, FAILURE).await.unwrap();
    }
}

/// How much a clock may be off meanwhile, milliseconds that are cut included.
const CLOCK: Duration = Duration::from_millis(20);

pub(super) async fn takes_any_error<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let longest = "\u{1F980}".repeat(500);
    let errors =
        ["", "'", "\"", "\\", "\\x00", "\0", "a\0b", "%s $1 ?1 {a}", "é\u{202e}", &longest];
    for (attempts, error) in (1..).zip(errors) {
        let lease = lease("id");
        claim::<B>(&store, &lease, attempts).await;
        store.release(&lease, Some(error)).await.unwrap();
    }
}

pub(super) async fn completes_what_was_given_back<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let owner = lease("id");
    claim::<B>(&store, &owner, 1).await;
    store.release(&owner, FAILURE).await.unwrap();
    other.complete(&owner).await.unwrap();
    store.complete(&owner).await.unwrap();
    is_lost(store.release(&owner, FAILURE).await);
    is_lost(store.complete(&lease("id")).await);
    assert_eq!(store.claim(&lease("id"), LONG).await.unwrap(), Claim::Done);
}

pub(super) async fn does_not_complete_what_another_claimed_since<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let (stale, owner) = (lease("id"), lease("id"));
    claim::<B>(&store, &stale, 1).await;
    store.release(&stale, FAILURE).await.unwrap();
    is_lost(store.release(&stale, FAILURE).await);
    claim::<B>(&store, &owner, 2).await;
    is_lost(store.complete(&stale).await);
    is_lost(store.release(&stale, FAILURE).await);
    is_lost(store.renew(&stale, LONG).await);
    store.complete(&owner).await.unwrap();
}

fn is_lost(result: Result<(), LeaseError>) {
    assert!(matches!(result, Err(LeaseError::Lost)), "{result:?}");
}
