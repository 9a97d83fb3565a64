//! E0451
use topper::{Envelope, Webhook};

fn exchange(webhook: Webhook, envelope: Envelope) -> Webhook {
    Webhook { envelope, ..webhook }
}

fn main() {
    let _ = exchange;
}
