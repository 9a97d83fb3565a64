//! What decoding made of an event.

use topper_core::{Event, PayloadError};

/// Why an event has no type; `None` if it has one.
pub(crate) fn problem(event: &Result<&Event, PayloadError>) -> Option<String> {
    match event {
        Ok(Event::Unknown(_)) => Some("this version does not know the name".to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}
