//! Which private keys sign, which are refused and why, and that none is ever shown.

use serde_json::{Value, json};
use topper_bootstrap::{
    Algorithm, Finding, Inspector, PrivateKeyError, TokenKey, Widget, WidgetError,
};
use topper_testkit::TestKey;

mod forms;

use crate::support::*;
use forms::*;

fn every_key() -> Vec<Forms> {
    let mut keys: Vec<Forms> = ["ES256", "ES384", "ES512"].map(elliptic).into();
    keys.extend(["RS256", "RS384", "RS512"].map(rsa));
    keys
}

fn build(key: &str) -> Result<Widget, WidgetError> {
    builder().private_key(key).build()
}

/// Why a key is refused.
#[expect(clippy::panic, reason = "a test stops at what should not happen")]
fn refusal(key: &str) -> PrivateKeyError {
    match build(key).unwrap_err() {
        WidgetError::PrivateKey(problem) => problem,
        other => panic!("{other}"),
    }
}

#[test]
fn signs_with_every_algorithm_that_topper_takes_from_every_form_of_a_key() {
    let keys = every_key();
    assert_eq!(keys.len(), Algorithm::ALL.len());
    for key in keys {
        let public = TokenKey::parse(&key.public_jwk().to_string()).unwrap();
        for form in key.all() {
            // In PEM an RSA key does not say how to sign.
            let widget = builder()
                .private_key(form)
                .algorithm(key.algorithm.parse().unwrap())
                .build()
                .unwrap();
            assert_eq!(widget.algorithm().as_str(), key.algorithm);
            let token = sign(&widget, &any_onramp());
            let (header, claims) = decode(token.as_str());
            assert_eq!(header, json!({"alg": key.algorithm, "kid": KEY_ID, "typ": "JWT"}));
            assert_eq!(claims["sub"], WIDGET_ID);
            let inspection = Inspector::new().key(public.clone()).inspect(token.as_str());
            assert_eq!(inspection.findings(), []);
            assert_eq!(inspection.is_signed(), Some(true));
        }
    }
}

#[test]
fn a_signature_matches_no_other_key_and_no_other_claims() {
    for key in every_key() {
        let widget = build(&key.jwk.to_string()).unwrap();
        let token = sign(&widget, &any_onramp());
        let other: Value = serde_json::from_str(&TestKey::generate().public_jwk()).unwrap();
        let other = TokenKey::parse(&other.to_string()).unwrap();
        let inspection = Inspector::new().key(other).inspect(token.as_str());
        assert_eq!(inspection.is_signed(), Some(false), "{}", key.algorithm);

        let own = TokenKey::parse(widget.public_jwk()).unwrap();
        let second = sign(&widget, &any_onramp());
        let (front, _) = second.as_str().rsplit_once('.').unwrap();
        let (_, signature) = token.as_str().rsplit_once('.').unwrap();
        let inspection = Inspector::new().key(own).inspect(&format!("{front}.{signature}"));
        assert_eq!(inspection.is_signed(), Some(false), "{}", key.algorithm);
        assert_eq!(inspection.findings(), [Finding::Signature], "{}", key.algorithm);
    }
}

#[test]
fn the_public_key_for_topper_has_nothing_private_and_says_its_algorithm() {
    for key in every_key() {
        let widget = build(&key.jwk.to_string()).unwrap();
        let public: Value = serde_json::from_str(widget.public_jwk()).unwrap();
        let mut expected = key.public_jwk();
        expected["alg"] = key.algorithm.into();
        assert_eq!(public, expected);
    }
}

#[test]
fn an_rsa_key_signs_with_rs256_unless_it_or_the_code_says_otherwise() {
    let key = rsa("RS384");
    assert_eq!(build(&key.pem[0]).unwrap().algorithm(), Algorithm::Rs256);
    assert_eq!(build(&key.jwk.to_string()).unwrap().algorithm(), Algorithm::Rs384);
    let widget = builder().private_key(&key.pem[0]).algorithm(Algorithm::Rs512).build().unwrap();
    assert_eq!(widget.algorithm(), Algorithm::Rs512);
}

#[test]
fn takes_a_key_as_people_paste_it() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let key = elliptic("ES256");
    let (jwk, pem) = (key.jwk.to_string(), &key.pem[1]);
    let with_parameters = format!(
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{pem}"
    );
    for pasted in [
        format!("\u{feff}  {jwk}\n"),
        format!("'{jwk}'"),
        format!("{:?}", jwk),
        jwk.replace('"', "\\\""),
        STANDARD.encode(&jwk),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\r\n"),
        format!("\"{}\"", pem.replace('\n', "\\n")),
        STANDARD.encode(pem),
        with_parameters,
        // The contents of a PEM block alone.
        pem.lines().filter(|line| !line.starts_with('-')).collect(),
    ] {
        let widget = build(&pasted).unwrap();
        assert_eq!(decode(sign(&widget, &any_onramp()).as_str()).0["alg"], "ES256");
    }
}

