//! A URL in a message.

use topper_core::internal::Escaped;

/// Without what may be secret: user information, query and fragment.
///
/// It works on the text, since a URL that cannot be parsed is shown too.
pub(crate) fn shown(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = url.get(..end).unwrap_or_default();
    // A user's name or password may contain any character, a slash too, where it is not a valid URL.
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            (format!("{scheme}://"), rest)
        }
        _ => (String::new(), url),
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    format!("{scheme}{}", Escaped(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_user_information_query_and_fragment() {
        for (url, expected) in [
            ("https://host:8443/path", "https://host:8443/path"),
            ("http://user:word@host/path?token=secret#secret", "http://host/path"),
            ("http://user:wo/rd@host/", "http://host/"),
            ("http://user:p://word@host/", "http://host/"),
            ("user:word@host", "host"),
            ("user:x://word@host", "host"),
            ("nonsense", "nonsense"),
            ("", ""),
        ] {
            assert_eq!(shown(url), expected);
        }
    }
}
