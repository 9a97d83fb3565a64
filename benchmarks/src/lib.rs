//! What a delivery costs. `cargo xtask bench` builds and runs the programs of this package: `receiver`, with
//! our receivers and the same written by hand, and `load`, which sends them signed events.

pub mod by_hand;
pub mod load;

/// Where every receiver answers.
pub const PATH: &str = "/webhooks/topper";
