//! A canary in the headers of a request.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use topper_core::{EventName, SourceMode, TrustedProxies, protocol::SIGNATURE_HEADER};
use topper_testkit::{Delivery, EventBuilder, Fault, TestKey};

use crate::shown::{self, CANARY};

/// An address that nobody has; so is the canary of a header that must hold one.
const ADDRESS: &str = "198.51.100.77";

fn body() -> Vec<u8> {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json()
}

#[test]
fn hides_the_signature() {
    let key = TestKey::generate();
    let verifier = shown::verifier(&key, |it| it);
    let genuine = Delivery::signed(&key, body());
    let token =
        genuine.headers.iter().find(|(name, _)| name == SIGNATURE_HEADER).unwrap().1.clone();
    let token = String::from_utf8(token).unwrap();
    let text = shown::delivery(&genuine, &verifier);
    let (header, signature) = token.split_once("..").unwrap();
    for part in [header, signature, "ES256\\\""] {
        assert!(!text.contains(part), "{part} in {text}");
    }
}

#[test]
fn hides_the_signature_header_of_every_forgery() {
    let key = TestKey::generate();
    let verifier = shown::verifier(&key, |it| it);
    for fault in Fault::all() {
        let forged = fault.forge(&key, &body());
        let text = shown::delivery(&forged, &verifier);
        let tokens = forged.headers.iter().filter(|(name, _)| name.starts_with("x-topper"));
        for (_, token) in tokens {
            let token = String::from_utf8_lossy(token);
            // The parts that are long enough not to stand in a text by chance.
            for part in token.split(['.', ',', ' ', '"', '=']).filter(|part| part.len() > 12) {
                assert!(!text.contains(part), "{fault}: {part} in {text}");
            }
        }
    }
}

#[test]
fn hides_members_of_the_protected_header() {
    let key = TestKey::generate();
    let verifier = shown::verifier(&key, |it| it);
    let headers = [
        format!(r#"{{"alg":"{CANARY}"}}"#),
        format!(r#"{{"alg":["{CANARY}"]}}"#),
        format!(r#"{{"alg":{{"{CANARY}":1}}}}"#),
        format!(r#"{{"alg":"ES256","kid":"{CANARY}"}}"#),
        format!(r#"{{"alg":"ES256","kid":["{CANARY}"]}}"#),
        format!(r#"{{"alg":"ES256","crit":["{CANARY}"]}}"#),
        format!(r#"{{"alg":"ES256","b64":"{CANARY}"}}"#),
        format!(r#"{{"alg":"ES256","jku":"https://{CANARY}"}}"#),
        format!(r#"{{"alg":"ES256","{CANARY}":1,"{CANARY}":2}}"#),
        format!(r#"{{"alg":"ES256","{CANARY}":"{CANARY}"}}"#),
        format!(r#"["{CANARY}"]"#),
        CANARY.to_owned(),
    ];
    let encoded = URL_SAFE_NO_PAD.encode(CANARY);
    for header in headers {
        let token = key.sign_with_header(&header, &body());
        let delivery = Delivery::unsigned(body()).header(SIGNATURE_HEADER, token);
        let text = shown::delivery(&delivery, &verifier);
        assert!(!text.contains(CANARY) && !text.contains(&encoded), "{header}: {text}");
    }
    for token in [CANARY.to_owned(), format!("{CANARY}..{CANARY}"), format!("eyJ9..{CANARY}")] {
        let delivery = Delivery::unsigned(body()).header(SIGNATURE_HEADER, token);
        let text = shown::delivery(&delivery, &verifier);
        assert!(text.contains("signature_malformed") && !text.contains(CANARY), "{text}");
    }
}

#[test]
fn hides_forwarding_headers_but_for_the_client_that_a_trusted_proxy_names() {
    let key = TestKey::generate();
    for mode in [SourceMode::Off, SourceMode::Observe, SourceMode::Enforce] {
        for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
            let proxies = TrustedProxies::new(["10.0.0.1"]).unwrap().header(header).unwrap();
            let verifier =
                shown::verifier(&key, |it| it.sources(mode).trusted_proxies(proxies.clone()));
            for value in [
                CANARY.to_owned(),
                ADDRESS.to_owned(),
                format!("for={ADDRESS}"),
                format!("for=\"_{CANARY}\""),
                format!("{CANARY}, {ADDRESS}"),
                format!("{ADDRESS}, {CANARY}"),
            ] {
                for peer in ["10.0.0.1", "35.188.196.183"] {
                    let delivery = Delivery::signed(&key, body())
                        .from_peer(peer.parse::<std::net::IpAddr>().unwrap())
                        .header(header, value.clone());
                    let text = shown::delivery(&delivery, &verifier);
                    assert!(text.contains("webhook"), "nothing was logged");
                    assert!(!text.contains(CANARY), "{value}: {text}");
                    let text = match (mode, peer) {
                        (SourceMode::Off, _) | (_, "35.188.196.183") => text,
                        _ => text.replace(&format!(" client={ADDRESS} "), ""),
                    };
                    assert!(!text.contains(ADDRESS), "{value}: {text}");
                }
            }
        }
    }
}

#[test]
fn hides_headers_it_does_not_read() {
    let key = TestKey::generate();
    let verifier = shown::verifier(&key, |it| it);
    for header in ["authorization", "cookie", "content-type", "content-length", "user-agent"] {
        let delivery = Delivery::signed(&key, body()).header(header, CANARY);
        let text = shown::delivery(&delivery, &verifier);
        assert!(!text.contains(CANARY), "{header}: {text}");
    }
}
