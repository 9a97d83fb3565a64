//! Verifying again what is stored.

use topper_core::{
    Error, KeySet, Webhook,
    internal::{self, WithCauses},
};
use topper_store::inbox::StoredEvent;

/// Why a stored event is not what was accepted.
pub(crate) struct Refused {
    /// Its kind.
    pub(crate) error: Error,
    /// In words.
    pub(crate) reason: String,
}

/// Verifies the stored bytes as a worker does when it takes them; with other keys, if they are given.
pub(crate) fn verify(stored: &StoredEvent, keys: Option<&KeySet>) -> Result<Webhook, Refused> {
    let invalid = |reason| Refused { error: Error::SignatureInvalid, reason };
    let own =
        match keys {
            Some(_) => None,
            None => Some(KeySet::parse(&stored.public_key).map_err(|error| {
                invalid(format!("the stored public key: {}", WithCauses(&error)))
            })?),
        };
    let Some(keys) = keys.or(own.as_ref()) else {
        return Err(invalid("there is no public key".to_owned()));
    };
    let (label, id) = (stored.key.label(), stored.key.id());
    let webhook = internal::verify_kept(keys, label, &stored.signature, &stored.body)
        .map_err(|error| Refused { reason: WithCauses(&error).to_string(), error })?;
    if webhook.id() != id {
        return Err(invalid(
            "the id of the stored event has changed since it was accepted".to_owned(),
        ));
    }
    Ok(webhook)
}
