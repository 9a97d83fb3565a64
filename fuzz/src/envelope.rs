//! The envelope and each event.

use topper_core::{Envelope, EventName};

/// What is decoded is the same after it is encoded and decoded again, as an envelope of its own and as
/// the data of every known event.
pub fn envelope(input: &[u8]) {
    same_again(input);
    let Some((first, data)) = input.split_first() else { return };
    let name = EventName::ALL[usize::from(*first) % EventName::ALL.len()];
    let head = format!(r#"{{"id":"1","name":"{name}","data":"#);
    same_again(&[head.as_bytes(), data, b"}"].concat());
}

fn same_again(json: &[u8]) {
    let envelope = match Envelope::from_json(json) {
        Ok(envelope) => envelope,
        Err(error) => return drop(format!("{error} {error:?}")),
    };
    let encoded = serde_json::to_vec(&envelope).unwrap();
    let again = Envelope::from_json(&encoded).unwrap();
    assert_eq!(again, envelope);
    assert_eq!(serde_json::to_vec(&again).unwrap(), encoded);
    let name: Option<EventName> = envelope.name().parse().ok();
    match envelope.event() {
        Ok(event) => {
            assert_eq!(event.known_name(), name);
            assert_eq!(event.name(), envelope.name());
            if let Some(time) = event.updated_at() {
                assert_eq!(time.as_str().parse().as_ref(), Ok(time));
            }
            if let Some(order) = event.onramp_order() {
                assert_eq!(order.id.as_deref(), event.order_id());
            }
        }
        Err(error) => {
            assert!(name.is_some(), "an unknown event is never unreadable");
            drop(format!("{error} {error:?}"));
        }
    }
    // Content stays out of logs.
    assert!(format!("{envelope:?}").len() < 1000);
}
