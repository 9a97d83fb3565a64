//! Keys that are proven, rotated, and replaced while deliveries come.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use topper_core::{KeySet, Reply};
use topper_testkit::{Delivery, TestKey};

use super::receiver::{Bench, FIRST};

fn key_set<'a>(keys: impl IntoIterator<Item = &'a TestKey>) -> KeySet {
    KeySet::parse(&TestKey::public_jwk_set(keys)).unwrap()
}

pub(super) async fn has_a_wrong_signature_retried_until_one_was_right(bench: &Bench) {
    let receiver = bench.receiver().await;
    let forged = Delivery::signed(&TestKey::generate(), receiver.completed().body);
    receiver.refuses(&forged, Reply::KeyUnproven).await;
    receiver.refuses(&forged, Reply::KeyUnproven).await;
    receiver.accepts(&receiver.completed()).await;
    receiver.refuses(&forged, Reply::SignatureInvalid).await;
}

pub(super) async fn refuses_a_wrong_signature_at_once_when_told_so(bench: &Bench) {
    let receiver = bench.start(|builder| builder.retry_while_unproven(false)).await;
    let forged = Delivery::signed(&TestKey::generate(), receiver.completed().body);
    receiver.refuses(&forged, Reply::SignatureInvalid).await;
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn is_proven_by_an_event_it_cannot_read(bench: &Bench) {
    let receiver = bench.receiver().await;
    receiver.refuses(&receiver.signed("not an event"), Reply::EventUnreadable).await;
    let forged = Delivery::signed(&TestKey::generate(), receiver.completed().body);
    receiver.refuses(&forged, Reply::SignatureInvalid).await;
}

pub(super) async fn is_replaced_without_a_restart(bench: &Bench) {
    let receiver = bench.proven().await;
    let (old, new) = (&receiver.first.key, TestKey::generate());
    let by = |key: &TestKey| Delivery::signed(key, receiver.completed().body);
    receiver.refuses(&by(&new), Reply::SignatureInvalid).await;
    receiver.verifier().replace_keys(key_set([old, &new]));
    receiver.refuses(&by(&TestKey::generate()), Reply::KeyUnproven).await;
    // The old key is proven, which says nothing of the new one.
    assert_eq!(receiver.accepts(&by(old)).await.key().id(), old.key_id());
    receiver.refuses(&by(&TestKey::generate()), Reply::KeyUnproven).await;
    assert_eq!(receiver.accepts(&by(&new)).await.key().id(), new.key_id());
    receiver.refuses(&by(&TestKey::generate()), Reply::SignatureInvalid).await;
    // The new key stays, and stays proven.
    receiver.verifier().replace_keys(key_set([&new]));
    receiver.refuses(&by(old), Reply::SignatureInvalid).await;
    receiver.accepts(&by(&new)).await;
}

pub(super) async fn is_replaced_under_load(bench: &Bench) {
    let receiver = bench.receiver().await;
    // One key stays all the time: not one of its deliveries may be lost.
    let (stays, goes) = (&receiver.first.key, TestKey::generate());
    let has_ended = Arc::new(AtomicBool::new(false));
    let accepted = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = [stays, &goes, stays, &goes, stays, stays]
        .into_iter()
        .map(|key| {
            let delivery = Delivery::signed(key, receiver.completed().body);
            let stays = std::ptr::eq(key, stays);
            let (address, has_ended, accepted) =
                (receiver.address(), Arc::clone(&has_ended), Arc::clone(&accepted));
            tokio::spawn(async move {
                let mut refused = 0;
                while !has_ended.load(Ordering::Relaxed) {
                    let answer = delivery.send(address, FIRST).await.unwrap();
                    match answer.body.as_str() {
                        "processed" => drop(accepted.fetch_add(1, Ordering::Relaxed)),
                        "signature_invalid" | "key_unproven" if !stays => refused += 1,
                        other => panic!("{other}"),
                    }
                }
                refused
            })
        })
        .collect();
    for round in 0..40 {
        let keys = if round % 2 == 0 { key_set([&goes, stays]) } else { key_set([stays]) };
        receiver.verifier().replace_keys(keys);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    has_ended.store(true, Ordering::Relaxed);
    let mut refused = 0;
    for task in tasks {
        refused += task.await.unwrap();
    }
    assert!(refused > 0, "the key that goes never went");
    assert_eq!(receiver.probe().take().len(), accepted.load(Ordering::Relaxed));
}
