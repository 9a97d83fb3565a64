//! Configuration by environment variables.

use std::{collections::HashMap, env, ffi::OsString, net::IpAddr, process::Command};

use topper_core::{ConfigError, Error, Verifier, VerifierBuilder};
use topper_testkit::{Delivery, TestKey};

use crate::event;

const PUBLIC_KEY: &str = "TOPPER_WEBHOOK_PUBLIC_KEY";
const SOURCES: &str = "TOPPER_WEBHOOK_SOURCES";
const ALLOWED_IPS: &str = "TOPPER_WEBHOOK_ALLOWED_IPS";
const TRUSTED_PROXIES: &str = "TOPPER_WEBHOOK_TRUSTED_PROXIES";
const BODY_LIMIT: &str = "TOPPER_WEBHOOK_BODY_LIMIT";
const LABEL: &str = "TOPPER_WEBHOOK_LABEL";

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
    assert!(matches!(error, Error::BodyTooLarge { limit: 4096, .. }));
}

#[test]
fn names_the_variable_that_is_wrong_and_shows_what_it_should_look_like() {
    let key = TestKey::generate();
    for (name, value, problem, example) in [
        (SOURCES, "strict", "not a valid source mode", "off, observe or enforce"),
        (
            ALLOWED_IPS,
            "10.0.0.1,secret",
            "entry 2 is neither an IP address nor a network such as 10.0.0.0/8",
            "35.188.196.183",
        ),
        (ALLOWED_IPS, "10.0.0.1,", "entry 2 is", "35.188.196.183"),
        (TRUSTED_PROXIES, "secret", "entry 1 is", "10.0.0.0/8"),
        (TRUSTED_PROXIES, "a secret=10.0.0.1", "not a valid header name", "Forwarded=10.0.0.0/8"),
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
        ("secret", "not a public key: it is neither JSON nor PEM"),
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

/// The same from variables with a prefix.
fn with_prefix(prefix: &str, variables: &[(&str, &str)]) -> Result<Verifier, ConfigError> {
    let variables: HashMap<_, OsString> = variables
        .iter()
        .map(|(name, value)| (format!("{prefix}{name}"), (*value).into()))
        .collect();
    VerifierBuilder::from_vars_with_prefix(prefix, |name| variables.get(name).cloned())?.build()
}

#[test]
fn gives_each_of_several_webhooks_a_label_of_its_own() {
    let jwk = TestKey::generate().public_jwk();
    let label = |prefix, variables: &[(&str, &str)]| {
        let variables = [&[(PUBLIC_KEY, jwk.as_str())], variables].concat();
        with_prefix(prefix, &variables).unwrap().label().to_owned()
    };
    assert_eq!(label("PRODUCTION_", &[]), "production");
    assert_eq!(label("SANDBOX", &[]), "sandbox");
    assert_eq!(label("", &[]), "default");
    assert_eq!(label("PRODUCTION_", &[(LABEL, "orders")]), "orders");
    assert_eq!(label("", &[(LABEL, "orders")]), "orders");
}

#[test]
fn names_the_variable_that_the_program_reads() {
    let error = with_prefix("SANDBOX_", &[]).unwrap_err().to_string();
    assert!(
        error.starts_with("environment variable SANDBOX_TOPPER_WEBHOOK_PUBLIC_KEY: "),
        "{error}"
    );
    let jwk = TestKey::generate().public_jwk();
    for (name, value) in [(BODY_LIMIT, "1"), (SOURCES, "on"), (LABEL, &"x".repeat(65))] {
        let error =
            with_prefix("A_", &[(PUBLIC_KEY, &jwk), (name, value)]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("environment variable A_{name}: ")), "{error}");
    }
}

/// Only a process of its own can be given variables.
#[test]
fn warns_of_a_misspelt_variable() {
    let jwk = TestKey::generate().public_jwk();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "environment::prints_what_is_logged", "--ignored", "--nocapture"])
        .env("TOPPER_WEBHOOK_PUBLIC_KEY", &jwk)
        .env("TOPPER_WEBHOOK_TRUSTED_PROXY", "10.0.0.0/8")
        .env("B_TOPPER_WEBHOOK_PUBLIC_KEY", &jwk)
        .env("B_TOPPER_WEBHOOK_SOURCE", "enforce")
        .env("TOPPER_STORE_URL", "none")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for (name, nearest) in [
        ("TOPPER_WEBHOOK_TRUSTED_PROXY", TRUSTED_PROXIES),
        ("B_TOPPER_WEBHOOK_SOURCE", "B_TOPPER_WEBHOOK_SOURCES"),
    ] {
        let part = format!("variable={name} nearest=\"{nearest}\"");
        assert!(text.contains(&part) && text.contains("WARN"), "{part} is not in {text}");
    }
    assert_eq!(text.matches("unknown environment variable").count(), 2, "{text}");
    assert!(!text.contains("10.0.0.0"), "{text}");
}

#[test]
#[ignore = "run by `warns_of_a_misspelt_variable`, with variables of its own"]
fn prints_what_is_logged() {
    let text = crate::handler::logged(|| {
        Verifier::from_env().unwrap();
        assert_eq!(Verifier::from_env_with_prefix("B_").unwrap().label(), "b");
    });
    println!("{text}");
}