#[test]
fn refuses_a_public_key_with_words() {
    let ec = elliptic("ES256");
    let public_jwk = ec.public_jwk().to_string();
    let spki = pem("PUBLIC KEY", &TestKey::generate().public_spki());
    let bare: String = spki.lines().filter(|line| !line.starts_with('-')).collect();
    for key in [public_jwk, rsa("RS256").public_jwk().to_string(), spki, bare] {
        let error = build(&key).unwrap_err();
        assert_eq!(error, WidgetError::PrivateKey(PrivateKeyError::Public));
        assert!(error.to_string().contains("public key, which cannot sign"), "{error}");
    }
}

#[test]
fn refuses_a_key_on_another_curve_than_its_algorithm_says() {
    let mut key = elliptic("ES384");
    for algorithm in ["ES256", "ES512", "RS256"] {
        key.jwk["alg"] = algorithm.into();
        let error = build(&key.jwk.to_string()).unwrap_err().to_string();
        let expected = format!("is {algorithm}, which does not go with a key on the curve P-384");
        assert!(error.contains(&expected), "{error}");
    }
    key.jwk["alg"] = "ES384".into();
    build(&key.jwk.to_string()).unwrap();
    let mut jwk = rsa("RS256").jwk;
    jwk["alg"] = "ES256".into();
    assert!(matches!(refusal(&jwk.to_string()), PrivateKeyError::Mismatch { .. }));
    // The configuration and the key differ.
    let wanted = builder().private_key(rsa("RS256").jwk.to_string()).algorithm(Algorithm::Rs512);
    assert!(wanted.build().is_err());
    let wanted = builder().private_key(&elliptic("ES256").pem[0]).algorithm(Algorithm::Es384);
    assert!(wanted.build().is_err());
}

#[test]
fn refuses_an_algorithm_that_topper_does_not_take() {
    for name in ["PS256", "HS256", "EdDSA", "ES256K", "none", "es256", ""] {
        let mut jwk = elliptic("ES256").jwk;
        jwk["alg"] = name.into();
        assert_eq!(refusal(&jwk.to_string()), PrivateKeyError::Algorithm, "{name}");
        let mut jwk = rsa("RS256").jwk;
        jwk["alg"] = name.into();
        assert_eq!(refusal(&jwk.to_string()), PrivateKeyError::Algorithm, "{name}");
    }
}

#[test]
fn refuses_an_rsa_key_that_is_too_short_or_too_long() {
    for bits in [512, 1024, 2040, 8200, 16384] {
        assert_eq!(
            refusal(&rsa_of_bits(bits)).to_string(),
            format!("an RSA key of {bits} bits: it must have 2048 to 8192"),
        );
    }
    // Long enough, and its numbers do not go together.
    assert_eq!(refusal(&rsa_of_bits(2048)), PrivateKeyError::Inconsistent);
}

#[test]
fn refuses_a_key_whose_parts_do_not_go_together() {
    for algorithm in ["ES256", "ES384", "ES512"] {
        let mut key = elliptic(algorithm);
        key.jwk["d"] = elliptic(algorithm).jwk["d"].clone();
        assert_eq!(refusal(&key.jwk.to_string()), PrivateKeyError::Inconsistent);
    }
    let mut jwk = rsa("RS256").jwk;
    jwk["oth"] = json!([]);
    assert_eq!(refusal(&jwk.to_string()), PrivateKeyError::KeyType);
    jwk.as_object_mut().unwrap().remove("oth");
    jwk["p"] = jwk["q"].clone();
    assert_eq!(refusal(&jwk.to_string()), PrivateKeyError::Inconsistent);
    // PKCS#8 that names P-256, around a key that names P-384.
    let inner = elliptic("ES384").der(1);
    let algorithm =
        b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    let length = |bytes: usize| [0x81, u8::try_from(bytes).unwrap()];
    let octets = [&[4], length(inner.len()).as_slice(), &inner].concat();
    let parts = [b"\x02\x01\x00".as_slice(), algorithm, &octets].concat();
    let outer = [&[0x30], length(parts.len()).as_slice(), &parts].concat();
    assert_eq!(refusal(&pem("PRIVATE KEY", &outer)), PrivateKeyError::Inconsistent);
}

