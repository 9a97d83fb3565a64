//! The inbox of a store as the source of the deliveries.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex as AsyncMutex, time::timeout};
use topper_core::{KeySet, internal::Escaped};
use topper_store::{
    Inbox,
    inbox::{EventFilter, InboxStore as _, StoredEvent},
};
use topper_testkit::TestKey;

use super::{Inspector, Source, stream};
use crate::{delivering::shown, failure::Failure, keys, storing::place};

mod change;
mod follow;
mod load;
mod page;
mod row;
mod seen;

pub(super) use change::change;

use load::{keys_of, newest};
use seen::Seen;

/// Events that are read at once: their bodies come with them.
const PORTION: usize = 200;
/// How long a store may take for one answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// The options of an inbox.
#[derive(clap::Args)]
#[command(next_help_heading = "Inbox")]
pub(crate) struct InboxOptions {
    /// Only events of the webhook with this label
    #[arg(long)]
    label: Option<String>,
    /// Allow the page to retry and to bury events, as `topper inbox retry` and `bury` do
    #[arg(long)]
    allow_retry: bool,
}

impl InboxOptions {
    /// An option that is given, and has no meaning without an inbox.
    pub(crate) fn given(&self) -> Option<&'static str> {
        if self.allow_retry {
            return Some("--allow-retry");
        }
        self.label.as_ref().map(|_| "--label")
    }
}

/// The inbox, and what is known about its events.
pub(crate) struct Place {
    /// Its URL, without secrets.
    name: String,
    inbox: Inbox,
    options: InboxOptions,
    /// Those that were given. Without any, each event is verified with its own.
    keys: Option<KeySet>,
    /// Why the store cannot be read at present.
    problem: Mutex<Option<String>>,
    /// Held while events are read or changed, so that what is read first is shown first.
    seen: AsyncMutex<Seen>,
}

/// Opens the inbox at a URL, or at that of the environment. The future reads it, and follows it until the inspector ends.
///
/// Without `keys`, each event is verified with the key under which it was accepted.
pub(crate) async fn open(
    url: Option<String>,
    options: InboxOptions,
    keys: Option<KeySet>,
    key: TestKey,
) -> Result<(Arc<Inspector>, impl Future<Output = ()> + Send + use<>), Failure> {
    let url = place::url(url)?;
    let name = name(url.trim());
    let inbox = place::open_existing(&url).await?;
    let place = Place {
        name,
        inbox,
        options,
        keys: keys.clone(),
        problem: Mutex::default(),
        seen: AsyncMutex::default(),
    };
    let last = newest(&place).await.map_err(Failure::Input)?;
    let keys = match keys {
        Some(keys) => keys,
        None => keys_of(&place, last, &key).await.map_err(Failure::Input)?,
    };
    let verifier = keys::verifier(keys)?;
    let inspector = Arc::new(Inspector::new(Source::Inbox(Box::new(place)), verifier, key, None));
    let following = follow::follow(Arc::clone(&inspector), last);
    Ok((inspector, following))
}

/// Without what may be secret.
fn name(url: &str) -> String {
    let (scheme, rest) = url.split_once(':').unwrap_or_default();
    if scheme.eq_ignore_ascii_case("sqlite") {
        // The path of a file, in which an `@` is nothing special.
        let path = rest.split('?').next().unwrap_or_default();
        return format!("{scheme}:{}", Escaped(path));
    }
    shown(url)
}

impl Place {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the page may retry and bury events.
    pub(super) fn may_change(&self) -> bool {
        self.options.allow_retry
    }

    pub(super) fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers a problem, or its end, and shows it.
    fn set_problem(&self, problem: Option<&str>, inspector: &Inspector) {
        let mut now = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        if now.as_deref() != problem {
            let _ = inspector.messages.send(stream::of_problem(problem));
            *now = problem.map(str::to_owned);
        }
    }

    /// All that may be shown.
    fn filter(&self) -> EventFilter {
        EventFilter { label: self.options.label.clone(), ..EventFilter::default() }
    }

    fn shows(&self, label: &str) -> bool {
        self.options.label.as_deref().is_none_or(|shown| shown == label)
    }

    async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, String> {
        in_time(self.inbox.store().list(filter, after, most)).await
    }
}

/// An answer of the store, or why there is none.
async fn in_time<T>(
    answer: impl Future<Output = Result<T, topper_store::StoreError>>,
) -> Result<T, String> {
    match timeout(ANSWER_TIME, answer).await {
        Ok(answer) => answer.map_err(|error| place::failure(error).to_string()),
        Err(_) => Err(format!("the store does not answer within {} s", ANSWER_TIME.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_store_without_what_may_be_secret() {
        for (url, expected) in [
            ("sqlite://a@b.db?mode=rw", "sqlite://a@b.db"),
            ("sqlite:a.db", "sqlite:a.db"),
            ("postgres://user:word@host,other:5433/a?sslcert=b", "postgres://host,other:5433/a"),
        ] {
            assert_eq!(name(url), expected);
        }
    }
}
