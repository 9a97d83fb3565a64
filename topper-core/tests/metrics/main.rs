//! What is counted and measured: each thing when it happens, once, and under a bounded number of labels.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests stop at what should not happen")]

mod recorded;

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use metrics_util::MetricKind;
use recorded::{Recorded, Recorder};
use topper_core::{
    Error, EventName, Outcome, ReadError, Reply, Retry, SourceMode, TrustedProxies, Verifier,
    VerifierBuilder, Webhook,
    internal::{self, Asking, Operation},
    metrics::{ALL, DURATION_BUCKETS, Kind, Values},
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// A future that does not wait for anything.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let Poll::Ready(value) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits")
    };
    value
}

fn event() -> Vec<u8> {
    EventBuilder::new(EventName::UserCreated).to_json()
}

fn builder(key: &TestKey) -> VerifierBuilder {
    Verifier::builder().public_key(&key.public_jwk()).label("sandbox")
}

/// What moves when a delivery is answered, apart from what a test adds.
fn answered(reply: Reply) -> Vec<(String, f64)> {
    vec![
        (format!("topper_deliveries_total{{reply={reply},webhook=sandbox}}"), 1.0),
        ("topper_delivery_duration_seconds{webhook=sandbox}".to_owned(), 1.0),
    ]
}

fn assert_moved(recorded: &Recorded, mut expected: Vec<(String, f64)>) {
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    let moved: Vec<_> = recorded.moved().into_iter().collect();
    assert_eq!(moved, expected);
}

fn matched(key: &TestKey) -> (String, f64) {
    (format!("topper_key_matches_total{{key={},webhook=sandbox}}", key.key_id()), 1.0)
}

fn handled(outcome: &str) -> (String, f64) {
    (format!("topper_handler_duration_seconds{{outcome={outcome},webhook=sandbox}}"), 1.0)
}

#[test]
fn counts_each_end_of_a_handler_once() {
    let (recorder, key) = (Recorder::new(), TestKey::generate());
    let mut verifier = None;
    recorder.during(|| verifier = Some(builder(&key).build().unwrap()));
    let verifier = verifier.unwrap();
    let webhook = || Delivery::signed(&key, event()).verify(&verifier).unwrap();
    for &outcome in Outcome::ALL {
        let recorded = recorder.during(|| {
            ready(webhook().handle(async |_| Ok(outcome)));
        });
        let mut expected = answered(outcome.into());
        expected.extend([matched(&key), handled(outcome.code())]);
        assert_moved(&recorded, expected);
    }
    let fails = async |_: Webhook| -> Result<Outcome, Retry> { Err("the ledger is closed")? };
    let panics = async |_: Webhook| -> Result<Outcome, Retry> { panic!("one that the test wants") };
    for (recorded, reply) in [
        (recorder.during(|| assert!(ready(webhook().handle(fails)).is_retried())), Reply::Retry),
        (
            recorder.during(|| assert!(ready(webhook().handle(panics)).is_retried())),
            Reply::Panicked,
        ),
    ] {
        let mut expected = answered(reply);
        expected.extend([matched(&key), handled(reply.code())]);
        assert_moved(&recorded, expected);
    }
}

