//! E0277
use topper::bootstrap::{ClaimsError, Draft, Recipient};

fn draft(to: Recipient) -> Result<Draft, ClaimsError> {
    Draft::new(&to)
}

fn main() {
    let _ = draft;
}
