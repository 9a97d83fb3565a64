//! That the schemas of the claims say what the types and an inspection say.

use jsonschema::Validator;
use proptest::test_runner::{Config, TestRunner};
use schemars::schema_for;
use serde_json::{Value, json};
use topper_bootstrap::{Offramp, Onramp, RecipientEditMode};

use crate::{reference::reference, spec::specs};

fn onramps() -> Validator {
    jsonschema::validator_for(&schema_for!(Onramp).to_value()).unwrap()
}

fn offramps() -> Validator {
    jsonschema::validator_for(&schema_for!(Offramp).to_value()).unwrap()
}

#[test]
fn every_token_that_can_be_built_is_valid() {
    let (onramps, offramps) = (onramps(), offramps());
    let mut runner = TestRunner::new(Config::with_cases(200));
    let outcome = runner.run(&specs(), |spec| {
        let claims = reference(&spec);
        let (own, other) =
            if spec.is_onramp { (&onramps, &offramps) } else { (&offramps, &onramps) };
        let problems: Vec<_> = own.iter_errors(&claims).collect();
        assert!(problems.is_empty(), "{problems:?}");
        // One validator is not as good as the other.
        assert!(spec.is_onramp || !other.is_valid(&claims));
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_token_that_breaks_a_rule_is_not_valid() {
    let who = json!({"iat": 1, "jti": "j", "sub": "s"});
    let whole = |more: &Value| {
        let mut claims = who.clone();
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    let onramp = json!({
        "source": {"amount": "1", "asset": "USD"},
        "target": {"asset": "ETH", "network": "ethereum", "address": "0xabc"},
    });
    let offramp = json!({"source": {"amount": "1", "asset": "XRP"}});
    for (validator, good) in [(onramps(), onramp), (offramps(), offramp)] {
        let is_valid = |claims: &Value| validator.is_valid(&whole(claims));
        assert!(is_valid(&good));
        for name in ["iat", "jti", "sub"] {
            let mut claims = whole(&good);
            claims.as_object_mut().unwrap().remove(name);
            assert!(!validator.is_valid(&claims), "{name}");
        }
        let with = |path: &str, value: Value| {
            let mut claims = good.clone();
            let (front, name) = path.rsplit_once('.').unwrap();
            let place = front.split('.').fold(&mut claims, |place, part| &mut place[part]);
            match value {
                Value::Null => drop(place.as_object_mut().unwrap().remove(name)),
                value => place[name] = value,
            }
            claims
        };
        for (path, value) in [
            ("source.amount", Value::Null),
            ("source.amount", json!(1)),
            ("source.amount", json!("0.00")),
            ("source.amount", json!("-1")),
            ("source.amount", json!("1e3")),
            ("target.amount", json!("1")),
            ("source.asset", Value::Null),
            ("partner.fee", json!({"percentage": "5.01"})),
            ("partner.fee", json!({"percentage": 1})),
            ("partner.continueUrlTarget", json!("tab")),
            ("simulation.country", json!("pt")),
            ("partner.validation", json!({"device": {"fields": ["ip"], "hash": "x"}})),
        ] {
            assert!(!is_valid(&with(path, value.clone())), "{path} {value}");
        }
        assert!(is_valid(&with("partner.fee", json!({"percentage": "5.00"}))));
        let mut further = good.clone();
        further["newClaim"] = json!({"any": [1]});
        assert!(is_valid(&further));
    }
}

#[test]
fn a_recipient_without_what_its_edit_mode_requires_is_not_valid() {
    let validator = onramps();
    let required = |mode: Option<&RecipientEditMode>| match mode.map(|mode| mode.as_str()) {
        None | Some("not-editable") => vec!["asset", "network", "address"],
        Some("only-address-and-tag") => vec!["asset", "network"],
        Some("all-editable") => vec![],
        Some("only-asset-same-network") => vec!["network", "address"],
        Some(other) => unreachable!("{other}"),
    };
    for mode in [None].into_iter().chain(RecipientEditMode::ALL.iter().map(Some)) {
        for left_out in ["asset", "network", "address"] {
            let mut target = json!({"asset": "ETH", "network": "ethereum", "address": "0xabc"});
            target.as_object_mut().unwrap().remove(left_out);
            if let Some(mode) = mode {
                target["recipientEditMode"] = mode.as_str().into();
            }
            target["amount"] = "1".into();
            let claims = json!({"iat": 1, "jti": "j", "sub": "s", "target": target});
            let is_required = required(mode).contains(&left_out);
            assert_eq!(validator.is_valid(&claims), !is_required, "{mode:?} {left_out}");
        }
    }
}
