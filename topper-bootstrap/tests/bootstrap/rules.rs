//! What cannot be built.
//!
//! What does not even compile is in the documentation of the types, as programs that are refused.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use topper_bootstrap::*;
use topper_testkit::TestKey;

use crate::support::*;

fn refused(configuration: &impl Configuration) -> ClaimsError {
    Draft::new(configuration).unwrap_err()
}

fn spend(recipient: Recipient) -> Onramp {
    Onramp::spend("100.00".parse().unwrap(), "USD", recipient)
}

fn with_partner(partner: Partner) -> Onramp {
    any_onramp().partner(partner)
}

fn to() -> Recipient {
    Recipient::not_editable("ETH", "ethereum", "0xabc")
}

#[test]
fn an_asset_outside_the_allowed_ones_cannot_be_built() {
    for (allowed, is_allowed) in [
        (vec![AllowedAsset::from("ETH")], true),
        (vec!["BTC".into(), AllowedAsset::on("ETH", ["arbitrum", "ethereum"])], true),
        (vec![AllowedAsset::on("ETH", ["arbitrum"]), AllowedAsset::on("ETH", ["ethereum"])], true),
        (vec![AllowedAsset::from("BTC")], false),
        (vec![AllowedAsset::from("eth")], false),
        (vec!["BTC".into(), AllowedAsset::on("ETH", ["arbitrum"])], false),
        (vec![AllowedAsset::on("BTC", ["ethereum"])], false),
    ] {
        let onramp = spend(to().allowed_assets(allowed.clone()));
        let offramp = Offramp::sell("1".parse().unwrap(), "ETH").network("ethereum");
        let offramp = offramp.allowed_assets(allowed.clone());
        for (result, field) in [
            (Draft::new(&onramp), "target.allowedAssets"),
            (Draft::new(&offramp), "source.allowedAssets"),
        ] {
            match result {
                Ok(_) => assert!(is_allowed, "{allowed:?}"),
                Err(error) => {
                    assert!(!is_allowed, "{allowed:?}");
                    assert!(error.to_string().contains(&format!("ETH is not among `{field}`")));
                }
            }
        }
    }
    // Without an asset there is nothing to compare.
    assert!(Draft::new(&spend(Recipient::all_editable().allowed_assets(["BTC"]))).is_ok());
}

#[test]
fn a_list_that_allows_nothing_cannot_be_built() {
    let none: [AllowedAsset; 0] = [];
    let nowhere: [&str; 0] = [];
    let empty = ClaimsError::Empty("target.allowedAssets");
    assert_eq!(refused(&spend(Recipient::all_editable().allowed_assets(none))), empty);
    let on_none = AllowedAsset::on("ETH", nowhere);
    assert_eq!(refused(&spend(Recipient::all_editable().allowed_assets([on_none]))), empty);
    let blank = ClaimsError::Blank("target.allowedAssets");
    assert_eq!(refused(&spend(Recipient::all_editable().allowed_assets([" "]))), blank);
}

#[test]
fn an_amount_that_is_not_over_zero_in_digits_cannot_be_built() {
    for text in ["0", "0.00", "-1", "1e3", "1E3", "-0.0"] {
        let amount: ExactDecimal = text.parse().unwrap();
        let source = ClaimsError::Amount("source.amount");
        let target = ClaimsError::Amount("target.amount");
        assert_eq!(refused(&Onramp::spend(amount.clone(), "USD", to())), source);
        assert_eq!(refused(&Onramp::receive(amount.clone(), to())), target);
        assert_eq!(refused(&Offramp::sell(amount.clone(), "XRP")), source);
        assert_eq!(refused(&Offramp::receive(amount, "USD", "XRP")), target);
    }
}

#[test]
fn a_blank_value_cannot_be_built() {
    let blank = |name| ClaimsError::Blank(name);
    for (onramp, name) in [
        (spend(Recipient::not_editable("", "ethereum", "0xabc")), "target.asset"),
        (spend(Recipient::not_editable("ETH", " ", "0xabc")), "target.network"),
        (spend(Recipient::not_editable("ETH", "ethereum", "\n")), "target.address"),
        (spend(to().tag(TagType::Memo, "")), "target.tag.value"),
        (spend(to().label("")), "target.label"),
        (any_onramp().currency(""), "source.asset"),
        (any_onramp().payment_network(""), "source.paymentMethod.network"),
        (with_partner(Partner::new().display_name("")), "partner.displayName"),
        (with_partner(Partner::new().continue_url("")), "partner.continueUrl"),
        (
            with_partner(Partner::new().device(DeviceCheck::plain().user_agent(" "))),
            "partner.validation.device",
        ),
        (
            with_partner(Partner::new().device(DeviceCheck::hashed([(DeviceField::Ip, "")]))),
            "partner.validation.device",
        ),
        (any_onramp().reusable_kyc("", "token"), "reusableKyc.provider"),
        (any_onramp().reusable_kyc("provider", ""), "reusableKyc.token"),
    ] {
        assert_eq!(refused(&onramp), blank(name));
    }
    let sell = || Offramp::sell("1".parse().unwrap(), "XRP");
    for (offramp, name) in [
        (Offramp::sell("1".parse().unwrap(), ""), "source.asset"),
        (sell().network(""), "source.network"),
        (sell().currency(""), "target.asset"),
        (sell().wallet_send(WalletSend::new("")), "source.walletSendUrl"),
        (sell().refund(Refund::to("")), "refund.address"),
        (sell().partner(Partner::new().display_name("")), "partner.displayName"),
        (sell().reusable_kyc("", "token"), "reusableKyc.provider"),
        (sell().refund(Refund::to("r").tag(TagType::DestinationTag, "")), "refund.tag.value"),
    ] {
        assert_eq!(refused(&offramp), blank(name));
    }
}

