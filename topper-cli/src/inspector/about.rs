//! Where the deliveries come from, and what can be done.

use std::{path::PathBuf, sync::OnceLock};

use serde_json::{Value, json};

use super::{
    Inspector, inbox,
    kept::MOST,
    response::{Answer, json as answer},
};
use crate::delivering::shown;

/// Where the deliveries come from.
pub(crate) enum Source {
    Listen {
        /// The listener's own URL.
        url: String,
        /// Where it forwards to, as given.
        forward_to: Option<String>,
        /// The file of --ca.
        ca: Option<PathBuf>,
    },
    File {
        name: String,
        /// Lines that are not deliveries, once the file is read: their numbers, and why.
        skipped: OnceLock<Vec<(usize, String)>>,
    },
    Inbox(Box<inbox::Place>),
}

impl Source {
    /// What may be sent to, wherever it is.
    pub(super) fn forward_to(&self) -> Option<&str> {
        match self {
            Self::Listen { forward_to, .. } => forward_to.as_deref(),
            _ => None,
        }
    }

    /// A certificate authority to trust, too.
    pub(super) fn ca(&self) -> Option<&PathBuf> {
        match self {
            Self::Listen { ca, .. } => ca.as_ref(),
            _ => None,
        }
    }
}

pub(super) fn about(inspector: &Inspector) -> Answer {
    let keys = inspector.verifier.keys();
    let keys: Vec<&str> = keys.iter().map(|key| key.id()).collect();
    let (source, skipped) = match &inspector.source {
        Source::Listen { url, forward_to, .. } => {
            let forward_to = forward_to.as_deref().map(shown);
            (json!({"kind": "listen", "name": url, "url": url, "forward_to": forward_to}), None)
        }
        Source::File { name, skipped } => {
            (json!({"kind": "file", "name": name, "url": null, "forward_to": null}), skipped.get())
        }
        Source::Inbox(place) => {
            (json!({"kind": "inbox", "name": place.name(), "url": null, "forward_to": null}), None)
        }
    };
    let skipped: Vec<Value> = skipped
        .into_iter()
        .flatten()
        .map(|(line, reason)| json!({"line": line, "reason": reason}))
        .collect();
    let (may_retry, problem) = match &inspector.source {
        Source::Inbox(place) => (place.may_change(), place.problem()),
        _ => (false, None),
    };
    answer(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "source": source,
        "keys": keys,
        "signing_key": inspector.key.key_id(),
        "can": {
            "answer": inspector.answers.is_some(),
            "replay": true,
            "send": true,
            "retry": may_retry,
        },
        "problem": problem,
        "most": MOST,
        "dropped": inspector.deliveries().dropped(),
        "skipped": skipped,
    }))
}
