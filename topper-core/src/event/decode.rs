//! Reading an event: the envelope strictly, payloads by their types.
//!
//! A payload is read twice only if the first, fast reading refuses it. The second one
//! ([`careful`]) takes what is no reason to lose an event, and names the field that is.

mod careful;
pub(super) mod envelope;
mod lossy;
pub(super) mod object;
pub(super) mod text;

pub(super) use careful::Step;
