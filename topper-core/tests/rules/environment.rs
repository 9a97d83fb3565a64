//! Configuration by environment variables.

use std::{collections::HashMap, ffi::OsString, net::IpAddr};

use topper_core::{ConfigError, Error, Verifier, VerifierBuilder};
use topper_testkit::{Delivery, TestKey};

use crate::event;

const PUBLIC_KEY: &str = "TOPPER_WEBHOOK_PUBLIC_KEY";
const SOURCES: &str = "TOPPER_WEBHOOK_SOURCES";
const ALLOWED_IPS: &str = "TOPPER_WEBHOOK_ALLOWED_IPS";
const TRUSTED_PROXIES: &str = "TOPPER_WEBHOOK_TRUSTED_PROXIES";
const BODY_LIMIT: &str = "TOPPER_WEBHOOK_BODY_LIMIT";

fn read(variables: &[(&str, &str)]) -> Result<Verifier, ConfigError> {
    let variables: HashMap<_, OsString> =
        variables.iter().map(|(name, value)| (*name, (*value).into())).collect();
    VerifierBuilder::from_vars(|name| variables.get(name).cloned())?.build()
}

/// The verifier of a key and some other variables.
fn with(key: &TestKey, variables: &[(&str, &str)]) -> Result<Verifier, ConfigError> {
    let jwk = key.public_jwk();
    read(&[&[(PUBLIC_KEY, jwk.as_str())], variables].concat())
}

fn client(verifier: &Verifier, delivery: Delivery, peer: &str) -> Result<Option<IpAddr>, Error> {
    delivery
        .from_peer(peer.parse::<IpAddr>().unwrap())
        .verify(verifier)
        .map(|webhook| webhook.client())
}

#[test]
fn takes_a_jwk_or_a_jwk_set() {
    let (one, other) = (TestKey::generate(), TestKey::generate());
    assert_eq!(with(&one, &[]).unwrap().keys().iter().len(), 1);
    let set = TestKey::public_jwk_set([&one, &other]);
    assert_eq!(read(&[(PUBLIC_KEY, &set)]).unwrap().keys().iter().len(), 2);
}

#[test]
fn takes_an_empty_variable_for_one_that_is_not_set() {
    let key = TestKey::generate();
    with(&key, &[(SOURCES, ""), (ALLOWED_IPS, " "), (TRUSTED_PROXIES, ""), (BODY_LIMIT, "")])
        .unwrap();
    for variables in [&[][..], &[(PUBLIC_KEY, "")], &[(PUBLIC_KEY, " \n")]] {
        let error = read(variables).unwrap_err().to_string();
        assert!(error.starts_with("environment variable TOPPER_WEBHOOK_PUBLIC_KEY: no public key is configured; it should look like {"), "{error}");
    }
}

#[test]
fn reads_the_source_mode_and_addresses() {
    let key = TestKey::generate();
    let delivery = || Delivery::signed(&key, event());
    let verifier =
        with(&key, &[(SOURCES, "Enforce"), (ALLOWED_IPS, "198.51.100.7, 203.0.113.0/24")]).unwrap();
    client(&verifier, delivery(), "203.0.113.9").unwrap();
    assert_eq!(client(&verifier, delivery(), "35.188.196.183"), Err(Error::SourceForbidden));
    let verifier = with(&key, &[(SOURCES, "off")]).unwrap();
    assert_eq!(client(&verifier, delivery(), "203.0.113.9"), Ok(None));
    let verifier = with(&key, &[(SOURCES, "observe")]).unwrap();
    client(&verifier, delivery(), "203.0.113.9").unwrap();
    assert_eq!(verifier.unlisted_sources(), 1);
}

#[test]
fn reads_trusted_proxies_with_or_without_a_header() {
    let key = TestKey::generate();
    let topper = Ok(Some("35.188.196.183".parse().unwrap()));
    for (proxies, header, value) in [
        ("10.0.0.0/8, fd00::1", "x-forwarded-for", "35.188.196.183"),
        ("Forwarded=10.0.0.0/8", "forwarded", "for=35.188.196.183"),
        (" X-Real-IP = 10.0.0.0/8,10.1.1.1 ", "x-real-ip", "35.188.196.183"),
    ] {
        let verifier = with(&key, &[(SOURCES, "enforce"), (TRUSTED_PROXIES, proxies)]).unwrap();
        let delivery = Delivery::signed(&key, event()).header(header, value);
        assert_eq!(client(&verifier, delivery, "10.2.3.4"), topper, "{proxies}");
    }
}

#[test]
fn reads_the_body_limit() {
    let key = TestKey::generate();
    let verifier = with(&key, &[(BODY_LIMIT, "4096")]).unwrap();
    let error = Delivery::signed(&key, vec![b' '; 4097]).verify(&verifier).unwrap_err();
    assert_eq!(error, Error::BodyTooLarge { limit: 4096 });
}

#[test]
fn names_the_variable_that_is_wrong_and_shows_what_it_should_look_like() {
    let key = TestKey::generate();
    for (name, value, problem, example) in [
        (SOURCES, "strict", "not a source mode", "off, observe or enforce"),
        (
            ALLOWED_IPS,
            "10.0.0.1,secret",
            "entry 2 is neither an IP address nor a network such as 10.0.0.0/8",
            "35.188.196.183",
        ),
        (ALLOWED_IPS, "10.0.0.1,", "entry 2 is", "35.188.196.183"),
        (TRUSTED_PROXIES, "secret", "entry 1 is", "10.0.0.0/8"),
        (TRUSTED_PROXIES, "a secret=10.0.0.1", "not the name of a header", "Forwarded=10.0.0.0/8"),
        (BODY_LIMIT, "secret", "not a whole number of bytes from 4096 to 16777216", "262144"),
        (BODY_LIMIT, "256KiB", "not a whole number", "262144"),
        (BODY_LIMIT, "-1", "not a whole number", "262144"),
        (BODY_LIMIT, "1", "not a whole number", "262144"),
    ] {
        let error = with(&key, &[(name, value)]).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("environment variable {name}: {problem}")), "{text}");
        assert!(text.contains("; it should look like ") && text.contains(example), "{text}");
        assert!(!format!("{text} {error:?}").contains("secret"), "{text}");
    }
}

#[test]
fn names_the_variable_of_a_key_that_cannot_be_used() {
    for (value, problem) in [
        ("secret", "not a JWK or a JWK Set"),
        (r#"{"kty":"oct","k":"secret"}"#, "public key 1: it has a private part"),
    ] {
        let error = read(&[(PUBLIC_KEY, value)]).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("environment variable {PUBLIC_KEY}: {problem}")),
            "{text}"
        );
        assert!(text.contains(r#"it should look like {"kty":"EC""#), "{text}");
        assert!(!format!("{text} {error:?}").contains("secret"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn refuses_a_value_that_is_not_unicode() {
    use std::os::unix::ffi::OsStringExt as _;
    let error = VerifierBuilder::from_vars(|name| {
        (name == PUBLIC_KEY).then(|| OsString::from_vec(vec![0xff]))
    })
    .unwrap_err();
    assert!(error.to_string().starts_with(
        "environment variable TOPPER_WEBHOOK_PUBLIC_KEY: the value is not Unicode text"
    ));
}
