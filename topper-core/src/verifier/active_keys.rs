//! The current keys, and which of them have matched a delivery.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
};

use crate::{KeySet, PublicKey, jws::DetachedJws, meter::KeyNames, sync::AtomicBool, text::Short};

/// Keys, each with a flag: whether it has matched a delivery since it was configured.
pub(super) struct ActiveKeys {
    pub(super) set: KeySet,
    /// One for each key, in the order of the set.
    proofs: Box<[Proof]>,
    /// The names of the keys in metrics.
    pub(super) names: KeyNames,
}

/// Shared by all sets with this key, so that a delivery in flight proves the key for the next set too.
type Proof = Arc<AtomicBool>;

impl ActiveKeys {
    /// Keys of which none is proven.
    pub(super) fn new(set: KeySet) -> Self {
        Self::with_proofs(set, |_| None)
    }

    /// The keys that replace these. Keys that stay remain proven.
    pub(super) fn replaced_by(&self, set: KeySet) -> Self {
        Self::with_proofs(set, |key| {
            self.with_proof().find(|(own, _)| is_same(own, key)).map(|(_, proof)| Arc::clone(proof))
        })
    }

    fn with_proofs(set: KeySet, known: impl Fn(&PublicKey) -> Option<Proof>) -> Self {
        let mut proofs: Vec<Proof> = Vec::with_capacity(set.iter().len());
        for key in set.iter() {
            // A key that is in the set twice has one flag, because only its first entry ever matches.
            let twin = set.iter().zip(&proofs).find(|(other, _)| is_same(other, key));
            let proof = twin.map(|(_, proof)| Arc::clone(proof)).or_else(|| known(key));
            proofs.push(proof.unwrap_or_default());
        }
        Self { names: KeyNames::of(&set), set, proofs: proofs.into() }
    }

    /// Finds the key that matches, marks it as proven, and returns it with its index.
    pub(super) fn find(&self, jws: &DetachedJws, body: &[u8]) -> Option<(usize, &PublicKey)> {
        let (index, key) = self.set.find(jws, body)?;
        if let Some(proof) = self.proofs.get(index) {
            // Read first: a write for each delivery would make processors wait for each other.
            if !proof.load(Ordering::Relaxed) {
                proof.store(true, Ordering::Relaxed);
            }
        }
        Some((index, key))
    }

    pub(super) fn all_are_proven(&self) -> bool {
        self.unproven().next().is_none()
    }

    pub(super) fn unproven(&self) -> impl Iterator<Item = &PublicKey> {
        self.with_proof().filter(|(_, proof)| !proof.load(Ordering::Relaxed)).map(|(key, _)| key)
    }

    fn with_proof(&self) -> impl Iterator<Item = (&PublicKey, &Proof)> {
        self.set.iter().zip(&self.proofs)
    }
}

/// Displays the names of the unproven keys.
impl fmt::Display for ActiveKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, key) in self.unproven().enumerate() {
            f.write_str(if index == 0 { "" } else { "; " })?;
            if let Some(kid) = key.kid() {
                write!(f, "kid {}, ", Short(kid))?;
            }
            write!(f, "thumbprint {}", key.thumbprint())?;
        }
        Ok(())
    }
}

fn is_same(one: &PublicKey, other: &PublicKey) -> bool {
    one.thumbprint() == other.thumbprint() && one.algorithm() == other.algorithm()
}
