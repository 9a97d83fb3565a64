//! What is `null`, empty or absent.

use serde_json::{Value, json};
use topper_core::Envelope;
use topper_testkit::EventBuilder;

use crate::{Family, Kyc, NO_EVENT, Offramp, Onramp, Row, User, check};

pub(crate) const ROWS: &[Row] = &[
    // Objects and lists that an order may lack.
    (Onramp, "data.user", "{}", ""),
    (Onramp, "data.user", r#"{"country":null}"#, ""),
    (Onramp, "data.user", r#"{"id":7}"#, ""),
    (Onramp, "data.user", "[]", "data.user is not a JSON object"),
    (Onramp, "data.user", r#""PT""#, "data.user is not a JSON object"),
    (Onramp, "data.destination.ledger", r#"{"txid":null,"url":null}"#, ""),
    (Onramp, "data.destination.ledger", r#"{"url":"https://chain.example"}"#, ""),
    (Onramp, "data.destination.ledger", "[]", "data.destination.ledger is not a JSON object"),
    (Onramp, "data.destination.tag", r#"{"type":"memo"}"#, ""),
    (Onramp, "data.destination.tag", r#"{"value":"1"}"#, ""),
    (Onramp, "data.destination.tag", r#""1""#, "data.destination.tag is not a JSON object"),
    (Onramp, "data.origin.paymentMethod", r#"{"network":"pix"}"#, ""),
    (Onramp, "data.origin.paymentMethod", r#"{"type":null,"network":null}"#, ""),
    (
        Onramp,
        "data.origin.paymentMethod",
        r#""card""#,
        "data.origin.paymentMethod is not a JSON object",
    ),
    (Onramp, "data.error", r#"{"reason":null}"#, ""),
    (Onramp, "data.error", r#""fraud""#, "data.error is not a JSON object"),
    (Onramp, "data.refund", r#"{"formattedAmount":"$ 1"}"#, ""),
    (Onramp, "data.refund", r#"{"formattedAmount":null,"asset":null,"rate":null}"#, ""),
    (Onramp, "data.refund", "0", "data.refund is not a JSON object"),
    (Offramp, "data.refund", r#"{"amount":"1","asset":"XRP"}"#, ""),
    (Offramp, "data.refund", r#"{"amount":null,"address":null,"tag":{}}"#, ""),
    (Offramp, "data.origin.depositAddress", r#"{"value":null}"#, ""),
    (Offramp, "data.origin.depositAddress", r#"{"remindAt":null,"tag":null}"#, ""),
    (Onramp, "data.fees", "[]", ""),
    (Onramp, "data.fees", "{}", "data.fees is not a list"),
    (Onramp, "data.fees", "[null]", "data.fees[0] is missing"),
    (Onramp, "data.fees", "[{}]", "data.fees[0].amount is missing"),
    // What is always there.
    (Onramp, "data", "", "data is not a JSON object"),
    (Onramp, "data", "null", "data is not a JSON object"),
    (Onramp, "data", "{}", "data.status is missing"),
    (Onramp, "data", "[]", "data is not a JSON object"),
    (Onramp, "data.status", "null", "data.status is missing"),
    (Onramp, "data.updatedAt", "null", "data.updatedAt is missing"),
    (Onramp, "data.updatedAt", "", "data.updatedAt is missing"),
    (Onramp, "data.origin", "null", "data.origin is missing"),
    (Onramp, "data.origin", "{}", "data.origin.amount is missing"),
    (Onramp, "data.destination", "", "data.destination is missing"),
    (Onramp, "data.destination.amount", "", "data.destination.amount is missing"),
    (Onramp, "data.destination.amount", "null", "data.destination.amount is missing"),
    (Onramp, "data.destination.address", "null", "data.destination.address is missing"),
    (Onramp, "data.widget", "null", "data.widget is missing"),
    (Onramp, "data.widget", "{}", "data.widget.id is missing"),
    (Onramp, "data.fees.1.type", "null", "data.fees[1].type is missing"),
    (User, "data.user", "null", "data.user is missing"),
    (User, "data.user", "{}", "data.user.id is missing"),
    (User, "data.user", r#"["u-1","t"]"#, "data.user is not a JSON object"),
    (Kyc, "data.kycSession", "{}", "data.kycSession.updatedAt is missing"),
    (Onramp, "bootstrapTokenId", "null", ""),
    (Onramp, "bootstrapTokenId", "{}", ""),
    (Onramp, "id", "null", NO_EVENT),
    (Onramp, "id", "", NO_EVENT),
    (Onramp, "name", "null", NO_EVENT),
    (Onramp, "name", "{}", NO_EVENT),
];

/// With what is in it that can be absent by itself.
const OPTIONAL: &[(Family, &str)] = &[
    (Onramp, "id"),
    (Onramp, "fees"),
    (Onramp, "fees.0.normalized"),
    (Onramp, "refund"),
    (Onramp, "refund.formattedAmount"),
    (Onramp, "refund.asset"),
    (Onramp, "refund.rate"),
    (Onramp, "error"),
    (Onramp, "error.reason"),
    (Onramp, "user"),
    (Onramp, "user.country"),
    (Onramp, "widget.name"),
    (Onramp, "origin.paymentMethod"),
    (Onramp, "origin.paymentMethod.type"),
    (Onramp, "origin.paymentMethod.network"),
    (Onramp, "destination.priority"),
    (Onramp, "destination.tag"),
    (Onramp, "destination.tag.type"),
    (Onramp, "destination.tag.value"),
    (Onramp, "destination.ledger"),
    (Onramp, "destination.ledger.txid"),
    (Onramp, "destination.ledger.url"),
    (Onramp, "destination.blockchainUrl"),
    (Offramp, "id"),
    (Offramp, "fees"),
    (Offramp, "refund"),
    (Offramp, "refund.amount"),
    (Offramp, "refund.rate"),
    (Offramp, "refund.asset"),
    (Offramp, "refund.network"),
    (Offramp, "refund.address"),
    (Offramp, "refund.priority"),
    (Offramp, "refund.tag"),
    (Offramp, "error"),
    (Offramp, "user"),
    (Offramp, "origin.depositAddress"),
    (Offramp, "origin.depositAddress.value"),
    (Offramp, "origin.depositAddress.remindAt"),
    (Offramp, "origin.depositAddress.expiresAt"),
    (Offramp, "origin.depositAddress.tag"),
    (Offramp, "destination.paymentMethod"),
];

#[test]
fn what_may_be_absent_may_be_null_or_incomplete() {
    check(ROWS);
}

/// An event decoded and encoded again.
fn again(event: &EventBuilder) -> Value {
    let envelope = Envelope::from_json(&event.to_json()).unwrap();
    assert!(envelope.event().is_ok(), "{:?}", envelope.event());
    serde_json::to_value(&envelope).unwrap()
}

#[test]
fn every_optional_field_may_be_null_or_absent_and_an_object_may_be_empty() {
    for &(family, path) in OPTIONAL {
        let path = format!("data.{path}");
        let whole = match family {
            Onramp => family.whole().remove("data.brandNew"),
            _ => family.whole(),
        };
        let absent = whole.clone().remove(&path);
        assert_eq!(again(&absent), *absent.value(), "{path} is absent");
        let null = whole.clone().set(&path, Value::Null);
        assert_eq!(again(&null), *absent.value(), "{path} is null");

        let pointer = format!("/{}", path.replace('.', "/"));
        if whole.value().pointer(&pointer).unwrap().is_object() {
            let empty = whole.set(&path, json!({}));
            assert_eq!(again(&empty), *empty.value(), "{path} is empty");
        }
    }
}
