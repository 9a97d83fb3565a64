//! E0277
use topper::{Envelope, Webhook};

fn convert(envelope: Envelope) -> Webhook {
    envelope.into()
}

fn main() {
    let _ = convert;
}
