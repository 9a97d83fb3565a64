//! Which events.

use std::time::SystemTime;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use topper_core::event::Timestamp;
use topper_store::inbox::{EventFilter, EventState};

/// The heading of these options.
pub(super) const WHICH: &str = "Which events";

#[derive(clap::Args)]
pub(super) struct Filter {
    /// Only events in this state
    #[arg(
        long,
        help_heading = WHICH,
        value_parser = PossibleValuesParser::new(EventState::ALL.iter().map(|state| state.as_str()))
            .try_map(|name| state(&name).ok_or("not a state")),
    )]
    pub(super) state: Option<EventState>,
    /// Only events with this name, such as order:crypto-onramp:completed
    #[arg(long, help_heading = WHICH)]
    name: Option<String>,
    /// Only events of the order with this id
    #[arg(long, help_heading = WHICH, value_name = "ID")]
    order: Option<String>,
    /// Only events of the webhook with this label
    #[arg(long, help_heading = WHICH)]
    label: Option<String>,
    /// Only events received since this time: 2h or 3d ago, or a time in RFC 3339
    #[arg(long, help_heading = WHICH, value_name = "TIME", value_parser = time)]
    since: Option<SystemTime>,
    /// Only events received before this time: 2h or 3d ago, or a time in RFC 3339
    #[arg(long, help_heading = WHICH, value_name = "TIME", value_parser = time)]
    until: Option<SystemTime>,
    /// Only events that have failed at least once
    #[arg(long, help_heading = WHICH)]
    failed: bool,
}

impl Filter {
    /// For the store.
    pub(super) fn events(&self) -> EventFilter {
        EventFilter {
            label: self.label.clone(),
            id: None,
            state: self.state,
            name: self.name.clone(),
            order_id: self.order.clone(),
            since: self.since,
            until: self.until,
            has_failed: self.failed,
        }
    }

    /// For the store: one for each id; without an id, one for all.
    pub(super) fn each(&self, ids: &[String]) -> Vec<EventFilter> {
        let all = self.events();
        if ids.is_empty() {
            return vec![all];
        }
        ids.iter().map(|id| EventFilter { id: Some(id.clone()), ..all.clone() }).collect()
    }

    /// Whether every event passes.
    pub(super) fn is_empty(&self) -> bool {
        self.events() == EventFilter::default()
    }
}

fn state(name: &str) -> Option<EventState> {
    EventState::ALL.iter().copied().find(|state| state.as_str() == name)
}

/// A time in RFC 3339, or how long ago.
fn time(text: &str) -> Result<SystemTime, &'static str> {
    const WRONG: &str = "it must look like 2h or 3d (ago), or like 2026-03-01T00:00:00Z";
    let text = text.trim();
    let ago = text.strip_suffix("ago").unwrap_or(text).trim_end();
    if let Ok(ago) = humantime::parse_duration(ago) {
        return SystemTime::now().checked_sub(ago).ok_or(WRONG);
    }
    // A day alone is its midnight, UTC.
    let day = format!("{text}T00:00:00Z");
    [text, &day].into_iter().find_map(|text| Timestamp::from(text).to_system_time()).ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reads_times_and_how_long_ago() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(time("2026-03-01T01:00:00+01:00"), Ok(at(1_772_323_200)));
        assert_eq!(time("2026-03-01"), Ok(at(1_772_323_200)));
        for text in ["2h", "2h ago", " 1h 60m "] {
            let time = time(text).unwrap();
            let ago = SystemTime::now().duration_since(time).unwrap();
            assert!(ago >= Duration::from_secs(7200) && ago < Duration::from_secs(7300), "{text}");
        }
        for text in ["", "soon", "2026-03-01T01:00:00", "2026-13-01", "-2h", "99999999999999y"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