#[test]
fn refuses_what_is_not_a_key_for_topper_and_says_what_it_is() {
    use PrivateKeyError as E;

    let ec = elliptic("ES256");
    let jwk = ec.jwk.to_string();
    let with = |name: &str, value: Value| {
        let mut jwk = ec.jwk.clone();
        jwk[name] = value;
        jwk.to_string()
    };
    let without = |jwk: &Value, name: &str| {
        let mut jwk = jwk.clone();
        jwk.as_object_mut().unwrap().remove(name);
        jwk.to_string()
    };
    let cut = format!("{}\n-----END PRIVATE KEY-----", &ec.pem[0][..80]);
    // secp256k1, an Ed25519 key and an encrypted key, as OpenSSL writes them.
    let k256 = "-----BEGIN PRIVATE KEY-----\nMIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGhRANCAAQ=\n-----END PRIVATE KEY-----";
    let ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n-----END PRIVATE KEY-----";
    for (text, expected) in [
        ("/run/secrets/key.pem".to_owned(), E::FileName),
        ("@key.json".to_owned(), E::FileName),
        ("hunter2".to_owned(), E::Unknown),
        (format!("{{\"keys\":[{jwk}]}}"), E::Set),
        (jwk[..jwk.len() - 9].to_owned(), E::Unreadable),
        (jwk.replacen('{', "{\"d\":\"AAAA\",", 1), E::Unreadable),
        (with("d", 7.into()), E::Unreadable),
        (with("kty", "OKP".into()), E::KeyType),
        (with("kty", "oct".into()), E::KeyType),
        (with("crv", "secp256k1".into()), E::Curve),
        (with("use", "enc".into()), E::Use),
        (with("key_ops", json!(["verify"])), E::Use),
        (with("d", "AAAA".into()), E::Encoding("d")),
        (with("x", "!".into()), E::Encoding("x")),
        (without(&ec.jwk, "y"), E::Missing("y")),
        (without(&ec.jwk, "crv"), E::Missing("crv")),
        (without(&ec.jwk, "kty"), E::Missing("kty")),
        (without(&rsa("RS256").jwk, "qi"), E::Missing("qi")),
        (with("d", "A".repeat(43).into()), E::Damaged),
        (with("d", format!("{}8", "_".repeat(42)).into()), E::Damaged),
        (ec.pem.concat(), E::Several),
        (cut, E::Damaged),
        ("-----BEGIN PRIVATE KEY-----".to_owned(), E::Damaged),
        (pem("PRIVATE KEY", b"0123"), E::Damaged),
        (pem("PRIVATE KEY", &[]), E::Damaged),
        (pem("CERTIFICATE", b"0123"), E::OtherPem),
        (pem("OPENSSH PRIVATE KEY", b"0123"), E::OtherPem),
        ("ssh-ed25519 AAAA".to_owned(), E::OtherPem),
        (pem("ENCRYPTED PRIVATE KEY", b"0123"), E::Encrypted),
        (
            "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END EC PRIVATE KEY-----".to_owned(),
            E::Encrypted,
        ),
        (k256.to_owned(), E::Damaged),
        (ed25519.to_owned(), E::KeyType),
    ] {
        let found = refusal(&text);
        if text == k256 {
            assert!(matches!(found, E::Curve | E::Damaged), "{found:?}");
        } else {
            assert_eq!(found, expected, "{text}");
        }
    }
}

#[test]
fn refuses_a_key_of_any_cut_or_changed_der_without_a_panic() {
    for key in [elliptic("ES512"), rsa("RS256")] {
        for (at, form) in key.pem.iter().enumerate() {
            let label = form.lines().next().unwrap().replace("-----BEGIN ", "").replace('-', "");
            let der = key.der(at);
            for end in 0..der.len().min(150) {
                build(&pem(&label, &der[..end])).unwrap_err();
            }
            for at in 0..der.len().min(60) {
                for value in [0, 0x7f, 0x80, 0x84, 0xff] {
                    let mut changed = der.clone();
                    changed[at] = value;
                    // Some changes make another valid key, or none at all.
                    let _ = build(&pem(&label, &changed));
                }
            }
        }
    }
}

#[test]
fn nothing_of_a_key_is_in_debug_display_errors_or_panics() {
    for key in every_key() {
        let secrets = key.secrets();
        assert!(secrets.len() >= 4);
        let hides = |text: &str| {
            for secret in &secrets {
                assert!(!text.contains(secret.as_str()), "{}: {text}", key.algorithm);
            }
        };
        for form in key.all() {
            let builder = builder().private_key(&form);
            hides(&format!("{builder:?} {builder:#?}"));
            let (widget, lines) = logged(|| builder.build().unwrap());
            hides(&lines);
            hides(&format!("{widget:?} {widget:#?} {}", widget.public_jwk()));
            let token = sign(&widget, &any_onramp());
            hides(&format!("{token:?} {:?}", token.url()));
            // In a panic, as `unwrap` and `expect` write it.
            let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let result: Result<(), Widget> = std::hint::black_box(Err(widget));
                result.unwrap();
            }));
            hides(panic.unwrap_err().downcast_ref::<String>().unwrap());

            // Wrong in each way that keeps most of the key's text.
            for bad in [
                format!("{form}{form}"),
                form[..form.len() * 3 / 4].to_owned(),
                form.replacen("\"d\"", "\"D\"", 1),
                form.replacen("\"kty\":\"", "\"kty\":\"X", 1),
                form.replacen("\"crv\":\"", "\"crv\":\"X", 1),
                form.replacen("PRIVATE KEY", "PRIVATE KEX", 2),
                form.replacen("-----BEGIN", "----BEGIN", 1),
                form.replacen('"', "", 1),
                format!("TOPPER_PRIVATE_KEY={form}"),
                format!("/{form}"),
            ] {
                let (result, lines) = logged(|| build(&bad));
                hides(&lines);
                if let Err(error) = result {
                    hides(&format!("{error} {error:?} {error:#?}"));
                }
            }
        }
    }
}
