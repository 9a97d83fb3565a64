//! What the back end without a C compiler can do, and what it says of the rest.

use serde_json::json;
use topper_bootstrap::{Backend, Inspector, TokenKey};
use topper_testkit::TestKey;

use crate::support::*;

#[test]
fn signs_with_es256() {
    let key = TestKey::generate();
    let builder = builder().private_key(key.private_jwk()).backend(Backend::RustCrypto);
    let token = sign(&builder.build().unwrap(), &any_onramp());
    let own = TokenKey::parse(&key.public_jwk()).unwrap();
    assert_eq!(Inspector::new().key(own).inspect(token.as_str()).is_signed(), Some(true));
}

#[test]
fn refuses_every_other_algorithm_at_start_and_names_the_feature_to_switch_on() {
    let number = |bytes: usize| {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.encode(vec![0xc1; bytes])
    };
    let curve = |name: &str, bytes: usize| {
        let number = number(bytes);
        json!({"kty": "EC", "crv": name, "x": number, "y": number, "d": number})
    };
    let rsa = |algorithm: &str| {
        let mut jwk = json!({"kty": "RSA", "alg": algorithm, "e": "AQAB", "n": number(256)});
        for name in ["d", "p", "q", "dp", "dq", "qi"] {
            jwk[name] = number(128).into();
        }
        jwk
    };
    for (algorithm, jwk) in [
        ("ES384", curve("P-384", 48)),
        ("ES512", curve("P-521", 66)),
        ("RS256", rsa("RS256")),
        ("RS384", rsa("RS384")),
        ("RS512", rsa("RS512")),
    ] {
        let builder = builder().private_key(jwk.to_string()).backend(Backend::RustCrypto);
        assert_eq!(
            builder.build().unwrap_err().to_string(),
            format!(
                "private key: {algorithm} is not offered by the back end `rust-crypto`, which has \
                 ES256: switch on the cargo feature `aws-lc`"
            ),
        );
    }
}
