//! Verifying a stored event again, with the key that is stored with it.

use std::sync::Arc;

use crate::{Envelope, Error, KeySet, Webhook, clock::Started, webhook::Parts};

/// Verifies only the signature of a stored event. The caller logs errors.
///
/// # Errors
///
/// When the signature is malformed or does not match, or the body is not an event's envelope.
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
