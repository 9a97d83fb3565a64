//! The checks of the fuzz targets. A plain test calls them, too.
//!
//! A function that returns has found nothing. One that panics has found a fault.

mod envelope;
mod forwarding;
mod http;
mod key;
mod saved;
mod signature;
mod store_url;
mod token;

// Parts of crates that are private there, compiled again as they are. rustfmt would look for their tests.
#[rustfmt::skip]
#[path = "../../topper-store/src/postgres/options.rs"]
#[allow(dead_code, reason = "only its parser is called")]
mod postgres_options;
#[rustfmt::skip]
#[path = "../../topper-store/src/redis/url.rs"]
#[allow(dead_code, reason = "only its parser is called")]
mod redis_url;
#[rustfmt::skip]
#[path = "../../topper-cli/src/saved.rs"]
#[allow(dead_code, reason = "its files are not opened")]
mod saved_file;
#[rustfmt::skip]
#[path = "../../topper-store/src/url.rs"]
#[allow(dead_code, reason = "only its parser is called")]
mod url;

// As `topper-store` has it at its root.
use topper_store::StoreError;

pub use envelope::envelope;
pub use forwarding::forwarding;
pub use http::{handlers, http};
pub use key::key_text;
pub use saved::saved_file as saved_line;
pub use signature::back_ends;
pub use store_url::store_url;
pub use token::signature_header;

/// What a target does with one input.
pub type Target = fn(&[u8]);

/// Every target, by the name of its file in `fuzz_targets`.
pub const TARGETS: [(&str, Target); 8] = [
    ("back_ends", back_ends),
    ("envelope", envelope),
    ("forwarding", forwarding),
    ("http", http),
    ("key_text", key_text),
    ("saved_line", saved_line),
    ("signature_header", signature_header),
    ("store_url", store_url),
];