#[test]
fn counts_each_refusal_once() {
    let (recorder, key) = (Recorder::new(), TestKey::generate());
    let proven = builder(&key).build().unwrap();
    Delivery::signed(&key, event()).verify(&proven).unwrap();
    let unproven = builder(&key).build().unwrap();
    let strict = builder(&key).sources(SourceMode::Enforce).build().unwrap();
    let genuine = Delivery::signed(&key, event());
    let forged = genuine.clone().with_body("{}");
    let large = genuine.clone().with_body(vec![b' '; 262_145]);
    let stranger = genuine.clone().from_peer("203.0.113.9".parse::<std::net::IpAddr>().unwrap());
    for (delivery, verifier, reply, also) in [
        (
            genuine.clone().without_header("x-topper-jws-signature"),
            &proven,
            Reply::SignatureMissing,
            None,
        ),
        (genuine.clone().with_signature("x"), &proven, Reply::SignatureMalformed, None),
        (forged.clone(), &proven, Reply::SignatureInvalid, None),
        (forged, &unproven, Reply::KeyUnproven, None),
        (large, &proven, Reply::BodyTooLarge, None),
        (
            stranger,
            &strict,
            Reply::SourceForbidden,
            Some("topper_unlisted_sources_total{webhook=sandbox}"),
        ),
        (
            genuine.clone().from_peer(None),
            &strict,
            Reply::SourceUnknown,
            Some("topper_unlisted_sources_total{webhook=sandbox}"),
        ),
    ] {
        let recorded = recorder.during(|| {
            assert_eq!(delivery.verify(verifier).unwrap_err().reply(), reply);
        });
        let mut expected = answered(reply);
        expected.extend(also.map(|series| (series.to_owned(), 1.0)));
        assert_moved(&recorded, expected);
    }
    for (read, reply) in
        [(ReadError::BrokeOff, Reply::BodyIncomplete), (ReadError::TimedOut, Reply::BodyTimeout)]
    {
        let recorded = recorder.during(|| {
            let admitted = proven.admit(&genuine).unwrap();
            assert_eq!(admitted.finish(Err(read)).unwrap_err().reply(), reply);
        });
        assert_moved(&recorded, answered(reply));
    }
    // What `push` refused is not counted again by `finish`.
    let recorded = recorder.during(|| {
        let mut admitted = proven.admit(&genuine).unwrap();
        let refused = admitted.push(&vec![b' '; 262_145]).unwrap_err();
        admitted.finish(Err(refused.into())).unwrap_err();
    });
    assert_moved(&recorded, answered(Reply::BodyTooLarge));
    let recorded = recorder.during(|| {
        assert_eq!(Error::not_configured(None, "a hint"), Error::NotConfigured);
    });
    assert_moved(
        &recorded,
        vec![
            ("topper_deliveries_total{reply=not_configured,webhook=}".to_owned(), 1.0),
            ("topper_delivery_duration_seconds{webhook=}".to_owned(), 1.0),
        ],
    );
}

#[test]
fn counts_events_that_it_does_not_know_or_cannot_read() {
    let (recorder, key) = (Recorder::new(), TestKey::generate());
    let verifier = builder(&key).build().unwrap();
    let name = EventName::OrderCryptoOnrampCompleted;
    let broken = EventBuilder::new(name).remove("data.destination.amount");
    let fees = EventBuilder::new(name).set("data.fees", serde_json::json!([1, 2]));
    for (event, series) in [
        (
            EventBuilder::unknown("order:new").to_json(),
            "topper_unknown_events_total{webhook=sandbox}",
        ),
        (
            broken.to_json(),
            "topper_unreadable_events_total{field=data.destination.amount,webhook=sandbox}",
        ),
        (fees.to_json(), "topper_unreadable_events_total{field=data.fees[],webhook=sandbox}"),
    ] {
        let delivery = Delivery::signed(&key, event);
        let recorded = recorder.during(|| drop(delivery.verify(&verifier).unwrap()));
        assert_moved(&recorded, vec![(series.to_owned(), 1.0), matched(&key)]);
    }
    for (body, field) in [("[]", "body"), ("{\"name\":\"x\",\"data\":{}}", "id")] {
        let delivery = Delivery::signed(&key, body);
        let recorded = recorder.during(|| assert!(delivery.verify(&verifier).is_err()));
        let series = format!("topper_unreadable_events_total{{field={field},webhook=sandbox}}");
        let mut expected = answered(Reply::EventUnreadable);
        expected.extend([(series, 1.0), matched(&key)]);
        assert_moved(&recorded, expected);
    }
}

#[test]
fn does_not_count_what_was_stored_as_a_delivery() {
    let (recorder, key) = (Recorder::new(), TestKey::generate());
    let verifier = builder(&key).build().unwrap();
    let event = EventBuilder::unknown("order:new").to_json();
    let webhook = Delivery::signed(&key, event).verify(&verifier).unwrap();
    let recorded = recorder.during(|| {
        verifier.verify_stored(webhook.signature(), webhook.body()).unwrap();
        verifier.verify_stored(webhook.signature(), b"{}").unwrap_err();
        verifier.verify_stored("x", webhook.body()).unwrap_err();
    });
    assert_moved(&recorded, Vec::new());
}

