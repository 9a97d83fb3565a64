//! What an independent implementation signs verifies, and the back ends never disagree.

use std::sync::LazyLock;

use proptest::prelude::*;
use topper_core::KeySet;
use topper_testkit::TestKey;

use crate::config;

static KEY: LazyLock<TestKey> = LazyLock::new(TestKey::generate);
static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::parse(&KEY.public_jwk()).unwrap());

proptest! {
    #![proptest_config(config())]

    /// Signed by p256; verified by aws-lc-rs where that is on.
    #[test]
    fn what_another_implementation_signs_verifies(
        body in proptest::collection::vec(any::<u8>(), 0..600),
        other in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let token = KEY.sign(&body);
        prop_assert_eq!(KEYS.verify(token.as_bytes(), &body).unwrap().id(), KEY.key_id());
        prop_assert_eq!(KEYS.verify(token.as_bytes(), &other).is_ok(), body == other);
    }

    #[test]
    fn what_another_key_signs_does_not(body in proptest::collection::vec(any::<u8>(), 0..100)) {
        static STRANGER: LazyLock<TestKey> = LazyLock::new(TestKey::generate);
        prop_assert!(KEYS.verify(STRANGER.sign(&body).as_bytes(), &body).is_err());
    }
}

#[cfg(all(feature = "aws-lc", feature = "graviola", feature = "rust-crypto"))]
mod back_ends {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use topper_core::{Backend, SignatureError};

    use super::*;
    use crate::json;

    const BODY: &[u8] = b"{}";

    static ALL: LazyLock<[KeySet; 3]> = LazyLock::new(|| {
        [Backend::AwsLc, Backend::Graviola, Backend::RustCrypto]
            .map(|backend| KeySet::parse_with(&KEY.public_jwk(), backend).unwrap())
    });

    /// What all say, which must be the same.
    fn verdict(token: &[u8], body: &[u8]) -> Result<Result<(), SignatureError>, TestCaseError> {
        let [one, two, three] = ALL.each_ref().map(|keys| keys.verify(token, body).map(|_| ()));
        prop_assert_eq!(one, two);
        prop_assert_eq!(one, three);
        Ok(one)
    }

    /// 32 bytes at and around the edges of what a number of a signature may be.
    fn number() -> impl Strategy<Value = Vec<u8>> {
        const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
        const FIELD: &str = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
        let hex = |text: &str| -> Vec<u8> {
            let digit = |place: usize| text.get(place..place + 2).unwrap();
            (0..32).map(|byte| u8::from_str_radix(digit(byte * 2), 16).unwrap()).collect()
        };
        let edge =
            proptest::sample::select(vec![vec![0; 32], hex(ORDER), hex(FIELD), vec![0xff; 32]]);
        let near = (edge, any::<i8>()).prop_map(|(mut number, change)| {
            number
                .iter_mut()
                .next_back()
                .into_iter()
                .for_each(|last| *last = last.wrapping_add_signed(change));
            number
        });
        prop_oneof![near, proptest::collection::vec(any::<u8>(), 32)]
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn agree_on_every_changed_token(
            body in proptest::collection::vec(any::<u8>(), 0..40),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            insertion in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
            cut in proptest::option::weighted(0.2, any::<prop::sample::Index>()),
        ) {
            let genuine = KEY.sign(&body).into_bytes();
            let mut token = json::changed(genuine.clone(), &changes);
            if let Some((place, byte)) = insertion {
                token.insert(place.index(token.len() + 1), byte);
            }
            if let Some(end) = cut {
                token.truncate(end.index(token.len() + 1));
            }
            prop_assert_eq!(verdict(&token, &body)?.is_ok(), token == genuine);
        }

        #[test]
        fn agree_on_every_character_of_the_alphabet(
            changes in proptest::collection::vec((22..108_usize, "[A-Za-z0-9_-]"), 1..4),
        ) {
            let genuine = KEY.sign(BODY).into_bytes();
            let mut token = genuine.clone();
            for (place, character) in changes {
                token.splice(place..=place, character.into_bytes());
            }
            prop_assert_eq!(verdict(&token, BODY)?.is_ok(), token == genuine);
        }

        #[test]
        fn agree_on_numbers_at_the_edges(r in number(), s in number(), keep in 0..3) {
            let token = KEY.sign(BODY);
            let (header, signature) = token.split_once("..").unwrap();
            let genuine = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let (own_r, own_s) = genuine.split_at(32);
            let numbers = match keep {
                0 => [own_r, &s].concat(),
                1 => [&r, own_s].concat(),
                _ => [r, s].concat(),
            };
            let token = format!("{header}..{}", URL_SAFE_NO_PAD.encode(numbers));
            prop_assert!(verdict(token.as_bytes(), BODY)?.is_err());
        }

        #[test]
        fn agree_on_every_protected_header(header in json::value()) {
            let token = KEY.sign_with_header(header.to_string(), BODY);
            // No member that JSON by chance has makes it one of ours.
            let alg = header.get("alg").and_then(|alg| alg.as_str()) == Some("ES256");
            let verdict = verdict(token.as_bytes(), BODY)?;
            prop_assert!(alg || verdict.is_err());
        }
    }
}
