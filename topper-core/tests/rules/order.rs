//! The one way in: what is checked, in which order, and what becomes of the keys.

use std::{thread::sleep, time::Duration};

use topper_core::{
    ConfigError, Error, ReadError, Reply, Retry, SourceMode, Verifier, protocol::SIGNATURE_HEADER,
    reason::JwsError,
};
use topper_testkit::{Delivery, TestKey};

use crate::{backends, builder, event, proven};

#[test]
fn gives_the_event_its_bytes_its_key_and_its_label() {
    let key = TestKey::generate();
    let verifier = builder(&key).label("sandbox").build().unwrap();
    let body = event();
    let webhook = Delivery::signed(&key, body.clone()).verify(&verifier).unwrap();
    assert_eq!(webhook.body(), body);
    assert_eq!(webhook.key().id(), key.key_id());
    assert_eq!(webhook.label(), "sandbox");
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(webhook.id(), json["id"].as_str().unwrap());
    assert_eq!(webhook.bootstrap_token_id(), json["bootstrapTokenId"].as_str());
}

#[test]
fn is_labelled_default_unless_told_otherwise() {
    assert_eq!(proven(&TestKey::generate()).label(), "default");
}

#[test]
fn checks_source_then_signature_then_length_then_body_then_content() {
    let key = TestKey::generate();
    let verifier = builder(&key)
        .sources(SourceMode::Enforce)
        .body_limit(4096)
        .retry_while_unproven(false)
        .build()
        .unwrap();
    let large = vec![b' '; 5000];
    // Everything is wrong with it; what is refused first is mended first.
    let delivery =
        Delivery::unsigned(large.clone()).header("Content-Length", "5000").from_peer(None);
    let verdict = |delivery: &Delivery| delivery.verify(&verifier).unwrap_err();
    assert_eq!(verdict(&delivery), Error::SourceUnknown);
    let delivery = delivery.from_peer(Delivery::unsigned("").peer);
    assert_eq!(verdict(&delivery), Error::SignatureMissing);
    let delivery = delivery.header(SIGNATURE_HEADER, "x");
    assert_eq!(verdict(&delivery), Error::SignatureMalformed(JwsError::Shape));
    let delivery = delivery.with_signature(key.sign(b"another body"));
    assert!(matches!(
        verifier.admit(&delivery).unwrap_err(),
        Error::BodyTooLarge { limit: 4096, .. }
    ));
    let delivery = delivery.without_header("content-length");
    assert!(matches!(verdict(&delivery), Error::BodyTooLarge { limit: 4096, .. }));
    let delivery = delivery.with_body("no event");
    assert_eq!(verdict(&delivery), Error::SignatureInvalid);
    let delivery = delivery.with_signature(key.sign(b"no event"));
    assert!(matches!(verdict(&delivery), Error::EventUnreadable(_)));
}

#[test]
fn takes_a_body_of_the_limit_in_any_chunks_and_no_byte_more() {
    let key = TestKey::generate();
    let verifier = builder(&key).body_limit(4096).build().unwrap();
    let mut body = event();
    body.resize(4096, b' ');
    let delivery = Delivery::signed(&key, body).header("content-length", "4096");
    delivery.verify(&verifier).unwrap();
    let mut admitted = verifier.admit(&delivery).unwrap();
    for byte in &delivery.body {
        admitted.push(std::slice::from_ref(byte)).unwrap();
    }
    admitted.push(b"").unwrap();
    assert!(matches!(admitted.push(b" "), Err(Error::BodyTooLarge { limit: 4096, .. })));
    assert_eq!(admitted.verify().unwrap().body(), delivery.body);
}

#[test]
fn takes_256_kib_unless_told_otherwise() {
    let key = TestKey::generate();
    let verifier = proven(&key);
    let mut body = event();
    body.resize(256 * 1024, b' ');
    Delivery::signed(&key, body.clone()).verify(&verifier).unwrap();
    body.push(b' ');
    let error = Delivery::signed(&key, body).verify(&verifier).unwrap_err();
    assert!(matches!(error, Error::BodyTooLarge { limit: 262_144, .. }));
}

#[test]
fn believes_no_declared_length_but_one_that_is_too_large() {
    let key = TestKey::generate();
    let verifier = proven(&key);
    let with = |length: &str| {
        Delivery::signed(&key, event()).header("content-length", length).verify(&verifier)
    };
    for length in ["0", "262144", "", "-1", "+999999999", "1e9", "x", "99999999 "] {
        with(length).unwrap();
    }
    for length in ["262145", "99999999999999999999999999"] {
        assert!(matches!(with(length).unwrap_err(), Error::BodyTooLarge { limit: 262_144, .. }));
    }
    let two = Delivery::signed(&key, event())
        .header("content-length", "1")
        .header("content-length", "262145");
    assert!(matches!(
        two.verify(&verifier).unwrap_err(),
        Error::BodyTooLarge { limit: 262_144, .. }
    ));
}