#[test]
fn a_device_check_of_nothing_cannot_be_built() {
    let empty = ClaimsError::Empty("partner.validation.device");
    let none: [(DeviceField, &str); 0] = [];
    assert_eq!(refused(&with_partner(Partner::new().device(DeviceCheck::plain()))), empty);
    assert_eq!(refused(&with_partner(Partner::new().device(DeviceCheck::hashed(none)))), empty);
}

#[test]
fn a_country_that_is_not_a_code_cannot_be_built() {
    for country in ["", "P", "pt", "PRT", "Portugal", "É"] {
        assert_eq!(refused(&any_onramp().simulate_country(country)), ClaimsError::Country);
        let offramp = Offramp::sell("1".parse().unwrap(), "XRP").simulate_country(country);
        assert_eq!(refused(&offramp), ClaimsError::Country);
    }
}

#[test]
fn a_further_claim_takes_the_place_of_no_other() {
    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "source",
        "target",
        "partner",
        "refund",
        "simulation",
        "periodicity",
        "reusableKyc",
        "recipientEditMode",
    ] {
        let expected = ClaimsError::Reserved(name.to_owned());
        assert_eq!(any_onramp().claim(name, "x").unwrap_err(), expected);
        let offramp = Offramp::sell("1".parse().unwrap(), "XRP");
        assert_eq!(offramp.claim(name, "x").unwrap_err(), expected);
    }
    assert!(any_onramp().claim(" ", 1).is_err());
    let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert!(matches!(any_onramp().claim("x", unwritable), Err(ClaimsError::NotJson(_))));
    let onramp = any_onramp().claim("newFlag", true).unwrap().claim("newFlag", false).unwrap();
    assert_eq!(decode(sign(&widget(), &onramp).as_str()).1["newFlag"], false);
}

#[test]
fn a_further_claim_with_a_private_key_cannot_be_built() {
    let jwk = TestKey::generate().private_jwk();
    let value: Value = serde_json::from_str(&jwk).unwrap();
    for claim in [
        value.clone(),
        jwk.into(),
        json!({"deep": [1, {"key": value}]}),
        "-----BEGIN PRIVATE KEY-----\nMC4".into(),
        json!({"private_key": "x"}),
        json!({"privateKey": "x"}),
    ] {
        let expected = ClaimsError::PrivateKey("x".to_owned());
        assert_eq!(any_onramp().claim("x", claim).unwrap_err(), expected);
    }
    // A public key is no secret.
    let public: Value = serde_json::from_str(&TestKey::generate().public_jwk()).unwrap();
    assert!(any_onramp().claim("x", public).is_ok());
}

#[test]
fn an_id_is_random_or_given_and_has_one_to_255_bytes() {
    let ids: std::collections::BTreeSet<String> =
        (0..100).map(|_| Draft::new(&any_onramp()).unwrap().id().to_owned()).collect();
    assert_eq!(ids.len(), 100);
    assert!(ids.iter().all(|id| id.len() == 36));
    for id in ["", " ", &"x".repeat(256)] {
        let error = Draft::with_id(&any_onramp(), id).unwrap_err();
        assert!(matches!(error, ClaimsError::TokenId { most: 255, .. }));
    }
    assert_eq!(Draft::with_id(&any_onramp(), "x".repeat(255)).unwrap().id().len(), 255);
}

#[test]
fn a_token_is_issued_when_it_is_signed() {
    let widget = widget();
    let draft = Draft::new(&any_onramp()).unwrap();
    let before = seconds(SystemTime::now());
    let (_, claims) = decode(widget.sign(draft).unwrap().as_str());
    let issued_at = claims["iat"].as_u64().unwrap();
    assert!((before..=seconds(SystemTime::now())).contains(&issued_at));
    let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    let draft = Draft::new(&any_onramp()).unwrap();
    assert_eq!(widget.sign_at(draft, early).unwrap_err(), SignError::Clock);
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}
