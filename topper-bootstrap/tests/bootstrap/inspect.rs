//! What an inspection finds: every rule, broken.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use topper_bootstrap::*;
use topper_testkit::TestKey;

use crate::support::*;

const NOW: u64 = 1_780_000_000;

fn header() -> Value {
    json!({"alg": "ES256", "kid": "k", "typ": "JWT"})
}

fn onramp() -> Value {
    json!({
        "iat": NOW, "jti": "j", "sub": "s",
        "source": {"amount": "100.00", "asset": "USD"},
        "target": {"asset": "ETH", "network": "ethereum", "address": "0xabc"},
    })
}

fn offramp() -> Value {
    json!({
        "iat": NOW, "jti": "j", "sub": "s",
        "source": {"amount": "1", "asset": "XRP", "network": "xrp-ledger"},
    })
}

fn inspector() -> Inspector {
    Inspector::new().now(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
}

/// The findings by their names and fields: variants with fields cannot be made here.
fn find(header: &Value, claims: &Value) -> Vec<String> {
    names(&inspector().inspect(&forge(header, claims)))
}

fn names(inspection: &Inspection) -> Vec<String> {
    inspection.findings().iter().map(name).collect()
}

fn name(finding: &Finding) -> String {
    format!("{finding:?}")
}

/// The claims with one value more, or with one less.
fn with(mut claims: Value, path: &str, value: Value) -> Value {
    let (front, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut place = &mut claims;
    for part in front.split('.').filter(|part| !part.is_empty()) {
        place = place.as_object_mut().unwrap().entry(part).or_insert_with(|| json!({}));
    }
    let fields = place.as_object_mut().unwrap();
    match value {
        Value::Null => drop(fields.remove(name)),
        value => drop(fields.insert(name.to_owned(), value)),
    }
    claims
}

#[test]
fn finds_nothing_in_good_tokens() {
    assert!(find(&header(), &onramp()).is_empty());
    assert!(find(&header(), &offramp()).is_empty());
    assert!(find(&json!({"alg": "RS512", "kid": "k", "typ": "jwt"}), &onramp()).is_empty());
    let claims = with(offramp(), "target", json!({"asset": "USD"}));
    assert_eq!(inspector().inspect(&forge(&header(), &claims)).flow(), Some(Flow::CryptoOfframp));
    assert!(inspector().inspect(&format!(" {}\n", forge(&header(), &onramp()))).is_fine());
}

#[test]
fn finds_what_is_wrong_with_the_shape() {
    let token = forge(&header(), &onramp());
    for (text, expected) in [
        ("".to_owned(), "Shape"),
        ("a.b".to_owned(), "Shape"),
        (format!("{token}.x"), "Shape"),
        (token.replacen('.', "=.", 1), "Shape"),
        (format!("https://app.topperpay.com/?bt={token}"), "Shape"),
        (format!("{token};{token}"), "Several"),
        ("a".repeat(16 * 1024 + 1), "TooLong { most: 16384 }"),
    ] {
        assert_eq!(names(&Inspector::new().inspect(&text)), [expected], "{text:.80}");
    }
    for bad in [json!([]), json!("x"), Value::Null] {
        assert!(find(&bad, &onramp()).contains(&"Header".to_owned()));
        assert!(find(&header(), &bad).contains(&"Claims".to_owned()));
    }
}

#[test]
fn finds_what_is_wrong_with_the_header() {
    let case =
        |header: Value, expected: Finding| assert_eq!(find(&header, &onramp()), [name(&expected)]);
    for algorithm in ["HS256", "none", "PS256", "EdDSA", "es256", ""] {
        let expected = Finding::Algorithm(Some(algorithm.to_owned()));
        case(with(header(), "alg", algorithm.into()), expected);
    }
    case(with(header(), "alg", 7.into()), Finding::Algorithm(None));
    case(with(header(), "alg", Value::Null), Finding::Algorithm(None));
    case(with(header(), "kid", Value::Null), Finding::KeyId);
    case(with(header(), "kid", " ".into()), Finding::KeyId);
    case(with(header(), "typ", Value::Null), Finding::Type);
    case(with(header(), "typ", "JOSE".into()), Finding::Type);
}

#[test]
fn finds_what_is_wrong_with_time_and_ids() {
    let case = |path: &str, value: Value, expected: &str| {
        assert_eq!(find(&header(), &with(onramp(), path, value)), [expected], "{path}");
    };
    case("iat", Value::Null, "IssuedAt");
    case("iat", "1780000000".into(), "IssuedAt");
    case("iat", json!(1780000000.5), "IssuedAt");
    case("iat", (-1).into(), "IssuedAt");
    case("iat", (NOW * 1000).into(), "Milliseconds");
    case("iat", (NOW - 301).into(), "Old { seconds: 301 }");
    case("iat", 0.into(), "Old { seconds: 1780000000 }");
    case("iat", (NOW + 61).into(), "Future { seconds: 61 }");
    case("exp", NOW.into(), "Expired { seconds: 0 }");
    case("exp", (NOW - 7).into(), "Expired { seconds: 7 }");
    case("jti", Value::Null, "TokenId");
    case("jti", "".into(), "TokenId");
    case("sub", Value::Null, "WidgetId");
    for fine in [NOW - 300, NOW + 60] {
        assert!(find(&header(), &with(onramp(), "iat", fine.into())).is_empty());
    }
    assert!(find(&header(), &with(onramp(), "exp", (NOW + 1).into())).is_empty());
    // Without a time, its age does not matter.
    let old = forge(&header(), &with(onramp(), "iat", 1.into()));
    assert!(Inspector::new().inspect(&old).is_fine());
    assert!(Inspector::new().now(SystemTime::UNIX_EPOCH).inspect(&old).is_fine());
}

#[test]
fn finds_two_amounts_and_none() {
    for claims in [onramp(), offramp()] {
        let two = with(claims.clone(), "target.amount", "1".into());
        assert_eq!(find(&header(), &two), ["TwoAmounts"]);
        let none = with(claims.clone(), "source.amount", Value::Null);
        assert_eq!(find(&header(), &none), ["NoAmount"]);
        let number = with(claims.clone(), "source.amount", json!(100.5));
        assert_eq!(find(&header(), &number), [name(&Finding::AmountNotText("source.amount"))]);
        for bad in ["0", "-1", "1e3", "", "1,5", "ten"] {
            let bad = with(claims.clone(), "source.amount", bad.into());
            assert_eq!(find(&header(), &bad), [name(&Finding::Amount("source.amount"))]);
        }
        let target = with(none, "target.amount", "1".into());
        assert!(find(&header(), &target).is_empty());
    }
}

#[test]
fn finds_an_edit_mode_at_the_wrong_place() {
    for path in ["recipientEditMode", "source.recipientEditMode", "target.editMode", "editMode"] {
        let claims = with(onramp(), path, "all-editable".into());
        let expected =
            format!("Misplaced {{ found: {path:?}, right: \"target.recipientEditMode\" }}");
        assert_eq!(find(&header(), &claims), [expected]);
    }
    for path in ["editMode", "target.editMode"] {
        let claims = with(offramp(), path, "not-editable".into());
        let expected = format!("Misplaced {{ found: {path:?}, right: \"source.editMode\" }}");
        assert_eq!(find(&header(), &claims), [expected]);
    }
    for (path, right) in [
        ("fee", "partner.fee"),
        ("partnerFee", "partner.fee"),
        ("continueUrl", "partner.continueUrl"),
        ("target.periodicity", "periodicity"),
        ("address", "target.address"),
    ] {
        let claims = with(onramp(), path, "x".into());
        assert_eq!(
            find(&header(), &claims),
            [format!("Misplaced {{ found: {path:?}, right: {right:?} }}")]
        );
    }
}

#[test]
fn finds_what_each_edit_mode_requires() {
    use RecipientEditMode as M;

    let required: [(M, &[&str]); 4] = [
        (M::NotEditable, &["asset", "network", "address"]),
        (M::OnlyAddressAndTag, &["asset", "network"]),
        (M::AllEditable, &[]),
        (M::OnlyAssetSameNetwork, &["network", "address"]),
    ];
    assert_eq!(required.len(), M::ALL.len());
    for (mode, fields) in required {
        let mut whole = with(onramp(), "target.recipientEditMode", mode.as_str().into());
        assert!(find(&header(), &whole).is_empty());
        for field in ["asset", "network", "address"] {
            let found =
                find(&header(), &with(whole.clone(), &format!("target.{field}"), Value::Null));
            if fields.contains(&field) {
                assert_eq!(
                    found,
                    [format!("MissingForEditMode {{ mode: {mode:?}, field: {field:?} }}")]
                );
            } else {
                assert!(found.is_empty(), "{found:?}");
            }
        }
        whole["target"] = json!({"recipientEditMode": mode.as_str()});
        assert_eq!(find(&header(), &whole).len(), fields.len());
    }
    // The default.
    let found = find(&header(), &with(onramp(), "target.address", Value::Null));
    assert_eq!(found, ["MissingForEditMode { mode: NotEditable, field: \"address\" }"]);
    let inspection =
        inspector().inspect(&forge(&header(), &with(onramp(), "target.address", Value::Null)));
    assert_eq!(
        inspection.findings()[0].to_string(),
        "`target.address` is missing, which `recipientEditMode` not-editable requires (the default)",
    );
    for (value, expected) in [(json!("locked"), Some("locked")), (json!(7), None)] {
        let found = find(&header(), &with(onramp(), "target.recipientEditMode", value));
        assert_eq!(found, [name(&Finding::RecipientEditMode(expected.map(str::to_owned)))]);
    }
}

#[test]
fn finds_values_that_topper_does_not_take() {
    let case = |claims: Value, path: &str, value: Value, expected: Finding| {
        assert_eq!(find(&header(), &with(claims, path, value)), [name(&expected)], "{path}");
    };
    for fee in [json!("5.01"), json!("6"), json!("-1"), json!(2.5), json!("5%")] {
        case(onramp(), "partner.fee.percentage", fee, Finding::Fee);
    }
    case(onramp(), "partner.fee", json!({}), Finding::Fee);
    case(onramp(), "simulation.country", "pt".into(), Finding::Country);
    case(onramp(), "simulation", json!({}), Finding::Country);
    case(onramp(), "reusableKyc", json!({"provider": "x"}), Finding::Missing("reusableKyc.token"));
    case(onramp(), "source.asset", Value::Null, Finding::Missing("source.asset"));
    case(onramp(), "target.tag", json!({"type": "memo"}), Finding::Missing("target.tag.value"));
    case(offramp(), "source.asset", Value::Null, Finding::Missing("source.asset"));
    case(offramp(), "refund", json!({}), Finding::Missing("refund.address"));
    for (claims, path) in [
        (onramp(), "periodicity"),
        (onramp(), "partner.continueUrlTarget"),
        (offramp(), "source.editMode"),
        (offramp(), "source.walletSendUrlMode"),
        (offramp(), "source.walletSendUrlTarget"),
    ] {
        let found = find(&header(), &with(claims, path, "daily".into()));
        assert_eq!(found.len(), 1, "{found:?}");
        let expected = format!("Value {{ field: {path:?}, value: Some(\"daily\"), ");
        assert!(found[0].starts_with(&expected), "{found:?}");
    }
    for device in [
        json!({}),
        json!({"fields": ["ip"]}),
        json!({"hash": "a".repeat(64)}),
        json!({"fields": [], "hash": "a".repeat(64)}),
        json!({"fields": ["ip"], "hash": "a".repeat(63)}),
        json!({"fields": ["ip"], "hash": "x".repeat(64)}),
    ] {
        case(onramp(), "partner.validation.device", device, Finding::Device);
    }
}

#[test]
fn finds_an_asset_outside_the_allowed_ones() {
    for (claims, list) in [(onramp(), "target.allowedAssets"), (offramp(), "source.allowedAssets")]
    {
        let asset = if list.starts_with("target") { "ETH" } else { "XRP" };
        let network = if list.starts_with("target") { "ethereum" } else { "xrp-ledger" };
        let find = |value: Value| find(&header(), &with(claims.clone(), list, value));
        let outside = |network: Option<&str>| {
            [format!(
                "AssetNotAllowed {{ list: {list:?}, asset: {asset:?}, network: {network:?} }}"
            )]
        };
        assert!(find(json!([asset])).is_empty());
        assert!(find(json!(["BTC", {"asset": asset}])).is_empty());
        assert!(find(json!([{"asset": asset, "networks": ["x", network]}])).is_empty());
        assert_eq!(find(json!(["BTC"])), outside(None));
        assert_eq!(find(json!([{"asset": asset, "networks": ["x"]}])), outside(Some(network)));
        for bad in [json!([]), json!("BTC"), json!([1]), json!([{"networks": []}]), json!({})] {
            assert_eq!(find(bad), [name(&Finding::AllowedAssets(list))]);
        }
    }
}

#[test]
fn finds_what_is_of_the_other_flow() {
    let selling = inspector().flow(Flow::CryptoOfframp).inspect(&forge(&header(), &onramp()));
    let expected = |field: &str| format!("OtherFlow {{ field: {field:?}, flow: CryptoOfframp }}");
    assert_eq!(names(&selling), [expected("target.network"), expected("target.address")]);
    let claims = with(onramp(), "refund", json!({"address": "r"}));
    let found = inspector().flow(Flow::CryptoOnramp).inspect(&forge(&header(), &claims));
    let expected = "OtherFlow { field: \"refund\", flow: CryptoOnramp }";
    assert_eq!(names(&found), [expected]);
}

#[test]
fn finds_a_private_key_and_shows_nothing_of_it() {
    let key = TestKey::generate();
    let jwk: Value = serde_json::from_str(&key.private_jwk()).unwrap();
    let d = jwk["d"].as_str().unwrap();
    for (header, claims, place) in [
        (with(header(), "jwk", jwk.clone()), onramp(), "header.jwk.d"),
        (header(), with(onramp(), "key", jwk.clone()), "claims.key.d"),
        (header(), with(onramp(), "a.b", json!([1, jwk])), "claims.a.b[1].d"),
        (header(), with(onramp(), "key", key.private_jwk().into()), "claims.key"),
        (
            header(),
            with(onramp(), "pem", format!("-----BEGIN EC PRIVATE KEY-----\n{d}").into()),
            "claims.pem",
        ),
        (header(), with(onramp(), "privateKey", d.into()), "claims.privateKey"),
    ] {
        let inspection = inspector().inspect(&forge(&header, &claims));
        assert_eq!(inspection.findings(), [Finding::PrivateKey(place.to_owned())]);
        assert_eq!(inspection.findings()[0].level(), Level::Unsafe);
        let shown = format!(
            "{inspection:?} {} {} {}",
            inspection.findings()[0],
            inspection.header_json(),
            inspection.claims_json().unwrap(),
        );
        assert!(!shown.contains(d), "{shown}");
    }
}

#[test]
fn says_what_a_token_says() {
    let claims = with(onramp(), "reusableKyc", json!({"provider": "p", "token": "s3cret"}));
    let inspection = inspector().inspect(&forge(&header(), &claims));
    assert_eq!(inspection.algorithm(), Some("ES256"));
    assert_eq!(inspection.key_id(), Some("k"));
    assert_eq!(inspection.id(), Some("j"));
    assert_eq!(inspection.widget_id(), Some("s"));
    assert_eq!(inspection.issued_at(), Some(NOW));
    assert_eq!(inspection.is_signed(), None);
    let json = inspection.claims_json().unwrap();
    assert!(json.contains("\"amount\": \"100.00\"") && !json.contains("s3cret"));
}

#[test]
fn a_finding_quotes_nothing_that_could_move_a_cursor_or_fill_a_screen() {
    let bad = format!("\u{1b}[2J\n{}", "x".repeat(1000));
    let header =
        json!({"alg": bad, "kid": "k", "typ": "JWT", bad.clone(): {"kty": "EC", "d": "x"}});
    let mut claims = with(onramp(), "target.recipientEditMode", bad.clone().into());
    claims["periodicity"] = bad.clone().into();
    claims["target"]["asset"] = bad.clone().into();
    claims["target"]["allowedAssets"] = json!(["BTC"]);
    let inspection = inspector().inspect(&forge(&header, &claims));
    let found = inspection.findings();
    assert_eq!(found.len(), 5, "{found:?}");
    for finding in found {
        let text = finding.to_string();
        assert!(text.len() < 300 && !text.contains(char::is_control), "{text}");
    }
}

#[test]
fn any_bytes_are_inspected_without_a_panic() {
    use proptest::prelude::*;

    proptest!(|(text in "[a-zA-Z0-9_.;= -]{0,80}", json in "\\PC{0,60}")| {
        let _ = inspector().inspect(&text);
        let forged = forge(&json.clone().into(), &json.into());
        prop_assert!(!inspector().inspect(&forged).is_fine());
    });
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let part = |text: &str| {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.encode(text)
    };
    let token = format!("{}.{}.AA", part(&deep), part(&deep));
    assert!(!inspector().inspect(&token).is_fine());
}

#[test]
fn a_key_that_verifies_is_a_public_one() {
    let key = TestKey::generate();
    TokenKey::parse(&key.public_jwk()).unwrap();
    TokenKey::parse(&pem("PUBLIC KEY", &key.public_spki())).unwrap();
    for bad in ["", "{}", "[]", &key.private_jwk()] {
        TokenKey::parse(bad).unwrap_err();
    }
    // A token's `kid` is Topper's, and the key's may be another.
    let widget = builder().private_key(key.private_jwk()).build().unwrap();
    let own = TokenKey::parse(&key.public_jwk()).unwrap();
    let token = sign(&widget, &any_onramp());
    assert_eq!(Inspector::new().key(own).inspect(token.as_str()).is_signed(), Some(true));
}
