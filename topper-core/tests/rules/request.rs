//! A program without an adapter: the whole request at hand, and stored deliveries.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

use topper_core::{Error, Head, Reply, RequestHead, SourceMode, protocol};
use topper_testkit::{Delivery, TestKey};

use crate::{builder, event, proven};

const PEER: Option<IpAddr> = Some(IpAddr::V4(protocol::ADDRESSES[0]));
const NAME: &str = "X-Topper-JWS-Signature";

#[test]
fn verifies_a_request_whatever_its_headers_are_kept_in() {
    let key = TestKey::generate();
    let body = event();
    let verifier = builder(&key).sources(SourceMode::Enforce).build().unwrap();
    let token = key.sign(&body);
    let id =
        |head: &dyn Fn() -> Result<topper_core::Webhook, Error>| head().unwrap().id().to_owned();

    let pairs = [("Host", "localhost"), (NAME, token.as_str())];
    let list = vec![(NAME.to_owned(), token.clone().into_bytes())];
    let map = HashMap::from([(NAME, token.as_str())]);
    let sorted = BTreeMap::from([(NAME.to_owned(), token.clone())]);
    let ids = [
        id(&|| verifier.verify(&Head::new(PEER, &pairs), &body)),
        id(&|| verifier.verify(&Head::new(PEER, pairs.as_slice()), &body)),
        id(&|| verifier.verify(&Head::new(PEER, &list), &body)),
        id(&|| verifier.verify(&Head::new(PEER, &map), &body)),
        id(&|| verifier.verify(&Head::new(PEER, &sorted), &body)),
    ];
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[cfg(feature = "http")]
#[test]
fn reads_the_headers_of_the_http_crate() {
    let key = TestKey::generate();
    let body = event();
    let mut headers = http::HeaderMap::new();
    headers.insert(protocol::SIGNATURE_HEADER, key.sign(&body).parse().unwrap());
    let verifier = builder(&key).build().unwrap();
    verifier.verify(&Head::new(PEER, &headers), &body).unwrap();
    headers.append(protocol::SIGNATURE_HEADER, key.sign(&body).parse().unwrap());
    let error = verifier.verify(&Head::new(PEER, &headers), &body).unwrap_err();
    assert_eq!(error.reply(), Reply::SignatureMalformed);
}

#[test]
fn keeps_to_every_rule_for_a_whole_request() {
    let key = TestKey::generate();
    let verifier = proven(&key);
    let token = key.sign(b"{}");
    let verify = |headers: &[(&str, &str)], body: &[u8]| {
        verifier.verify(&Head::new(PEER, headers), body).unwrap_err().reply()
    };
    assert_eq!(verify(&[], b"{}"), Reply::SignatureMissing);
    assert_eq!(verify(&[(NAME, &token), (NAME, &token)], b"{}"), Reply::SignatureMalformed);
    assert_eq!(verify(&[(NAME, &token)], b"{ }"), Reply::SignatureInvalid);
    assert_eq!(verify(&[(NAME, &token)], b"{}"), Reply::EventUnreadable);
    assert_eq!(verify(&[(NAME, &token)], &[b' '; 262_145]), Reply::BodyTooLarge);
    assert_eq!(verify(&[(NAME, &token), ("content-length", "262145")], b"{}"), Reply::BodyTooLarge);
}

#[test]
fn believes_a_peer_and_no_header_unless_a_proxy_is_trusted() {
    let key = TestKey::generate();
    let body = event();
    let token = key.sign(&body);
    let verifier = builder(&key).sources(SourceMode::Enforce).build().unwrap();
    let listed = protocol::ADDRESSES[0].to_string();
    let headers = [(NAME, token.as_str()), ("X-Forwarded-For", listed.as_str())];
    let reply = |peer| verifier.verify(&Head::new(peer, &headers), &body).map_err(|it| it.reply());
    assert!(matches!(reply(None), Err(Reply::SourceUnknown)));
    assert!(matches!(reply("203.0.113.9".parse().ok()), Err(Reply::SourceForbidden)));
    reply(PEER).unwrap();
    // What has no peer has none through any of the collections either.
    assert_eq!(headers.as_slice().peer(), None);
}

#[test]
fn verifies_a_stored_delivery_again_by_its_signature_alone() {
    let key = TestKey::generate();
    let verifier = builder(&key).sources(SourceMode::Enforce).body_limit(4096).build().unwrap();
    let delivery = Delivery::signed(&key, event());
    let webhook = delivery.verify(&verifier).unwrap();
    let (token, body) = (webhook.signature().to_owned(), webhook.body().to_vec());
    assert_eq!(token, key.sign(&body));

    let again = verifier.verify_stored(&token, &body).unwrap();
    assert_eq!((again.id(), again.label()), (webhook.id(), webhook.label()));
    assert_eq!((again.body(), again.signature()), (webhook.body(), webhook.signature()));
    assert_eq!(again.client(), None);
    assert!(again.time_left() > webhook.time_left());

    let changed = [body.as_slice(), b" "].concat();
    let refused = verifier.verify_stored(&token, &changed).unwrap_err();
    assert_eq!(refused, Error::SignatureInvalid);
    let refused = verifier.verify_stored("x", &body).unwrap_err();
    assert_eq!(refused.reply(), Reply::SignatureMalformed);
    let other = builder(&TestKey::generate()).retry_while_unproven(false).build().unwrap();
    assert_eq!(other.verify_stored(&token, &body).unwrap_err(), Error::SignatureInvalid);
}

#[test]
fn knows_its_clones() {
    let key = TestKey::generate();
    let verifier = builder(&key).build().unwrap();
    assert!(verifier.is_clone_of(&verifier.clone()));
    assert!(!verifier.is_clone_of(&builder(&key).build().unwrap()));
}
