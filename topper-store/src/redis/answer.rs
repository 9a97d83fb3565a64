//! What a server's errors mean.

use std::{error::Error, sync::Arc};

use redis::{ErrorKind, RedisError, ServerError};

use super::url::Address;
use crate::{StoreError, cause::Cause};

/// Why there is no answer to a command.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server answers with an error.
    Answer(ServerError),
    TooSlow,
    /// The connection ended.
    Broken(Cause),
}

/// What to do about a server's error.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This server does not do it, or not now: find out which does.
    NotHere,
    /// The node of a cluster that has the slot.
    Moved {
        slot: u16,
        to: Address,
    },
    /// The node of a cluster that a slot is moving to.
    Asked(Address),
    /// The server will do it, but not at this moment.
    Later,
    Final,
}

pub(super) fn meaning(error: &ServerError, from: &Address) -> Meaning {
    match error.code() {
        "READONLY" | "MASTERDOWN" | "LOADING" | "NOAUTH" | "UNBLOCKED" => Meaning::NotHere,
        "CLUSTERDOWN" | "TRYAGAIN" => Meaning::Later,
        "MOVED" => match redirection(error, from) {
            Some((slot, to)) => Meaning::Moved { slot, to },
            None => Meaning::NotHere,
        },
        "ASK" => match redirection(error, from) {
            Some((_, to)) => Meaning::Asked(to),
            None => Meaning::NotHere,
        },
        _ => Meaning::Final,
    }
}

/// Of `MOVED 3999 127.0.0.1:6381`. Without a host it is the one that was asked.
fn redirection(error: &ServerError, from: &Address) -> Option<(u16, Address)> {
    let (slot, to) = error.details()?.split_once(' ')?;
    let (host, port) = to.trim().rsplit_once(':')?;
    let host = host.trim_matches(['[', ']']);
    let host = if host.is_empty() || host == "?" { &from.host } else { host };
    Some((slot.parse().ok()?, Address { host: host.to_owned(), port: port.parse().ok()? }))
}

impl Failure {
    pub(super) fn is(&self, code: &str) -> bool {
        matches!(self, Self::Answer(error) if error.code() == code)
    }

    pub(super) fn cause(self) -> Cause {
        match self {
            Self::Answer(error) => refusal(&error),
            Self::TooSlow => Cause::Other(
                "the server accepts connections, but did not answer within 2 s; it may be stuck, or busy \
                 with a slow command"
                    .to_owned(),
            ),
            Self::Broken(cause) => cause,
        }
    }
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self::Broken(broken(&error))
    }
}

pub(super) const NOT_REDIS: &str =
    "the server does not speak the Redis protocol; check the host and the port";

fn broken(error: &RedisError) -> Cause {
    if error.kind() == ErrorKind::Parse {
        return Cause::Unusable(NOT_REDIS.to_owned());
    }
    let inner =
        error.source().and_then(|source| source.downcast_ref::<Arc<dyn Error + Send + Sync>>());
    let found = match inner {
        Some(inner) => Cause::find(&**inner),
        None => Cause::find(error),
    };
    found.unwrap_or_else(|| match error.is_connection_dropped() {
        true => Cause::Closed,
        false => Cause::Other(one_line(&error.to_string())),
    })
}

/// The longest answer that is shown.
const MOST_SHOWN: usize = 160;

/// The words of an answer, without what would break a line of a log.
fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.trim().trim_end_matches('.');
    match line.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}...", line.split_at(end).0),
        None => line.to_owned(),
    }
}

fn words(error: &ServerError) -> String {
    match error.details() {
        Some(details) => one_line(&format!("{} {details}", error.code())),
        None => one_line(error.code()),
    }
}

pub(super) const REPLICA: &str = "it is a replica, which is read-only; use the address of the primary, or of the \
                                  Sentinels: redis+sentinel://host:26379/SERVICE/0";

/// Why a server cannot be used that answers a connection with this error.
pub(super) fn refusal(error: &ServerError) -> Cause {
    let details = error.details().unwrap_or_default();
    let advice = match error.code() {
        "READONLY" | "MASTERDOWN" => return Cause::Unusable(REPLICA.to_owned()),
        "LOADING" => "wait until the server has loaded its data",
        "CLUSTERDOWN" => "wait until each slot of the cluster has a primary; see `CLUSTER INFO`",
        "NOAUTH" => "add the password to the URL, as in redis://:password@host",
        "WRONGPASS" => "check the user and the password in the URL",
        "DENIED" => "set a password on the server, or `protected-mode no`",
        "NOPERM" if details.contains("'select'") => {
            "grant the user `+select`, or remove the number from the URL"
        }
        "NOPERM" => "grant the user this right",
        "OOM" => "raise the server's `maxmemory`, or remove keys",
        "MISCONF" => "check the disk and the log of the server",
        "NOREPLICAS" => "check the server's replicas, and its `min-replicas-to-write`",
        "ERR" if details.contains("max number of clients") => {
            "raise the server's `maxclients`, or close other connections"
        }
        "ERR" if details.contains("without any password configured") => {
            "remove the password from the URL"
        }
        "ERR" if details.contains("DB index") => {
            "the number at the end of the URL must be less than the server's `databases`"
        }
        "ERR" if details.contains("SELECT is not allowed in cluster") => {
            "a cluster has only database 0; remove the number from the URL"
        }
        _ => "see the server's log",
    };
    Cause::Refusal { answer: words(error), advice, is_passing: can_pass(error) }
}

/// Whether waiting helps when a server answers like that.
pub(super) fn can_pass(error: &ServerError) -> bool {
    matches!(error.code(), "READONLY" | "MASTERDOWN" | "LOADING" | "CLUSTERDOWN" | "TRYAGAIN")
        || error.details().is_some_and(|details| details.contains("max number of clients"))
}

/// An answer of the server at run time.
#[derive(Debug, thiserror::Error)]
#[error("the server answered: {0}")]
struct Refused(String);

/// For who asked for a step.
pub(super) fn store_error(error: &ServerError) -> StoreError {
    StoreError::new(Refused(words(error)))
}

#[cfg(test)]
mod tests;
