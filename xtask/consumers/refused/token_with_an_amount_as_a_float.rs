//! E0308
use topper::bootstrap::{Offramp, Onramp, Recipient};

fn main() {
    let _ = Onramp::spend(100.0, "USD", Recipient::all_editable());
    let _ = Offramp::sell(0.1, "XRP");
}
