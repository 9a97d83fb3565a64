//! Reading an event: the envelope strictly, payloads by their types.

pub(super) mod envelope;
pub(super) mod object;
pub(super) mod text;