#[test]
fn names_a_key_by_what_is_only_its_own() {
    let recorder = Recorder::new();
    let (old, new) = (TestKey::generate(), TestKey::generate());
    let with_kid = |key: &TestKey, kid: &str| {
        let mut jwk: serde_json::Value = serde_json::from_str(&key.public_jwk()).unwrap();
        jwk["kid"] = kid.into();
        jwk
    };
    let long = "k".repeat(65);
    for (one, other, are_kids) in
        [("old", "new", true), ("same", "same", false), (&*long, "new\u{1b}", false)]
    {
        let set = serde_json::json!({"keys": [with_kid(&old, one), with_kid(&new, other)]});
        let set = set.to_string();
        let mut keys = None;
        let recorded = recorder.during(|| {
            keys = Some(Verifier::builder().public_key(&set).build().unwrap().keys());
        });
        let name = |index: usize, kid: &str| match are_kids {
            true => kid.to_owned(),
            false if kid.contains('\u{1b}') => "new\\u{1b}".to_owned(),
            false => keys.as_ref().unwrap().iter().nth(index).unwrap().thumbprint().to_owned(),
        };
        for key in [name(0, one), name(1, other)] {
            let series = format!("topper_key_matches_total{{key={key},webhook=default}}");
            assert!(recorded.names().contains(&series), "{series}: {:?}", recorded.names());
        }
    }
}

#[test]
fn has_all_that_an_alarm_needs_from_the_start() {
    let (recorder, key, next) = (Recorder::new(), TestKey::generate(), TestKey::generate());
    let recorded = recorder.during(|| {
        let verifier = builder(&key).build().unwrap();
        verifier.replace_keys(topper_core::KeySet::parse(&next.public_jwk()).unwrap());
    });
    assert_moved(&recorded, Vec::new());
    let names = recorded.names();
    for &reply in Reply::ALL {
        let webhook = if reply == Reply::NotConfigured { "" } else { "sandbox" };
        let series = format!("topper_deliveries_total{{reply={reply},webhook={webhook}}}");
        assert!(names.contains(&series), "{series}: {names:?}");
    }
    for key in [key.key_id(), next.key_id()] {
        let series = format!("topper_key_matches_total{{key={key},webhook=sandbox}}");
        assert!(names.contains(&series), "{series}: {names:?}");
    }
    for series in [
        "topper_unlisted_sources_total{webhook=sandbox}",
        "topper_unknown_events_total{webhook=sandbox}",
        "topper_store_errors_total{operation=claim,webhook=sandbox}",
        "topper_inbox_attempts_total{outcome=dead,webhook=sandbox}",
    ] {
        assert!(names.iter().any(|name| name == series), "{series}: {names:?}");
    }
}

#[test]
fn a_worker_has_all_that_an_alarm_needs_from_the_start() {
    let recorder = Recorder::new();
    let recorded = recorder.during(internal::worker_starts);
    assert_moved(&recorded, Vec::new());
    for &operation in Operation::ALL {
        let series =
            format!("topper_store_errors_total{{operation={},webhook=}}", operation.as_str());
        let is_of_all = ["is_due", "parked", "purge", "stats", "take", "unpark"];
        let is_of_all = is_of_all.contains(&operation.as_str());
        assert_eq!(recorded.names().contains(&series), is_of_all, "{:?}", recorded.names());
    }
    let recorded = recorder.during(|| internal::worker_sees("new"));
    assert_moved(&recorded, Vec::new());
    let names = recorded.names();
    for outcome in internal::ATTEMPTS {
        let series = format!("topper_inbox_attempts_total{{outcome={outcome},webhook=new}}");
        assert!(names.contains(&series), "{series}: {names:?}");
    }
    for operation in ["end", "renew"] {
        let series = format!("topper_store_errors_total{{operation={operation},webhook=new}}");
        assert!(names.contains(&series), "{series}: {names:?}");
    }
}

#[test]
fn counts_each_attempt_of_a_worker_once() {
    let recorder = Recorder::new();
    for outcome in internal::ATTEMPTS {
        let recorded = recorder.during(|| internal::attempted("sandbox", outcome));
        let series = format!("topper_inbox_attempts_total{{outcome={outcome},webhook=sandbox}}");
        assert_moved(&recorded, vec![(series, 1.0)]);
    }
}

/// Everything that there is to record, in one place.
fn everything(key: &TestKey) {
    let verifier = builder(key).build().unwrap();
    let webhook = Delivery::signed(key, event()).verify(&verifier).unwrap();
    ready(webhook.clone().handle(async |_| Ok(Outcome::Processed)));
    internal::worker_starts();
    internal::worker_sees("sandbox");
    for &operation in Operation::ALL {
        let about = operation.is_about_one().then_some(&webhook);
        Asking::now(operation).ended(about, true);
    }
    for &outcome in internal::ATTEMPTS {
        internal::attempted("sandbox", outcome);
    }
    internal::inbox_holds(3, Some(std::time::Duration::from_millis(1500)), 2, 1);
    let unreadable = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).remove("data.widget");
    Delivery::signed(key, unreadable.to_json()).from_peer(None).verify(&verifier).unwrap();
}

