//! A body or a token as it may have been.

/// One thing that is different when the signature holds.
#[derive(Clone, Copy)]
pub(super) struct Change {
    /// Goes on from "It holds".
    pub(super) holds: &'static str,
    /// What to do.
    pub(super) advice: &'static str,
}

/// Bytes as they may have been.
pub(super) struct Variant {
    pub(super) bytes: Vec<u8>,
    pub(super) changes: Vec<Change>,
}