#[test]
fn counts_down_the_time_for_the_body() {
    let key = TestKey::generate();
    let verifier = builder(&key).body_timeout(Duration::from_millis(30)).build().unwrap();
    let admitted = verifier.admit(&Delivery::signed(&key, event())).unwrap();
    assert!(admitted.body_time_left() <= Duration::from_millis(30));
    sleep(Duration::from_millis(40));
    assert_eq!(admitted.body_time_left(), Duration::ZERO);
    assert_eq!(admitted.finish(Err(ReadError::TimedOut)).unwrap_err().reply(), Reply::BodyTimeout);
    let admitted = proven(&key).admit(&Delivery::signed(&key, event())).unwrap();
    assert!(
        admitted.body_time_left() > Duration::from_millis(1500)
            && admitted.body_time_left() <= Duration::from_secs(2)
    );
    assert_eq!(
        admitted.finish(Err(ReadError::BrokeOff)).unwrap_err().reply(),
        Reply::BodyIncomplete
    );
}

#[test]
fn does_not_take_a_token_of_another_webhook() {
    let (one, other) = (TestKey::generate(), TestKey::generate());
    let (first, second) = (proven(&one), proven(&other));
    let delivery = Delivery::signed(&one, event());
    delivery.verify(&first).unwrap();
    assert_eq!(delivery.verify(&second).unwrap_err(), Error::SignatureInvalid);
}

#[test]
fn verifies_with_each_back_end() {
    let key = TestKey::generate();
    let delivery = Delivery::signed(&key, event());
    for backend in backends() {
        let builder = Verifier::builder().public_key_with(&key.public_jwk(), backend);
        let verifier = builder.build().unwrap();
        assert_eq!(delivery.verify(&verifier).unwrap().key().id(), key.key_id());
    }
}

#[test]
fn refuses_values_out_of_range_at_start() {
    let key = TestKey::generate();
    assert_eq!(Verifier::builder().build().unwrap_err(), ConfigError::NoKey);
    for limit in [0, 4095, 16 * 1024 * 1024 + 1, usize::MAX] {
        let error = builder(&key).body_limit(limit).build().unwrap_err();
        assert!(matches!(error, ConfigError::BodyLimit { least: 4096, most: 16_777_216, .. }));
    }
    for timeout in [Duration::ZERO, Duration::from_secs(4)] {
        assert_eq!(
            builder(&key).body_timeout(timeout).build().unwrap_err(),
            ConfigError::BodyTimeout
        );
    }
    for label in ["", &"x".repeat(65)] {
        assert!(matches!(
            builder(&key).label(label).build().unwrap_err(),
            ConfigError::Label { most: 64, .. }
        ));
    }
    assert_eq!(builder(&key).allowed_ips([""; 0]).build().unwrap_err(), ConfigError::NoAddress);
    let error = builder(&key).allowed_ips(["10.0.0.1", "10.0.0"]).build().unwrap_err();
    assert!(matches!(error, ConfigError::Address { index: 2, .. }));
    Verifier::new("{}").unwrap_err();
}

#[test]
fn shows_in_debug_what_helps_to_find_a_delivery() {
    let key = TestKey::generate();
    let delivery = Delivery::signed(&key, event());
    let verifier = builder(&key).label("sandbox").build().unwrap();
    let thumbprint = verifier.keys().iter().next().unwrap().thumbprint().to_owned();
    let mut admitted = verifier.admit(&delivery).unwrap();
    admitted.push(b"12345").unwrap();
    let webhook = delivery.verify(&verifier).unwrap();
    for (shown, part) in [
        (format!("{verifier:?}"), "sandbox"),
        (format!("{verifier:?}"), &thumbprint),
        (format!("{admitted:?}"), "sandbox"),
        (format!("{admitted:?}"), "received: 5"),
        (format!("{webhook:?}"), webhook.id()),
        (format!("{webhook:?}"), "order:crypto-onramp:completed"),
        (format!("{:?}", Retry::because("ledger is closed")), "ledger is closed"),
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
}

#[test]
fn shows_neither_key_nor_body_in_debug() {
    let key = TestKey::generate();
    let delivery = Delivery::signed(&key, event());
    let verifier = proven(&key);
    let mut admitted = verifier.admit(&delivery).unwrap();
    admitted.push(&delivery.body).unwrap();
    let shown = format!(
        "{verifier:?} {admitted:?} {:?} {:?}",
        builder(&key),
        delivery.verify(&verifier).unwrap()
    );
    let body: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
    let jwk: serde_json::Value = serde_json::from_str(&key.public_jwk()).unwrap();
    for secret in [
        &body["data"]["destination"]["address"],
        &body["data"]["id"],
        &body["bootstrapTokenId"],
        &jwk["x"],
        &jwk["y"],
    ] {
        assert!(!shown.contains(secret.as_str().unwrap()), "{secret} in {shown}");
    }
    assert!(!shown.contains(&key.sign(&delivery.body)));
}
