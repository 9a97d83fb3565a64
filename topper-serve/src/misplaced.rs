//! Deliveries to a path where there is no webhook.
//!
//! Topper never retries after 404 or 405. So a mistyped URL or a changed router would silently lose
//! every event.

use std::net::IpAddr;

use topper_core::{Error, Reply, RequestHead, internal::Short, protocol::SIGNATURE_HEADER};

/// Whether a request has Topper's signature header. The signature is not checked.
pub fn is_signed(head: &(impl RequestHead + ?Sized)) -> bool {
    head.header(SIGNATURE_HEADER).next().is_some()
}

/// Whether a status means that there is no such route, after which Topper would not retry.
pub fn is_lost(status: u16) -> bool {
    matches!(status, 404 | 405)
}

/// The same path and query with the slash at the end of the path removed, or added if there is none.
pub fn other_slash(path_and_query: &str) -> Option<String> {
    let (path, query) = path_and_query
        .find('?')
        .and_then(|at| path_and_query.split_at_checked(at))
        .unwrap_or((path_and_query, ""));
    match path.strip_suffix('/') {
        Some("") => None,
        Some(without) => Some(format!("{without}{query}")),
        None if path.starts_with('/') => Some(format!("{path}/{query}")),
        None => None,
    }
}

/// The reply to a delivery to a path where there is no webhook, after which Topper retries. It is
/// logged as an error, with the path.
pub fn not_configured(peer: Option<IpAddr>, method: &str, path: &str) -> Reply {
    let (method, path) = (Short(method), Short(path));
    let hint = format!(
        "a delivery arrived at {method} {path}, where there is no webhook: check the webhook's URL at Topper"
    );
    Error::not_configured(peer, &hint).reply()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_slash_away_or_adds_it() {
        for (one, another) in [
            ("/webhooks/topper/", "/webhooks/topper"),
            ("/webhooks/topper", "/webhooks/topper/"),
            ("/a/?b=/", "/a?b=/"),
            ("/a?b", "/a/?b"),
            ("/a//", "/a/"),
            ("//", "/"),
        ] {
            assert_eq!(other_slash(one).as_deref(), Some(another), "{one}");
        }
        for none in ["/", "*", "", "/?a/"] {
            assert_eq!(other_slash(none), None, "{none}");
        }
    }

    #[test]
    fn is_retried_by_topper() {
        assert!(not_configured(None, "POST", "/\n").is_retried());
    }
}
