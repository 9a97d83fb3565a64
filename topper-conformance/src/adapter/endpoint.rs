//! Two webhooks in one program, and requests that are no deliveries at all.

use topper_core::Reply;
use topper_testkit::{Act, Delivery, exchange};

use super::receiver::{Bench, FIRST, SECOND};

pub(super) async fn keeps_two_webhooks_apart(bench: &Bench) {
    let receiver = bench.receiver().await;
    for (own, other) in [(&receiver.first, &receiver.second), (&receiver.second, &receiver.first)] {
        let delivery = Delivery::signed(&own.key, receiver.completed().body);
        receiver.answers(vec![Act::Send(delivery.to_http1(own.path))], &[Reply::Processed]).await;
        let webhooks = own.endpoint.probe.take();
        assert_eq!(webhooks.len(), 1);
        let webhook = webhooks.first().unwrap();
        assert_eq!(webhook.label(), own.endpoint.verifier.label());
        assert_eq!(webhook.key().id(), own.key.key_id());
        assert!(other.endpoint.probe.take().is_empty());
    }
    for (own, other) in [(&receiver.first, &receiver.second), (&receiver.second, &receiver.first)] {
        let delivery = Delivery::signed(&own.key, receiver.completed().body);
        let acts = vec![Act::Send(delivery.to_http1(other.path))];
        receiver.answers(acts, &[Reply::SignatureInvalid]).await;
        assert!(own.endpoint.probe.take().is_empty() && other.endpoint.probe.take().is_empty());
    }
}

pub(super) async fn counts_what_is_proven_for_each(bench: &Bench) {
    let receiver = bench.proven().await;
    let stray = receiver.completed();
    let acts = vec![Act::Send(stray.to_http1(SECOND))];
    receiver.answers(acts, &[Reply::KeyUnproven]).await;
    assert!(receiver.second.endpoint.probe.take().is_empty());
}

pub(super) async fn answers_other_methods_without_the_handler(bench: &Bench) {
    // The framework answers these, each in its words.
    let receiver = bench.receiver().await;
    for method in ["GET", "PUT", "PATCH", "DELETE", "post"] {
        let request = receiver.completed().to_http1(FIRST);
        let request = [method.as_bytes(), request.strip_prefix(b"POST").unwrap()].concat();
        let answers = receiver.converse(vec![Act::Send(request)], 1).await;
        let status = answers.first().unwrap().status;
        assert!(matches!(status, 400 | 404 | 405), "{method}: {status}");
        receiver.handled_nothing();
    }
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn survives_a_head_that_is_too_large(bench: &Bench) {
    // The framework answers this, if it answers at all.
    let receiver = bench.receiver().await;
    let genuine = receiver.completed();
    let padding = "x".repeat(1024 * 1024);
    let request = genuine.clone().header("x-padding", padding).to_http1(FIRST);
    if let Ok(answer) = exchange(receiver.address(), request).await {
        assert!(matches!(answer.status, 400 | 413 | 431), "{}", answer.status);
    }
    receiver.handled_nothing();
    receiver.accepts(&genuine).await;
}
