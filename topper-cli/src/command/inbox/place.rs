//! The URL of the inbox.

use topper_core::internal::{Escaped, WithCauses};
use topper_store::{Inbox, StoreError};

use crate::{failure::Failure, keys};

/// The receivers read it, too.
const URL_VARIABLE: &str = "TOPPER_STORE_URL";

/// The URL that was given, or that of the environment.
pub(super) fn url(given: Option<String>) -> Result<String, Failure> {
    let url = match given {
        Some(url) => Some(url),
        None => keys::variable(URL_VARIABLE)?,
    };
    let url = url.ok_or_else(|| {
        Failure::Input(format!(
            "no store: give its URL with --store, or set the environment variable {URL_VARIABLE}"
        ))
    })?;
    let (scheme, rest) = url.trim().split_once(':').unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "memory" => Err(Failure::Input(
            "an inbox in memory exists only inside its own program; give the URL of the store that \
             the receivers share, sqlite:// or postgres://"
                .to_owned(),
        )),
        // A file that was made for a misspelt name would look like an inbox without events.
        "sqlite" => Ok(match rest.split_once('?') {
            None => format!("{scheme}:{rest}?mode=rw"),
            Some((_, query)) if query.split('&').any(|pair| pair.starts_with("mode=")) => url,
            Some(("", _)) | Some((_, "")) => format!("{scheme}:{rest}mode=rw"),
            Some(_) => format!("{scheme}:{rest}&mode=rw"),
        }),
        _ => Ok(url),
    }
}

pub(super) async fn open(url: &str) -> Result<Inbox, Failure> {
    Inbox::open(url).await.map_err(|error| {
        if WithCauses(&error).to_string().contains("unable to open database file") {
            return Failure::Input(
                "SQLite cannot open the file of this URL: does the receiver use the same URL, and may \
                 this program write to the file? `topper inbox` does not create a file"
                    .to_owned(),
            );
        }
        failure(error)
    })
}

/// An error of the store. It may contain words of a server, which must not move the cursor.
pub(super) fn failure(error: StoreError) -> Failure {
    Failure::Input(Escaped(&WithCauses(&error).to_string()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn creates_no_sqlite_file_by_default() {
        for (given, expected) in [
            ("sqlite://a.db", "sqlite://a.db?mode=rw"),
            (" sqlite:a.db ", "sqlite:a.db?mode=rw"),
            ("sqlite://a.db?", "sqlite://a.db?mode=rw"),
            ("sqlite://a.db?x=1", "sqlite://a.db?x=1&mode=rw"),
            ("sqlite://a.db?mode=rwc", "sqlite://a.db?mode=rwc"),
            ("postgres://host/a?mode=x", "postgres://host/a?mode=x"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(url(Some(given.to_owned())).unwrap(), expected);
        }
        assert!(url(Some("memory:".to_owned())).is_err());
    }
}
