//! Bootstrap tokens, as a user of the crate makes and reads them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests stop at what should not happen"
)]

mod api;
#[cfg(feature = "rust-crypto")]
mod backends;
mod claims;
mod env;
mod inspect;
// Making keys takes the back end that has them all.
#[cfg(feature = "aws-lc")]
mod keys;
mod reference;
mod rules;
#[cfg(feature = "schemars")]
mod schema;
mod spec;
mod support;
mod url;
