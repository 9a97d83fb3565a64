//! What an expert writes instead of our verifier: aws-lc-rs and serde_json directly, and nothing more than
//! a delivery needs.

use std::{borrow::Cow, error::Error, fmt};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::value::RawValue;
use topper::event::{OfframpOrder, OnrampOrder};

/// The header with the detached JWS.
pub const HEADER: &str = "x-topper-jws-signature";
/// The largest body, the same as our default.
pub const LIMIT: usize = 256 * 1024;

/// The key of the webhook.
pub struct Key {
    public: ParsedPublicKey,
    id: Option<String>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Jwk {
    x: String,
    y: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: String,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// An event that was verified.
#[derive(Debug)]
#[non_exhaustive]
pub struct Verified {
    /// The id of the event.
    pub id: String,
    /// The name of the event.
    pub name: String,
    /// The content, typed.
    pub event: Event,
}

/// The content of an event, in the same types as ours.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Of an on-ramp order.
    Onramp(OnrampOrder),
    /// Of an off-ramp order.
    Offramp(OfframpOrder),
    /// Any other.
    Other,
}

impl Key {
    /// Reads the JWK in `TOPPER_WEBHOOK_PUBLIC_KEY`.
    ///
    /// # Errors
    ///
    /// When it is missing, or not the JWK of an ES256 key.
    pub fn from_env() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let jwk: Jwk = serde_json::from_str(&std::env::var("TOPPER_WEBHOOK_PUBLIC_KEY")?)?;
        let mut point = vec![4];
        point.extend(URL_SAFE_NO_PAD.decode(jwk.x)?);
        point.extend(URL_SAFE_NO_PAD.decode(jwk.y)?);
        let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .map_err(|_| "not a point on P-256")?;
        Ok(Self { public, id: jwk.kid })
    }

    /// Verifies a delivery and decodes its event; `None` for what must be answered with 401.
    pub fn verify(&self, token: Option<&[u8]>, body: &[u8]) -> Option<Verified> {
        let token = std::str::from_utf8(token?).ok()?;
        let (protected, signature) = token.split_once("..")?;
        let header = URL_SAFE_NO_PAD.decode(protected).ok()?;
        let header: Header<'_> = serde_json::from_slice(&header).ok()?;
        let is_other = |id: &Cow<'_, str>| self.id.as_deref() != Some(id);
        if header.alg != "ES256" || header.kid.as_ref().is_some_and(is_other) {
            return None;
        }
        let mut fixed = [0; 64];
        if URL_SAFE_NO_PAD.decode_slice(signature, &mut fixed).ok()? != fixed.len() {
            return None;
        }
        let mut signed = String::with_capacity(protected.len() + 1 + body.len().div_ceil(3) * 4);
        signed.push_str(protected);
        signed.push('.');
        URL_SAFE_NO_PAD.encode_string(body, &mut signed);
        self.public.verify_sig(signed.as_bytes(), &fixed).ok()?;

        let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
        let data = envelope.data.get();
        let event = if envelope.name.starts_with("order:crypto-onramp:") {
            Event::Onramp(serde_json::from_str(data).ok()?)
        } else if envelope.name.starts_with("order:crypto-offramp:") {
            Event::Offramp(serde_json::from_str(data).ok()?)
        } else {
            Event::Other
        };
        Some(Verified { id: envelope.id, name: envelope.name.into_owned(), event })
    }
}

/// What is done with an event: nothing but looking at it, as in our receivers.
pub fn process(verified: &Verified) -> &'static str {
    match &verified.event {
        Event::Onramp(order) if order.id.is_some() => "processed",
        _ => "ignored",
    }
}
