//! Whatever is done to an event, the schemas and the types say the same of it.

use proptest::{prelude::*, test_runner::Config};
use serde_json::{Map, Value, json};
use topper_core::{Envelope, Event, EventName};
use topper_testkit::EventBuilder;

use crate::{ENVELOPE, EVENT, OF, decoded};

/// All places in a value, as JSON pointers.
fn places(value: &Value, place: &str, into: &mut Vec<String>) {
    let mut next = |name: &str, value: &Value| {
        let name = name.replace('~', "~0").replace('/', "~1");
        let place = format!("{place}/{name}");
        into.push(place.clone());
        places(value, &place, into);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| next(name, value)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| next(&index.to_string(), value));
        }
        _ => {}
    }
}

/// An event with every member that there is.
fn whole(name: EventName) -> Value {
    let tag = json!({"type": "memo", "value": "1"});
    let fields = match name.flow() {
        Some(topper_core::event::Flow::CryptoOnramp) => vec![
            ("data.destination.tag", tag),
            ("data.destination.blockchainUrl", json!("https://chain.example/1")),
            ("data.destination.ledger", json!({"txid": "1", "url": "https://chain.example/1"})),
            ("data.refund", json!({"formattedAmount": "$ 1", "asset": "USD", "rate": "1"})),
            ("data.error", json!({"reason": "fraud"})),
        ],
        Some(_) => vec![
            ("data.origin.depositAddress.expiredAt", json!("2026-03-02T10:15:27.120Z")),
            (
                "data.refund",
                json!({"amount": "1", "rate": "1", "asset": "XRP", "network": "ripple",
                    "address": "r", "priority": "fast", "tag": tag}),
            ),
            ("data.error", json!({"reason": "fraud"})),
        ],
        None => Vec::new(),
    };
    // Some events have one or the other already.
    let event = fields.into_iter().fold(EventBuilder::new(name), |event, (path, value)| {
        event.clone().try_set(path, value.clone()).unwrap_or_else(|_| event.add(path, value))
    });
    event.value().clone()
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        proptest::sample::select(
            &[
                "",
                "1",
                "-1.50",
                "1e-7",
                "1e",
                ".5",
                "9.",
                "+1",
                " 1",
                "1\n",
                "pending",
                "fraud",
                "user:created",
                "user:logged-in",
                "order:crypto-onramp:completed",
                "order:swap",
                "2026-03-02T10:15:27.120Z",
                "1_000",
                "١",
                "NaN",
            ][..]
        )
        .prop_map(str::to_owned),
        "[-+0-9.eE]{0,8}",
        "[0-9]{120,136}",
        ".{0,12}",
        "[a-z]{250,260}",
    ];
    let leaf = prop_oneof![
        3 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        6 => text.prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec(("[a-z]{1,6}", inner), 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

#[derive(Clone, Debug)]
enum Change {
    Remove,
    Set(Value),
    /// Takes the value of another place of the event.
    Copy(prop::sample::Index),
    /// Adds a member or an element of some value.
    Add(String, Value),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => Just(Change::Remove),
        3 => any_value().prop_map(Change::Set),
        1 => any::<prop::sample::Index>().prop_map(Change::Copy),
        1 => ("[a-z]{1,6}", any_value()).prop_map(|(name, value)| Change::Add(name, value)),
    ]
}

fn apply(event: &mut Value, place: prop::sample::Index, change: Change) {
    let mut all = vec![];
    places(event, "", &mut all);
    if !all.is_empty() {
        apply_at(event, place.get::<String>(&all), change);
    }
}

fn apply_at(event: &mut Value, place: &str, change: Change) {
    match change {
        Change::Set(value) => *event.pointer_mut(place).unwrap() = value,
        Change::Copy(from) => {
            let mut all = vec![];
            places(event, "", &mut all);
            let value = event.pointer(from.get::<String>(&all)).unwrap().clone();
            *event.pointer_mut(place).unwrap() = value;
        }
        Change::Add(name, value) => match event.pointer_mut(place).unwrap() {
            Value::Object(members) => drop(members.insert(name, value)),
            Value::Array(values) => values.push(value),
            _ => {}
        },
        Change::Remove => {
            let (parent, name) = place.rsplit_once('/').unwrap();
            match event.pointer_mut(parent).unwrap() {
                Value::Object(members) => {
                    members.remove(&name.replace("~1", "/").replace("~0", "~"));
                }
                Value::Array(values) => drop(values.remove(name.parse().unwrap())),
                _ => {}
            }
        }
    }
}

/// Where the two may differ, as the documentation of `topper_core::schema` says.
fn is_exception(event: &Value) -> bool {
    let token = event.get("bootstrapTokenId");
    let has_odd_token = token.is_some_and(|token| !token.is_string() && !token.is_null());
    let id = event.get("id").and_then(Value::as_str).unwrap_or_default();
    // A schema counts characters, the types count bytes.
    has_odd_token || (id.len() > 255 && id.chars().count() <= 255)
}

fn check(event: &Value) -> Result<Verdict, TestCaseError> {
    let decoded = decoded(event);
    let known = crate::known(event);
    for &name in EventName::ALL {
        prop_assert_eq!(OF[&name].is_valid(event), known == Some(name), "{} {}", name, event);
    }
    let has_unknown_name = matches!(&decoded, Some(Ok(Event::Unknown(_))));
    prop_assert_eq!(EVENT.is_valid(event), known.is_some() || has_unknown_name, "{}", event);
    prop_assert_eq!(ENVELOPE.is_valid(event), decoded.is_some(), "{}", event);
    Ok(match (decoded, known) {
        (None, _) => Verdict::Unreadable,
        (Some(_), Some(_)) => Verdict::Known,
        (Some(_), None) => Verdict::Unknown,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Verdict {
    Known,
    Unknown,
    Unreadable,
}

proptest! {
    #![proptest_config(Config { cases: 10_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn schemas_decide_as_the_types_do(
        name in proptest::sample::select(EventName::ALL),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), change()), 0..4),
    ) {
        let mut event = whole(name);
        for (place, change) in changes {
            apply(&mut event, place, change);
        }
        prop_assume!(!is_exception(&event));
        check(&event)?;
    }
}

