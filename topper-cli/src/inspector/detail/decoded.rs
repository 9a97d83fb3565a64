//! The event in a body, field by field.

use serde_json::{Value, json};
use topper_core::Envelope;

use crate::{decoding::Decoded, inspector::kept::cut};

/// The most bytes of a body that is decoded; far over any event.
const MOST_BODY: usize = 1024 * 1024;
/// The most fields that are shown.
const MOST_FIELDS: usize = 2000;
/// The most bytes of all paths and values that are shown.
const MOST_BYTES: usize = 512 * 1024;
/// The most bytes of one path or value.
const MOST_VALUE: usize = 16 * 1024;

pub(super) fn of(body: &[u8]) -> Value {
    let envelope = (body.len() <= MOST_BODY).then(|| Envelope::from_json(body));
    let Some(Ok(envelope)) = envelope else { return Value::Null };
    let decoded = Decoded::new(&envelope, body);
    let event = envelope.event();
    let event = event.as_ref().ok();
    let (fields, is_cut) = fields(&decoded);
    json!({
        "known": decoded.is_known(),
        "reason": decoded.problem(),
        "flow": event.and_then(|event| event.flow()).map(|flow| flow.as_str().to_owned()),
        "ends": event.is_some_and(|event| event.is_terminal()),
        "fields": fields,
        "cut": is_cut,
    })
}

fn fields(decoded: &Decoded) -> (Vec<Value>, bool) {
    let (mut fields, mut bytes) = (Vec::new(), 0);
    for (mut path, mut value, is_known) in decoded.fields() {
        if fields.len() == MOST_FIELDS || bytes > MOST_BYTES {
            return (fields, true);
        }
        cut(&mut path, MOST_VALUE);
        cut(&mut value, MOST_VALUE);
        bytes += path.len() + value.len();
        fields.push(json!({"path": path, "value": value, "known": is_known}));
    }
    (fields, decoded.is_cut())
}
