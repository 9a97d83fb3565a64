//! A token as it may have been, and what may have changed it or the body.

/// One difference with which the signature matches.
#[derive(Clone, Copy)]
pub(super) struct Change {
    /// Continues "The signature matches".
    pub(super) holds: &'static str,
    /// What to do.
    pub(super) advice: &'static str,
}

/// A token as it may have been.
pub(super) struct Variant {
    pub(super) bytes: Vec<u8>,
    pub(super) changes: Vec<Change>,
}
