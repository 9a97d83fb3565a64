//! E0423
use topper::{Envelope, Webhook};

fn wrap(envelope: Envelope) -> Webhook {
    Webhook(envelope)
}

fn main() {
    let _ = wrap;
}