/// Every place of every event in turn: taken out, and set to each kind of value.
#[test]
fn schemas_decide_as_the_types_do_at_every_place() {
    let mut count = std::collections::HashMap::new();
    for &name in EventName::ALL {
        let event = whole(name);
        assert_eq!(check(&event).unwrap(), Verdict::Known);
        let mut all = vec![];
        places(&event, "", &mut all);
        for place in &all {
            let values = [
                json!(null),
                json!(1),
                json!(""),
                json!("x"),
                json!("1.0"),
                json!([]),
                json!({}),
                json!(["1"]),
            ];
            for change in values.map(Change::Set).into_iter().chain([Change::Remove]) {
                let mut changed = event.clone();
                apply_at(&mut changed, place, change);
                if !is_exception(&changed) {
                    *count.entry(check(&changed).unwrap()).or_insert(0) += 1;
                }
            }
        }
    }
    // All three verdicts were met, often.
    assert!(count.len() == 3 && count.values().all(|&times| times > 50), "{count:?}");
}

#[test]
fn schemas_and_types_differ_where_the_documentation_says() {
    let name = EventName::UserCreated;
    let differs = |event: EventBuilder| {
        let known = crate::known(event.value()) == Some(name);
        (OF[&name].is_valid(event.value()), known)
    };
    // Characters are not bytes.
    assert_eq!(differs(EventBuilder::new(name).id(&"é".repeat(200))), (true, false));
    // What is no text is taken for none.
    let odd_token = EventBuilder::new(name).set("bootstrapTokenId", 7);
    assert_eq!(differs(odd_token), (false, true));
    // A JSON value has each field once, and text that is Unicode; JSON text need not.
    let text = EventBuilder::new(name).set("data.user.id", "here").value().to_string();
    for other in [r#""there","id":"here""#, r#""\ud800""#] {
        let envelope = Envelope::from_json(text.replace(r#""here""#, other).as_bytes()).unwrap();
        assert!(envelope.event().is_err());
    }
}
