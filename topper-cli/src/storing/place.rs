//! The URL of the inbox.

use std::time::Duration;

use tokio::time::timeout;
use topper_core::internal::{Escaped, WithCauses};
use topper_store::{
    Inbox, StoreError,
    sqlx::{self, Connection as _, postgres::PgConnection, sqlite::SqliteConnection},
};

use crate::{failure::Failure, keys};

/// How long the tables are looked for.
const LOOK_TIME: Duration = Duration::from_secs(5);
/// The receivers read it, too.
pub(crate) const URL_VARIABLE: &str = "TOPPER_STORE_URL";

/// The URL that was given, or that of the environment.
pub(crate) fn url(given: Option<String>) -> Result<String, Failure> {
    let url = match given {
        Some(url) => Some(url),
        None => of_environment()?,
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

/// The URL of the environment, if there is one.
pub(crate) fn of_environment() -> Result<Option<String>, Failure> {
    keys::variable(URL_VARIABLE)
}

pub(crate) async fn open(url: &str) -> Result<Inbox, Failure> {
    Inbox::open(url).await.map_err(|error| {
        if WithCauses(&error).to_string().contains("unable to open database file") {
            return Failure::Input(
                "SQLite cannot open the file of this URL: does the receiver use the same URL, and may \
                 this program write to the file? A missing file is not created"
                    .to_owned(),
            );
        }
        failure(error)
    })
}

/// Opens an inbox whose tables a receiver has made; makes none.
pub(crate) async fn open_existing(url: &str) -> Result<Inbox, Failure> {
    // A file is not made either.
    let url = &match url.split_once('?') {
        Some((file, query)) if url.trim().to_ascii_lowercase().starts_with("sqlite:") => {
            format!("{file}?{}", query.replace("mode=rwc", "mode=rw"))
        }
        _ => url.to_owned(),
    };
    let scheme = url.trim().split(':').next().unwrap_or_default().to_ascii_lowercase();
    let looked = match scheme.as_str() {
        "sqlite" => timeout(LOOK_TIME, is_in_file(url.trim())).await,
        "postgres" | "postgresql" => timeout(LOOK_TIME, is_in_database(url.trim())).await,
        _ => return open(url).await,
    };
    // Where it cannot look, because there is no file or no server, opening says so in better words.
    if let Ok(Ok(false)) = looked {
        return Err(Failure::Input(
            "there is no inbox in this database: it has no table topper_inbox. Does the receiver use the \
             same URL, and has it been started? A receiver that uses an inbox makes the tables"
                .to_owned(),
        ));
    }
    open(url).await
}

async fn is_in_file(url: &str) -> Result<bool, sqlx::Error> {
    let mut connection = SqliteConnection::connect(url).await?;
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = 'topper_inbox'")
            .fetch_one(&mut connection)
            .await?;
    connection.close().await?;
    Ok(count > 0)
}

async fn is_in_database(url: &str) -> Result<bool, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let is_there = sqlx::query_scalar("SELECT to_regclass('topper_inbox') IS NOT NULL")
        .persistent(false)
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(is_there)
}

/// An error of the store. It may contain words of a server, which must not move the cursor.
pub(crate) fn failure(error: StoreError) -> Failure {
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
