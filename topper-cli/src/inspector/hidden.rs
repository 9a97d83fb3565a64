//! What may be a credential of the user, so that the page does not show it.

use std::borrow::Cow;

use topper_core::protocol::SIGNATURE_HEADER;

/// Whether the value of a header or of a query's parameter may be a credential.
pub(super) fn is_hidden(name: &str) -> bool {
    const PARTS: [&str; 11] = [
        "authorization",
        "cookie",
        "token",
        "secret",
        "password",
        "passwd",
        "apikey",
        "api-key",
        "api_key",
        "credential",
        "session",
    ];
    const WORDS: [&str; 3] = ["key", "auth", "jwt"];
    if name.eq_ignore_ascii_case(SIGNATURE_HEADER) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    PARTS.iter().any(|part| name.contains(part)) || words.any(|word| WORDS.contains(&word))
}

/// In place of what is hidden.
pub(super) const MARK: char = '…';

/// Path and query, with [`MARK`] for values that may be credentials.
pub(super) fn path(path: &str) -> Cow<'_, str> {
    let Some((before, query)) = path.split_once('?') else { return path.into() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if is_hidden(name) && !value.is_empty() => format!("{name}={MARK}"),
        _ => pair.to_owned(),
    });
    format!("{before}?{}", pairs.collect::<Vec<_>>().join("&")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_credentials_in_a_query() {
        for (given, shown) in [
            ("/a/token=1", "/a/token=1"),
            ("/a?b=c&d", "/a?b=c&d"),
            ("/a?access_token=hunter2&b=c", "/a?access_token=…&b=c"),
            ("/a?key=hunter2=hunter2&key=hunter2", "/a?key=…&key=…"),
            ("/a?secret=&token", "/a?secret=&token"),
        ] {
            assert_eq!(path(given), shown);
        }
    }
}
