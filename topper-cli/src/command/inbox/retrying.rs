//! `topper inbox list --retrying`

use std::time::{Duration, SystemTime};

use anstyle::Style;
use serde_json::json;
use topper_core::{internal::Escaped, protocol};
use topper_store::{AnyStore, Retrying};

use super::{
    place,
    stored::{ago, at, rfc3339},
    table::{Cell, Row, Table},
};
use crate::{
    console::{BAD, Console, FAINT, WARN},
    failure::{Failure, Verdict},
};

/// When Topper retries an event for only this much longer, the handler must be fixed soon.
const LITTLE: Duration = Duration::from_secs(1800);

/// Prints the events that `Once` has released, those that failed last first.
pub(super) async fn run(url: &str, most: u32, console: &mut Console) -> Result<Verdict, Failure> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let store = AnyStore::connect(url).await.map_err(place::failure)?;
    // One more than is shown shows whether there are more.
    let mut events = store.retrying(most.saturating_add(1)).await.map_err(place::failure)?;
    let is_more = events.len() > most;
    events.truncate(most);
    let mut table = Table::new(&["FIRST SEEN (UTC)", "LAST FAILED (UTC)", "ATTEMPTS", "ID"]);
    for event in &events {
        console.object(&json!({
            "label": event.key.label(),
            "id": event.key.id(),
            "first_seen_at": rfc3339(event.first_seen_at),
            "failed_at": rfc3339(event.failed_at),
            "attempts": event.attempts,
            "last_error": event.last_error,
        }))?;
        table.push(row(event));
    }
    if events.is_empty() {
        console.note("no events are being retried");
    } else {
        table.print(console)?;
    }
    if is_more {
        console.note(format_args!(
            "there are more events; the limit is {most}, change it with --limit"
        ));
    }
    Ok(Verdict::Yes)
}

fn row(event: &Retrying) -> Row {
    let (fate, style) = fate(event.first_seen_at);
    let error = Escaped(&event.last_error);
    Row {
        cells: vec![
            Cell(at(event.first_seen_at), FAINT),
            Cell(at(event.failed_at), FAINT),
            Cell::plain(format_args!("{:>8}", event.attempts)),
            Cell::plain(Escaped(event.key.id())),
        ],
        note: Some(Cell(format!("{fate}: {error}"), style)),
    }
}

/// What happens to it, by the time for which Topper retries an event.
fn fate(first_seen_at: SystemTime) -> (String, Style) {
    let age = SystemTime::now().duration_since(first_seen_at).unwrap_or_default();
    match protocol::RETRY_WINDOW.checked_sub(age) {
        None => ("lost, Topper no longer retries it".to_owned(), BAD),
        Some(left) if left <= LITTLE => ("about to be lost".to_owned(), WARN),
        Some(_) => (format!("first seen {}", ago(first_seen_at)), FAINT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_when_an_event_is_about_to_be_lost() {
        for (minutes, expected) in [
            (0, "first seen 0s ago"),
            (149, "first seen 2h 29m ago"),
            (151, "about to be lost"),
            (181, "lost, Topper no longer retries it"),
        ] {
            let first_seen_at = SystemTime::now() - Duration::from_secs(minutes * 60);
            assert_eq!(fate(first_seen_at).0, expected);
        }
    }
}
