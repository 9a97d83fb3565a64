//! Several deliveries at once, in order, shuffled, repeated.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use topper_core::Fate;
use topper_testkit::{Batch, Delivery, Sender};

use crate::{
    endpoint::{Behaviour, Endpoint},
    fast,
};

fn deliveries(count: u8) -> impl Iterator<Item = Delivery> {
    (0..count).map(|body| Delivery::unsigned([body]))
}

fn bodies(endpoint: &Endpoint) -> Vec<u8> {
    endpoint.requests().iter().map(|request| request.body[0]).collect()
}

#[tokio::test]
async fn sends_in_order_one_at_a_time() {
    let endpoint = Endpoint::start(|_| Behaviour::Slow(5)).await;
    let sent = fast(&endpoint).send_all(deliveries(20)).await;
    assert_eq!(bodies(&endpoint), (0..20).collect::<Vec<_>>());
    assert!(endpoint.requests().iter().all(|request| request.at_once == 1));
    let places: Vec<_> = sent.iter().map(|sent| (sent.index, sent.delivery().body[0])).collect();
    assert_eq!(places, (0..20_u8).map(|body| (usize::from(body), body)).collect::<Vec<_>>());
}

#[tokio::test]
async fn sends_several_at_once_and_no_more() {
    let endpoint = Endpoint::start(|_| Behaviour::Slow(30)).await;
    let sent = fast(&endpoint).send_all(Batch::new(deliveries(40)).parallel(8)).await;
    assert!(sent.iter().all(|sent| sent.fate() == Fate::Delivered));
    let most = endpoint.requests().iter().map(|request| request.at_once).max();
    assert_eq!(most, Some(8));
}

#[tokio::test]
async fn sends_repeated_and_shuffled() {
    let endpoint = Endpoint::start(|_| Behaviour::Answer(200)).await;
    let batch = Batch::new(deliveries(10)).repeated(3).shuffled(1);
    let expected: Vec<_> = batch.iter().map(|delivery| delivery.body[0]).collect();
    let sent = fast(&endpoint).send_all(batch).await;
    assert_eq!(sent.len(), 30);
    assert_eq!(bodies(&endpoint), expected);
    assert!(!expected.is_sorted());
    let mut counts = HashMap::new();
    for body in expected {
        *counts.entry(body).or_insert(0) += 1;
    }
    assert!(counts.len() == 10 && counts.values().all(|&count| count == 3));
}

#[tokio::test]
async fn is_not_held_up_by_a_delivery_that_waits() {
    // The first one asked for fails once; its retry is due in 100 ms.
    let endpoint =
        Endpoint::start(|count| Behaviour::Answer(if count == 0 { 503 } else { 200 })).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let observed = Arc::clone(&seen);
    let sender = Sender::to(&endpoint.url())
        .unwrap()
        .squeezed(105.57)
        .observed(move |index, attempt| observed.lock().unwrap().push((index, attempt.number)));
    let sent = sender.send_all(deliveries(4)).await;
    assert_eq!(*seen.lock().unwrap(), [(0, 1), (1, 1), (2, 1), (3, 1), (0, 2)]);
    assert_eq!(sent[0].attempts.len(), 2);
    let waited = sent[0].attempts[1].at - sent[0].attempts[0].at;
    assert!((100..1000).contains(&waited.as_millis()), "{waited:?}");
}
