//! JSON of every shape, and text that nearly is JSON.

use proptest::prelude::*;
use serde_json::{Map, Value};

/// Member names that mean something somewhere, and any others.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(
            &[
                "id", "name", "data", "status", "origin", "amount", "fees", "user", "alg", "kid",
                "crit", "b64", "kty", "crv", "x", "y", "keys", "use", "key_ops", "n", "e", "d",
            ][..]
        )
        .prop_map(str::to_owned),
        ".{0,8}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(
            &[
                "ES256", "ES384", "RS256", "EdDSA", "none", "EC", "RSA", "OKP", "P-256", "sig",
                "1.5"
            ][..]
        )
        .prop_map(str::to_owned),
        ".{0,16}",
        "[A-Za-z0-9_-]{43}",
    ]
}

/// Any JSON value, of some depth.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Bytes: any, pieces of JSON in any order, or JSON with some bytes changed.
pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "([\\[\\]{}:,\"0-9eE.+ \\\\u-]|null|true|\"id\"|\"name\"|\"data\"|\"alg\"|\"keys\"){0,40}"
            .prop_map(String::into_bytes),
        (value(), proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4))
            .prop_map(|(value, changes)| changed(value.to_string().into_bytes(), &changes)),
    ]
}

/// The same text with other bytes in some places.
pub(crate) fn changed(mut text: Vec<u8>, changes: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    for (place, byte) in changes {
        let place = place.index(text.len().max(1));
        text.iter_mut().skip(place).take(1).for_each(|old| *old = *byte);
    }
    text
}
