//! What is not valid, and where.

use jsonschema::error::ValidationErrorKind;
use serde_json::{Value, json};
use topper_core::EventName;
use topper_testkit::EventBuilder;

use crate::{EVENT, OF, decoded, known};

const ONRAMP: EventName = EventName::OrderCryptoOnrampCompleted;
const OFFRAMP: EventName = EventName::OrderCryptoOfframpCommitted;
const REFUND: EventName = EventName::OrderCryptoOfframpRefundCompleted;

/// The place of the only error, and the keyword that is broken there.
fn error(name: EventName, event: &Value) -> (String, String) {
    let errors: Vec<(String, String)> = OF[&name]
        .iter_errors(event)
        .map(|it| {
            let schema = it.schema_path().to_string();
            let keyword = schema.rsplit('/').next().unwrap().to_owned();
            (it.instance_path().to_string(), keyword)
        })
        .collect();
    assert_eq!(errors.len(), 1, "{name}: {errors:?}");
    errors[0].clone()
}

#[test]
fn fails_at_the_member_that_is_wrong() {
    for (name, path, value, keyword) in [
        (ONRAMP, "id", json!(""), "minLength"),
        (ONRAMP, "id", json!("x".repeat(256)), "maxLength"),
        (ONRAMP, "id", json!(7), "type"),
        (ONRAMP, "name", json!("user:created"), "const"),
        (ONRAMP, "data", json!([]), "type"),
        (ONRAMP, "data", json!(null), "type"),
        (ONRAMP, "data.id", json!(7), "type"),
        (ONRAMP, "data.status", json!(1), "anyOf"),
        (ONRAMP, "data.status", json!(null), "anyOf"),
        (ONRAMP, "data.createdAt", json!(1_709_370_927), "type"),
        (ONRAMP, "data.origin", json!(["100.00", "USD", "1"]), "type"),
        (ONRAMP, "data.origin.amount", json!(true), "type"),
        (ONRAMP, "data.origin.amount", json!("a lot"), "pattern"),
        (ONRAMP, "data.origin.amount", json!("1,5"), "pattern"),
        (ONRAMP, "data.origin.amount", json!("١"), "pattern"),
        (ONRAMP, "data.origin.amount", json!("9".repeat(129)), "maxLength"),
        (ONRAMP, "data.origin.rate", json!(""), "pattern"),
        (ONRAMP, "data.destination.amount", json!(null), "type"),
        (ONRAMP, "data.destination.address", json!({}), "type"),
        (ONRAMP, "data.fees", json!({}), "type"),
        (ONRAMP, "data.fees.1.amount", json!("1."), "pattern"),
        (ONRAMP, "data.fees.0", json!("free"), "type"),
        (ONRAMP, "data.widget", json!(null), "type"),
        (ONRAMP, "data.widget.name", json!(false), "type"),
        (OFFRAMP, "data.origin.network", json!(null), "type"),
        (EventName::UserLoggedIn, "data.authenticationMethod", json!(0), "anyOf"),
        (EventName::UserKycIdentityFailed, "data.kycSession.updatedAt", json!(false), "type"),
    ] {
        let event = EventBuilder::new(name).set(path, value).value().clone();
        let place = format!("/{}", path.replace('.', "/"));
        assert_eq!(error(name, &event), (place, keyword.to_owned()), "{path}");
        assert_ne!(known(&event), Some(name), "{path}");
    }
}

/// An optional object is that object or `null`; which of the two was meant, a validator cannot say.
#[test]
fn fails_at_the_optional_object_that_is_wrong_inside() {
    for (name, path, value, place) in [
        (ONRAMP, "data.user.country", json!(7), "data.user"),
        (ONRAMP, "data.origin.paymentMethod.type", json!(7), "data.origin.paymentMethod"),
        (ONRAMP, "data.destination.ledger.txid", json!(1), "data.destination.ledger"),
        (OFFRAMP, "data.origin.depositAddress.remindAt", json!(1), "data.origin.depositAddress"),
        (REFUND, "data.refund.rate", json!("one"), "data.refund"),
    ] {
        let event = EventBuilder::new(name).set(path, value).value().clone();
        let place = format!("/{}", place.replace('.', "/"));
        assert_eq!(error(name, &event), (place, "anyOf".to_owned()), "{path}");
        assert_eq!(known(&event), None, "{path}");
    }
}

#[test]
fn fails_at_the_object_that_lacks_a_member() {
    for (name, path) in [
        (ONRAMP, "id"),
        (ONRAMP, "name"),
        (ONRAMP, "data"),
        (ONRAMP, "data.status"),
        (ONRAMP, "data.updatedAt"),
        (ONRAMP, "data.origin.asset"),
        (ONRAMP, "data.destination.network"),
        (ONRAMP, "data.fees.0.type"),
        (ONRAMP, "data.widget.id"),
        (OFFRAMP, "data.destination"),
        (EventName::UserCreated, "data.user"),
        (EventName::UserCreated, "data.user.createdAt"),
        (EventName::UserKycIdentityInitiated, "data.kycSession.initiatedAt"),
    ] {
        let event = EventBuilder::new(name).remove(path).value().clone();
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        let place = if parent.is_empty() {
            String::new()
        } else {
            format!("/{}", parent.replace('.', "/"))
        };
        assert_eq!(error(name, &event), (place, "required".to_owned()), "{path}");
        assert_ne!(known(&event), Some(name), "{path}");
    }
}

/// The union tells of each branch what does not fit, so also of the one with the event's name.
#[test]
fn fails_in_the_union_at_the_same_place() {
    let event = EventBuilder::new(ONRAMP).set("data.origin.amount", "a lot").value().clone();
    let errors: Vec<_> = EVENT.iter_errors(&event).collect();
    assert_eq!(errors.len(), 1);
    let ValidationErrorKind::AnyOf { context } = errors[0].kind() else {
        unreachable!("{:?}", errors[0]);
    };
    // The documented events, and any other.
    let [known, other] = context.as_slice() else { unreachable!("{context:?}") };
    assert_eq!(other[0].instance_path().to_string(), "/name");
    let ValidationErrorKind::OneOfNotValid { context } = known[0].kind() else {
        unreachable!("{known:?}");
    };
    let places: Vec<Vec<String>> = context
        .iter()
        .map(|branch| branch.iter().map(|it| it.instance_path().to_string()).collect())
        .collect();
    let own = EventName::ALL.iter().position(|&name| name == ONRAMP).unwrap();
    assert_eq!(places[own], ["/data/origin/amount"]);
    assert!(
        places.iter().enumerate().all(|(it, of)| it == own || of.contains(&"/name".to_owned()))
    );
}

#[test]
fn refuses_what_is_no_object() {
    for value in [json!(null), json!([]), json!("{}"), json!(1)] {
        assert!(!EVENT.is_valid(&value), "{value}");
        assert_eq!(decoded(&value), None);
    }
}
