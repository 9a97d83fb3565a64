//! What is logged of sources: who was refused, through whom, and what to do about it.

use std::net::IpAddr;

use topper_core::{Error, SourceMode, TrustedProxies, Verifier};
use topper_testkit::{Delivery, TestKey};

use crate::{builder, event, handler::logged, proven};

const STRANGER: &str = "203.0.113.9";

fn verifier(key: &TestKey, mode: SourceMode, proxies: Option<&str>) -> Verifier {
    let builder = builder(key).label("sandbox").sources(mode);
    match proxies {
        None => builder.build().unwrap(),
        Some(header) => {
            let proxies = TrustedProxies::new(["10.0.0.0/24"]).unwrap().header(header).unwrap();
            builder.trusted_proxies(proxies).build().unwrap()
        }
    }
}

fn from(key: &TestKey, peer: &str, headers: &[(&str, &str)]) -> Delivery {
    let peer: Option<IpAddr> = peer.parse().ok();
    let delivery = Delivery::signed(key, event()).from_peer(peer);
    headers.iter().fold(delivery, |delivery, (name, value)| delivery.header(name, *value))
}

#[test]
fn says_of_each_source_what_to_do() {
    let key = TestKey::generate();
    let xff = Some("X-Forwarded-For");
    for (proxies, peer, headers, parts) in [
        (None, "", &[][..], &["the server did not pass on the peer"][..]),
        (None, STRANGER, &[], &["peer=203.0.113.9", "client=203.0.113.9", "no proxy is trusted"]),
        (
            None,
            "10.0.0.1",
            &[("x-forwarded-for", "35.188.196.183")],
            &["peer=10.0.0.1", "no proxy is trusted, but", "`x-forwarded-for`: if the peer is"],
        ),
        (None, "10.0.0.1", &[], &["peer=10.0.0.1", "the peer has a private address"]),
        (xff, STRANGER, &[], &["the peer is neither on the list nor a trusted proxy"]),
        (
            xff,
            "10.0.7.1",
            &[("Forwarded", "for=35.188.196.183")],
            &["peer=10.0.7.1", "the peer is not a trusted proxy, but", "`forwarded`"],
        ),
        (xff, "10.0.0.1", &[], &["does not send the header `x-forwarded-for`"]),
        (
            xff,
            "10.0.0.1",
            &[("X-Real-IP", "35.188.196.183")],
            &["sends the header `x-real-ip`, not the configured `x-forwarded-for`"],
        ),
        (
            xff,
            "10.0.0.1",
            &[("x-forwarded-for", "10.0.0.2, 10.0.0.3")],
            &["all addresses in the header `x-forwarded-for` are trusted proxies"],
        ),
        (
            Some("X-Real-IP"),
            "10.0.0.1",
            &[("x-real-ip", "10.0.0.2")],
            &["all addresses in the header `x-real-ip` are trusted proxies"],
        ),
        (
            xff,
            "10.0.0.1",
            &[("x-forwarded-for", "35.188.196.183, unknown")],
            &["the header `x-forwarded-for` of the trusted proxy occurs twice, or contains"],
        ),
        (
            xff,
            "10.0.0.1",
            &[("x-forwarded-for", STRANGER)],
            &["peer=10.0.0.1 client=203.0.113.9", "sent by the trusted proxy, is not on the list"],
        ),
        (
            xff,
            "10.0.0.1",
            &[("x-forwarded-for", "35.188.196.183, 192.168.1.1")],
            &["client=192.168.1.1", "the trusted proxy sent a private address"],
        ),
        (
            Some("CF-Connecting-IP"),
            "10.0.0.1",
            &[("cf-connecting-ip", "35.188.196.183"), ("cf-connecting-ip", "35.188.196.183")],
            &["the header `cf-connecting-ip` of the trusted proxy occurs twice"],
        ),
    ] {
        let delivery = from(&key, peer, headers);
        let observing = verifier(&key, SourceMode::Observe, proxies);
        let observed = logged(|| drop(delivery.verify(&observing).unwrap()));
        let enforcing = verifier(&key, SourceMode::Enforce, proxies);
        let enforced = logged(|| assert!(delivery.verify(&enforcing).is_err()));
        for (text, message) in [
            (&observed, "webhook from a source that is not on the list"),
            (&enforced, "webhook refused"),
        ] {
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(text.contains("WARN") && text.contains(message), "{text}");
            assert!(text.contains("webhook=\"sandbox\""), "{text}");
            for part in parts {
                assert!(text.contains(part), "{part} is not in {text}");
            }
        }
        assert!(!observed.contains("outcome="), "{observed}");
        assert_eq!(enforced.matches(" outcome=\"source_").count(), 1, "{enforced}");
    }
}

#[test]
fn warns_of_a_source_once_and_of_each_delivery_that_is_refused() {
    let key = TestKey::generate();
    let delivery = from(&key, STRANGER, &[]);
    let observing = verifier(&key, SourceMode::Observe, None);
    let text = logged(|| {
        for _ in 0..20 {
            delivery.verify(&observing.clone()).unwrap();
        }
        from(&key, "203.0.113.10", &[]).verify(&observing).unwrap();
    });
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(observing.unlisted_sources(), 21);
    let enforcing = verifier(&key, SourceMode::Enforce, None);
    let text = logged(|| {
        for _ in 0..20 {
            assert_eq!(delivery.verify(&enforcing).unwrap_err(), Error::SourceForbidden);
        }
    });
    assert_eq!(text.matches(" outcome=\"source_forbidden\"").count(), 20, "{text}");
}

#[test]
fn names_the_peer_and_the_client_of_a_signature_that_does_not_match() {
    let key = TestKey::generate();
    let delivery = Delivery::signed(&key, event()).with_body("{}");
    let proven = proven(&key);
    let text = logged(|| assert!(delivery.verify(&proven).is_err()));
    let peer = "peer=35.188.196.183 client=35.188.196.183";
    assert!(text.contains("outcome=\"signature_invalid\"") && text.contains(peer), "{text}");
    let unproven = builder(&key).build().unwrap();
    let text = logged(|| assert!(delivery.verify(&unproven).is_err()));
    assert!(text.contains("outcome=\"key_unproven\"") && text.contains(peer), "{text}");
    assert!(text.contains("elapsed_us="), "{text}");
}

#[test]
fn warns_of_an_event_that_it_does_not_know_or_cannot_read_in_a_line_of_its_own() {
    let key = TestKey::generate();
    let verifier = builder(&key).label("sandbox").build().unwrap();
    let name = format!("order:\u{1b}[2J{}", "x".repeat(100));
    let unknown = topper_testkit::EventBuilder::unknown(&name).id("the-id").to_json();
    let broken = topper_testkit::EventBuilder::new(topper_core::EventName::UserCreated)
        .id("the-id")
        .remove("data.user.createdAt")
        .to_json();
    for (body, parts) in [
        (
            unknown,
            ["a name that this version does not know", "event.name=order:\\u{1b}[2Jxxx", "…"],
        ),
        (
            broken,
            [
                "cannot be read by this version",
                "field=\"data.user.createdAt\"",
                "error=data.user.createdAt is missing",
            ],
        ),
    ] {
        let delivery = Delivery::signed(&key, body);
        let text = logged(|| drop(delivery.verify(&verifier).unwrap()));
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("WARN") && text.contains("event.id=the-id"), "{text}");
        assert!(!text.contains("outcome="), "{text}");
        for part in parts {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
