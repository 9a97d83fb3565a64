//! The key is not the configured one, or the token contains its own key.

use super::{Genuine, encoding::encode, faults};
use crate::{Delivery, TestKey};

faults! {
    wrong_key OtherKey SignatureInvalid |it| Delivery::signed(&TestKey::generate(), it.body);
    right_kid_with_wrong_key OtherKey SignatureInvalid |it| {
        by_a_stranger(it, |_| format!(r#"{{"alg":"ES256","kid":"{}"}}"#, it.key.key_id()))
    };
    unknown_kid OddToken SignatureInvalid |it| it.with_header(r#"{"alg":"ES256","kid":"nobody"}"#);
    embedded_jwk OtherKey SignatureInvalid |it| {
        by_a_stranger(it, |key| format!(r#"{{"alg":"ES256","jwk":{}}}"#, key.public_jwk()))
    };
    embedded_jku OtherKey SignatureInvalid |it| {
        by_a_stranger(it, |_| r#"{"alg":"ES256","jku":"http://127.0.0.1:9/keys.json"}"#.to_owned())
    };
    embedded_x5u OtherKey SignatureInvalid |it| {
        by_a_stranger(it, |_| r#"{"alg":"ES256","x5u":"http://127.0.0.1:9/chain.pem"}"#.to_owned())
    };
    embedded_x5c OtherKey SignatureInvalid |it| {
        by_a_stranger(it, |key| {
            format!(r#"{{"alg":"ES256","x5c":["{}"]}}"#, encode(key.public_spki()))
        })
    };
}

/// Signed with a key that is not configured, under a header that may depend on it.
fn by_a_stranger(it: &Genuine<'_>, header: impl Fn(&TestKey) -> String) -> Delivery {
    let stranger = TestKey::generate();
    it.with_token(stranger.sign_with_header(header(&stranger), it.body))
}
