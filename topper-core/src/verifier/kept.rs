//! Verifying again what was kept together with the key it was accepted under.

use std::sync::Arc;

use crate::{Envelope, Error, KeySet, Webhook, clock::Started, webhook::Parts};

/// Verifies an event again: its signature, and nothing else. What is wrong is for the caller to log.
///
/// # Errors
///
/// When the signature breaks a rule or does not match, or the body is not an event's envelope.
pub fn verify_kept(
    keys: &KeySet,
    label: &str,
    signature: &str,
    body: &[u8],
) -> Result<Webhook, Error> {
    let jws = keys.parse_token(signature.as_bytes()).map_err(Error::SignatureMalformed)?;
    let (_, key) = keys.find(&jws, body).ok_or(Error::SignatureInvalid)?;
    let envelope = Envelope::from_json(body).map_err(Error::EventUnreadable)?;
    Ok(Webhook::new(Parts {
        envelope,
        body: body.to_vec(),
        key: key.clone(),
        jws,
        label: Arc::from(label),
        client: None,
        received: Started::now(),
    }))
}
