//! Connections that carry more than one delivery, or end without ceremony.

use topper_core::Reply;
use topper_testkit::{Act, Delivery};

use super::receiver::{Bench, FIRST};

/// A request that leaves the connection open.
fn kept_open(delivery: &Delivery) -> Vec<u8> {
    let framing = format!("content-length: {}", delivery.body.len());
    [delivery.head(FIRST, &framing), delivery.body.clone()].concat()
}

pub(super) async fn carries_two_deliveries(bench: &Bench) {
    let receiver = bench.receiver().await;
    let (one, other) = (receiver.completed(), receiver.completed());
    let acts = vec![Act::Send(kept_open(&one)), Act::Send(other.to_http1(FIRST))];
    receiver.answers(acts, &[Reply::Processed, Reply::Processed]).await;
    let ids: Vec<_> = receiver.probe().take().iter().map(|it| it.body().to_vec()).collect();
    assert_eq!(ids, [one.body, other.body]);
}

pub(super) async fn carries_a_genuine_delivery_after_a_forged_one(bench: &Bench) {
    let receiver = bench.proven().await;
    let genuine = receiver.completed();
    let mut forged = genuine.clone();
    forged.body.push(b' ');
    let acts = vec![Act::Send(kept_open(&forged)), Act::Send(genuine.to_http1(FIRST))];
    receiver.answers(acts, &[Reply::SignatureInvalid, Reply::Processed]).await;
    receiver.handled(&genuine.body);
}

pub(super) async fn does_not_lend_its_signature_to_the_next_request(bench: &Bench) {
    let receiver = bench.receiver().await;
    let genuine = receiver.completed();
    let unsigned = Delivery::unsigned(genuine.body.clone());
    let acts = vec![Act::Send(kept_open(&genuine)), Act::Send(unsigned.to_http1(FIRST))];
    receiver.answers(acts, &[Reply::Processed, Reply::SignatureMissing]).await;
    receiver.handled(&genuine.body);
}

pub(super) async fn may_end_at_any_byte(bench: &Bench) {
    let receiver = bench.receiver().await;
    let delivery = receiver.completed();
    let request = delivery.to_http1(FIRST);
    for end in (1..request.len()).step_by(request.len() / 40) {
        let mut socket = tokio::net::TcpStream::connect(receiver.address()).await.unwrap();
        let part = request.get(..end).unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut socket, part).await.unwrap();
    }
    receiver.accepts(&delivery).await;
}

pub(super) async fn serves_many_at_once(bench: &Bench) {
    let receiver = bench.receiver().await;
    let deliveries: Vec<Delivery> = (0..64).map(|_| receiver.completed()).collect();
    let tasks: Vec<_> = deliveries
        .iter()
        .map(|delivery| {
            let (delivery, address) = (delivery.clone(), receiver.address());
            tokio::spawn(async move { delivery.send(address, FIRST).await })
        })
        .collect();
    for task in tasks {
        let answer = task.await.unwrap().unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "processed"));
    }
    receiver.handled_each(deliveries);
}
