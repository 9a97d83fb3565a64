//! E0599
use topper::bootstrap::{Onramp, RecipientEditMode};

fn locked(onramp: Onramp) -> Onramp {
    onramp.edit_mode(RecipientEditMode::NotEditable)
}

fn main() {
    let _ = locked;
}
