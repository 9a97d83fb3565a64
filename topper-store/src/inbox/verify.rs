//! Verifying again what was stored.

use std::{
    collections::{HashMap, HashSet},
    sync::PoisonError,
};

use topper_core::{KeySet, Webhook, internal};

use super::store::Taken;
use crate::sync::Mutex;

/// More keys than are ever in use at once.
const MOST_KEYS: usize = 64;

/// The labels that a worker has seen, for metrics.
#[derive(Debug, Default)]
pub(super) struct Labels(Mutex<HashSet<String>>);

impl Labels {
    /// What is only counted later is there as 0 from the first event of a webhook on.
    pub(super) fn sees(&self, label: &str) {
        if !internal::IS_ON {
            return;
        }
        let mut labels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !labels.contains(label) {
            labels.insert(label.to_owned());
            internal::worker_sees(label);
        }
    }
}

/// The keys that stored events were accepted under: seldom more than two.
#[derive(Debug, Default)]
pub(super) struct StoredKeys(Mutex<HashMap<String, KeySet>>);

impl StoredKeys {
    /// The event, verified with the key that it was accepted under, or why it is not the same any
    /// more.
    pub(super) fn verify(&self, taken: &Taken) -> Result<Webhook, String> {
        let keys = self.get(&taken.public_key)?;
        let key = taken.lease.key();
        let webhook = internal::verify_kept(&keys, key.label(), &taken.signature, &taken.body)
            .map_err(|error| internal::WithCauses(&error).to_string())?;
        if webhook.id() == key.id() {
            Ok(webhook)
        } else {
            Err("the stored event's id is not the one it was accepted with".to_owned())
        }
    }

    fn get(&self, jwk: &str) -> Result<KeySet, String> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = keys.get(jwk) {
            return Ok(keys.clone());
        }
        let parsed = KeySet::parse(jwk).map_err(|error| {
            format!("the stored public key is invalid: {}", internal::WithCauses(&error))
        })?;
        if keys.len() >= MOST_KEYS {
            keys.clear();
        }
        keys.insert(jwk.to_owned(), parsed.clone());
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use topper_testkit::TestKey;

    use super::*;

    #[test]
    fn keys_are_kept_but_not_without_bound() {
        let keys = StoredKeys::default();
        let count = || keys.0.lock().unwrap().len();
        for number in 1..=MOST_KEYS {
            keys.get(&TestKey::generate().public_jwk()).unwrap();
            assert_eq!(count(), number);
        }
        for _ in 0..MOST_KEYS {
            keys.get(&TestKey::generate().public_jwk()).unwrap();
            assert!(count() <= MOST_KEYS);
        }
    }
}