#[test]
fn records_exactly_what_the_table_lists() {
    let (recorder, key) = (Recorder::new(), TestKey::generate());
    let recorded = recorder.during(|| everything(&key));
    for metric in ALL {
        let of_metric: Vec<_> =
            recorded.0.iter().filter(|((name, _), _)| name == metric.name).collect();
        assert!(!of_metric.is_empty(), "{} is not recorded", metric.name);
        for ((_, labels), series) in of_metric {
            let kind = match series.kind {
                MetricKind::Counter => Kind::Counter,
                MetricKind::Gauge => Kind::Gauge,
                MetricKind::Histogram => Kind::Histogram,
            };
            assert_eq!(kind, metric.kind, "{}", metric.name);
            assert_eq!(series.unit.as_deref(), metric.unit, "{}", metric.name);
            assert_eq!(series.help.as_deref(), Some(metric.help));
            let buckets = if kind == Kind::Histogram { DURATION_BUCKETS } else { &[] };
            assert_eq!(metric.buckets, buckets);
            let mut listed: Vec<_> = metric.labels.iter().collect();
            listed.sort_by_key(|label| label.name);
            assert_eq!(labels.len(), listed.len(), "{}: {labels:?}", metric.name);
            for ((name, value), label) in labels.iter().zip(listed) {
                assert_eq!(name, label.name);
                if let Values::OneOf(values) = label.values {
                    assert!(values.contains(&value.as_str()), "{}: {value}", metric.name);
                }
            }
        }
    }
    for (name, _) in recorded.0.keys() {
        assert!(ALL.iter().any(|metric| metric.name == name), "{name} is not listed");
    }
    let moved = recorded.moved();
    assert_eq!(moved.get("topper_inbox_oldest_seconds{}"), Some(&1.5));
    assert_eq!(moved.get("topper_inbox_pending{}"), Some(&3.0));
    assert_eq!(moved.get("topper_inbox_dead{}"), Some(&2.0));
    assert_eq!(moved.get("topper_inbox_parked{}"), Some(&1.0));
}

#[test]
fn stays_bounded_whatever_is_sent() {
    let (recorder, key) = (Recorder::new(), TestKey::generate());
    let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    let mut verifier = None;
    recorder.during(|| verifier = Some(builder(&key).trusted_proxies(proxies).build().unwrap()));
    let verifier = verifier.unwrap();
    let odd = |number: u32| {
        let address = std::net::Ipv4Addr::from_bits(0xcb00_0000 + number);
        let id = format!("id-{number}");
        let completed = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(&id);
        let delivery = match number % 5 {
            0 => Delivery::signed(&key, EventBuilder::unknown(&format!("new:{number}")).to_json()),
            1 => {
                let mut fees = vec![completed.value().pointer("/data/fees/0").unwrap().clone(); 1];
                fees.resize(usize::try_from(number % 97).unwrap() + 1, fees[0].clone());
                fees.push(serde_json::json!(number));
                Delivery::signed(&key, completed.set("data.fees", fees).to_json())
            }
            2 => Delivery::signed(&key, format!("{{\"field-{number}\":{number}}}")),
            3 => Delivery::unsigned("{}").with_signature(format!("{number}..x")),
            _ => Delivery::signed(&key, completed.add(&format!("data.new{number}"), 1).to_json()),
        };
        let delivery = match number % 2 {
            0 => delivery.from_peer(std::net::IpAddr::V4(address)),
            _ => delivery
                .from_peer("10.0.0.1".parse::<std::net::IpAddr>().unwrap())
                .header("x-forwarded-for", address.to_string()),
        };
        if let Ok(webhook) = delivery.verify(&verifier) {
            ready(webhook.handle(async |webhook| {
                webhook.event()?;
                Ok(Outcome::Processed)
            }));
        }
    };
    let few = recorder.during(|| (0..100).for_each(odd)).names();
    let many = recorder.during(|| (100..10_000).for_each(odd)).names();
    assert_eq!(few, many);
    assert!(many.len() < 100, "{many:?}");
}
