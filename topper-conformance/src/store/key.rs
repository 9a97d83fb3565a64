//! What an event is remembered under.

use topper_store::{Claim, Store as _};

use super::{Backend, Bench, LONG, lease_of};
use crate::suite::ALIKE;

/// Claims each and completes it before the next: were two of them one, the second would not be new.
async fn are_different<B: Backend>(bench: &Bench<B>, events: &[(&str, &str)]) {
    let store = bench.store().await;
    for (label, id) in events {
        let lease = lease_of(label, id);
        assert!(store.claim(&lease, LONG).await.unwrap().is_new(), "{label:?} {id:?}");
        store.complete(&lease).await.unwrap();
    }
    for (label, id) in events {
        let claim = store.claim(&lease_of(label, id), LONG).await.unwrap();
        assert_eq!(claim, Claim::Done, "{label:?} {id:?}");
    }
}

pub(super) async fn answers_for_that_event_alone<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    // Next to it by label, and by id.
    for (label, id) in [("a", "the-id"), ("b", "another"), ("b", "z"), ("c", "the-id")] {
        let lease = lease_of(label, id);
        assert!(store.claim(&lease, LONG).await.unwrap().is_new());
        store.complete(&lease).await.unwrap();
    }
    let held = lease_of("b", "the-id");
    assert!(store.claim(&held, LONG).await.unwrap().is_new());
    let claim = store.claim(&lease_of("b", "the-id"), LONG).await.unwrap();
    assert_eq!(claim, Claim::InProgress);
    store.release(&held, None).await.unwrap();
    assert!(store.claim(&lease_of("b", "the-id"), LONG).await.unwrap().is_new());
    for (label, id) in [("a", "the-id"), ("b", "another"), ("b", "z"), ("c", "the-id")] {
        let claim = store.claim(&lease_of(label, id), LONG).await.unwrap();
        assert_eq!(claim, Claim::Done, "{label:?} {id:?}");
    }
}

pub(super) async fn takes_ids_of_1_to_255_bytes<B: Backend>(bench: &Bench<B>) {
    let ids: Vec<String> = (1..=255).map(|length| "x".repeat(length)).collect();
    let longest = "é".repeat(127) + "x";
    let label = "l".repeat(255);
    let mut events: Vec<(&str, &str)> = ids.iter().map(|id| ("default", id.as_str())).collect();
    events.extend([("default", longest.as_str()), (label.as_str(), longest.as_str())]);
    are_different(bench, &events).await;
}

pub(super) async fn tells_apart_what_looks_alike<B: Backend>(bench: &Bench<B>) {
    let events: Vec<(&str, &str)> = ALIKE.iter().map(|id| ("default", *id)).collect();
    are_different(bench, &events).await;
}

pub(super) async fn tells_labels_apart<B: Backend>(bench: &Bench<B>) {
    let labels = ["default", "Default", "default ", "sandbox", "sandbox:", "\u{e9}", "*"];
    let events: Vec<(&str, &str)> = labels.iter().map(|label| (*label, "the-id")).collect();
    are_different(bench, &events).await;
}

pub(super) async fn does_not_confuse_label_and_id<B: Backend>(bench: &Bench<B>) {
    are_different(
        bench,
        &[
            ("a", "bc"),
            ("ab", "c"),
            ("a", ":bc"),
            ("a:", "bc"),
            ("a:b", "c"),
            ("a", "b:c"),
            ("a\0", "b"),
            ("a", "\0b"),
            ("1", "1:a"),
            ("1:1", "a"),
        ],
    )
    .await;
}
