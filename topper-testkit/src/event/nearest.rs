//! The path in an event that is most similar to a misspelt one.

use serde_json::Value;
use topper_core::internal::distance;

/// The path in `root` that is spelt most like `path`; `None` if there is no path at all.
///
/// A path that only lacks its beginning, such as `origin.amount`, is completed.
pub(super) fn nearest(root: &Value, path: &str) -> Option<String> {
    let end = format!(".{path}");
    let mut all = Vec::new();
    collect(root, "", &mut all);
    all.into_iter().min_by_key(|other| (!other.ends_with(&end), distance(path, other)))
}

/// The paths of all fields and elements.
fn collect(value: &Value, path: &str, into: &mut Vec<String>) {
    let mut next = |name: &str, value: &Value| {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        into.push(path.clone());
        collect(value, &path, into);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| next(name, value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| next(&index.to_string(), value));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use topper_core::EventName;

    use super::*;
    use crate::EventBuilder;

    #[test]
    fn finds_the_path_that_was_meant() {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
        for (path, meant) in [
            ("data.orign.amount", "data.origin.amount"),
            ("data.origin.ammount", "data.origin.amount"),
            ("data.updatedat", "data.updatedAt"),
            ("data.updated_at", "data.updatedAt"),
            ("data.fees.7.amount", "data.fees.0.amount"),
            ("data.destination.ledger.txId", "data.destination.ledger.txid"),
            ("bootstrap_token_id", "bootstrapTokenId"),
            ("origin.amount", "data.origin.amount"),
            ("status", "data.status"),
            ("txid", "data.destination.ledger.txid"),
        ] {
            assert_eq!(nearest(event.value(), path).as_deref(), Some(meant), "{path}");
        }
    }

    #[test]
    fn finds_nothing_where_there_is_nothing() {
        assert_eq!(nearest(&serde_json::json!({}), "data.id"), None);
    }
}
