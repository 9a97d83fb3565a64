//! Algorithm confusion: the public key, which anyone may know, is used as the secret of an HMAC.

use hmac::Hmac;
use sha2::{Sha256, Sha384, Sha512};

use super::{Genuine, encoding::encode, faults};
use crate::{Delivery, TestKey};

faults! {
    hs256_with_jwk Hmac SignatureMalformed |it| forge(it, "HS256", jwk);
    hs256_with_point Hmac SignatureMalformed |it| forge(it, "HS256", TestKey::public_point);
    hs256_with_coordinates Hmac SignatureMalformed |it| forge(it, "HS256", coordinates);
    hs256_with_spki Hmac SignatureMalformed |it| forge(it, "HS256", TestKey::public_spki);
    hs256_with_pem Hmac SignatureMalformed |it| forge(it, "HS256", pem);
    hs256_with_empty_secret Hmac SignatureMalformed |it| forge(it, "HS256", |_| Vec::new());
    hs384_with_jwk Hmac SignatureMalformed |it| forge(it, "HS384", jwk);
    hs384_with_point Hmac SignatureMalformed |it| forge(it, "HS384", TestKey::public_point);
    hs384_with_coordinates Hmac SignatureMalformed |it| forge(it, "HS384", coordinates);
    hs384_with_spki Hmac SignatureMalformed |it| forge(it, "HS384", TestKey::public_spki);
    hs384_with_pem Hmac SignatureMalformed |it| forge(it, "HS384", pem);
    hs512_with_jwk Hmac SignatureMalformed |it| forge(it, "HS512", jwk);
    hs512_with_point Hmac SignatureMalformed |it| forge(it, "HS512", TestKey::public_point);
    hs512_with_coordinates Hmac SignatureMalformed |it| forge(it, "HS512", coordinates);
    hs512_with_spki Hmac SignatureMalformed |it| forge(it, "HS512", TestKey::public_spki);
    hs512_with_pem Hmac SignatureMalformed |it| forge(it, "HS512", pem);
    // 64 bytes, so of the right length for what the header claims.
    hmac_under_the_name_of_es256 Hmac SignatureInvalid |it| {
        it.with_token(token(it, "ES256", mac::<Hmac<Sha512>>, &it.key.public_point()))
    };
}

fn forge(it: &Genuine<'_>, algorithm: &str, secret: fn(&TestKey) -> Vec<u8>) -> Delivery {
    let mac = match algorithm {
        "HS256" => mac::<Hmac<Sha256>>,
        "HS384" => mac::<Hmac<Sha384>>,
        _ => mac::<Hmac<Sha512>>,
    };
    it.with_token(token(it, algorithm, mac, &secret(it.key)))
}

fn token(
    it: &Genuine<'_>,
    algorithm: &str,
    mac: fn(&[u8], &[u8]) -> Vec<u8>,
    secret: &[u8],
) -> String {
    let header = encode(format!(r#"{{"alg":"{algorithm}"}}"#));
    let signature = mac(secret, format!("{header}.{}", encode(it.body)).as_bytes());
    format!("{header}..{}", encode(signature))
}

fn mac<M: hmac::Mac + hmac::KeyInit>(secret: &[u8], message: &[u8]) -> Vec<u8> {
    M::new_from_slice(secret)
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn jwk(key: &TestKey) -> Vec<u8> {
    key.public_jwk().into_bytes()
}

/// Both coordinates, without the byte that says they are two.
fn coordinates(key: &TestKey) -> Vec<u8> {
    key.public_point().split_off(1)
}

fn pem(key: &TestKey) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let base64 = STANDARD.encode(key.public_spki());
    let (first, rest) = base64.split_at(64);
    format!("-----BEGIN PUBLIC KEY-----\n{first}\n{rest}\n-----END PUBLIC KEY-----\n").into_bytes()
}
