//! E0599
use topper::bootstrap::{ExactDecimal, Onramp, Recipient};

fn both(amount: ExactDecimal, to: Recipient) -> Onramp {
    Onramp::spend(amount.clone(), "USD", to.clone()).receive(amount, to)
}

fn main() {
    let _ = both;
}
