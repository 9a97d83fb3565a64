//! What PostgreSQL's errors mean, by their SQLSTATE.

use std::borrow::Cow;

use crate::{StoreError, cause::Cause};

fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(|error| error.code())
}

/// The connection is of no use any more: the server has ended, or ends, or was replaced.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        // Connection exceptions, operator interventions such as a shutdown, and a server that has become
        // read-only, as after a failover.
        _ => code(error).is_some_and(|code| {
            code.starts_with("08") || code.starts_with("57P") || code == "25006"
        }),
    }
}

/// Another try at once may do: a serialization failure, or a deadlock.
pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| code == "40001" || code == "40P01")
}

/// A row was locked for longer than is waited.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| code == "55P03")
}

/// A prepared statement is not on this connection, or of another client: a pooler is between.
pub(super) fn is_pooled(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| code == "26000" || code == "42P05")
}

/// For the caller of a step. sqlx ends the server's message with a line number of the server's source,
/// which says nothing to a user, so the message is written without it.
pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    match error.as_database_error() {
        Some(database) => StoreError::new(Answered {
            message: database.message().to_owned(),
            code: database.code().unwrap_or_default().into_owned(),
        }),
        None => StoreError::new(error),
    }
}

/// The server's answer to a statement.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL answered: {message} (SQLSTATE {code})")]
struct Answered {
    message: String,
    code: String,
}

/// The server's own refusal of a connection.
pub(super) fn refusal(error: &sqlx::Error) -> Option<Cause> {
    let sqlx::Error::Database(database) = error else { return None };
    let code = code(error).unwrap_or_default();
    let (advice, is_passing) = match &*code {
        "28P01" | "28000" => ("check the user, the password, and pg_hba.conf", false),
        "3D000" => ("create the database, or correct its name in the URL", false),
        "53300" => (
            "raise the connection limit, or run fewer programs; a receiver uses 4 connections",
            true,
        ),
        "57P03" | "57P01" | "57P02" => ("wait until it has started", true),
        // PgBouncer's word for all that it refuses.
        "08P01" if database.message().contains("startup parameter") => {
            ("remove that parameter from the URL; a pooler does not accept it", false)
        }
        "42501" => ("grant the user that right", false),
        _ => ("see the server's log", true),
    };
    let answer = format!("{} (SQLSTATE {code})", database.message());
    Some(Cause::Refusal { answer, advice, is_passing })
}

#[cfg(test)]
mod tests;
