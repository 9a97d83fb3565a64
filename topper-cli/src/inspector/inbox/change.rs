//! Retrying and burying from the page.

use std::{fmt, sync::Arc};

use hyper::{Request, StatusCode, body::Incoming};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;
use topper_store::inbox::{Change, EventFilter, EventState, InboxStore as _};

use super::{ANSWER_TIME, Place, in_time};
use crate::{
    inspector::{
        Inspector, Source,
        response::{Answer, Refusal, Result, json as answer, read},
        row::row,
    },
    storing::refused::why_not,
};

/// More labels than have an event with the same id.
const MOST_LABELS: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    id: String,
    /// Needed if several webhooks have an event with this id.
    label: Option<String>,
    /// Whether to retry an event that is done, or was buried.
    #[serde(default)]
    again: bool,
}

/// Retries or buries one event, as the commands do.
pub(in crate::inspector) async fn change(
    inspector: &Arc<Inspector>,
    request: Request<Incoming>,
    change: Change,
) -> Result {
    let Source::Inbox(place) = &inspector.source else {
        return Err(Refusal::not_found("these deliveries are not from an inbox"));
    };
    if !place.may_change() {
        return Err(Refusal::forbidden(
            "events are only shown; to retry and bury them, start `topper inspect` with --allow-retry",
        ));
    }
    let asked: Asked = read(request).await?;
    change_one(place, inspector, &asked, change).await
}

async fn change_one(
    place: &Place,
    inspector: &Inspector,
    asked: &Asked,
    change: Change,
) -> Result<Answer> {
    let mut seen = place.seen.lock().await;
    let label = place.options.label.clone().or_else(|| asked.label.clone());
    if asked.label.is_some() && label != asked.label {
        return Err(Refusal::conflict("only events of the label of --label are shown"));
    }
    let mut filter = EventFilter { id: Some(asked.id.clone()), label, ..EventFilter::default() };
    let found = place.list(&filter, 0, MOST_LABELS).await.map_err(failed)?;
    let (place_in_store, state) = match found.as_slice() {
        [stored] => (stored.row, stored.state),
        [] => {
            return Err(Refusal::not_found(reason(&filter, change, place).await?));
        }
        _ => {
            let error = "several webhooks have an event with this id; add its `label`";
            return Err(Refusal::conflict(error));
        }
    };
    // What the commands ask for with --state.
    if change == Change::Retry && matches!(state, EventState::Done | EventState::Buried) {
        if !asked.again {
            return Err(Refusal::conflict(match state {
                EventState::Done => {
                    "it is done; add `\"again\": true` to process it again: the handler has already \
                     processed it"
                }
                _ => "it is buried; add `\"again\": true` to bring it back",
            }));
        }
        filter.state = Some(state);
    }
    let changed = in_time(place.inbox.store().change(&filter, change, 0, 1)).await;
    if changed.map_err(failed)?.count == 0 {
        return Err(Refusal::conflict(match filter.state {
            Some(_) => "its state has just changed; look at it again",
            None => reason(&filter, change, place).await?,
        }));
    }
    let after = EventFilter { state: None, ..filter };
    let stored = place.list(&after, place_in_store - 1, 1).await.map_err(failed)?.pop();
    let stored = stored.ok_or_else(|| Refusal::not_found("it has just been purged"))?;
    let number = match seen.number(place_in_store) {
        Some(number) => seen.see(place, inspector, stored).unwrap_or(number),
        None => seen.add(place, inspector, stored),
    };
    let kept = inspector.deliveries().get(number);
    let kept = kept.ok_or_else(|| Refusal::not_found("it is no longer in the list"))?;
    Ok(answer(&json!({"row": row(number, &kept)})))
}

/// Why it is not changed, in the words of the commands.
async fn reason(filter: &EventFilter, change: Change, place: &Place) -> Result<&'static str> {
    match timeout(ANSWER_TIME, why_not(filter, change, &place.inbox)).await {
        Ok(reason) => reason.map_err(failed),
        Err(_) => Err(failed("the store does not answer")),
    }
}

/// The store cannot be asked.
fn failed(error: impl fmt::Display) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error)
}
