//! Nothing of a key, a signature, a body or a forwarding header shows: in no log, `Debug`, `Display`
//! or answer.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

mod body;
mod key;
mod request;
mod shown;
