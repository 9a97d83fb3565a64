//! Decoding events: the envelope strictly, payloads by their types.
//!
//! A payload is read twice only if the first, fast reading fails. The second reading ([`careful`])
//! accepts deviations that are no reason to lose an event, and names the field that is wrong.

mod careful;
pub(super) mod envelope;
mod lossy;
pub(crate) mod object;
pub(crate) mod text;

pub(super) use careful::Step;
