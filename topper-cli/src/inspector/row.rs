//! A delivery in the list.

use serde_json::{Value, json};
use topper_core::Fate;

use super::{
    hidden,
    kept::{AnsweredBy, Kept, short},
};
use crate::{delivering::millis, memory::code};

pub(super) fn row(number: u64, kept: &Kept) -> Value {
    let (facts, answered) = (&kept.facts, kept.answered.as_ref());
    json!({
        "seq": number,
        "at": kept.at,
        "path": short(&hidden::path(&kept.path)),
        "name": facts.name,
        "id": facts.id,
        "order_id": facts.order_id,
        "verdict": facts.reply.code(),
        "valid": facts.is_valid,
        "status": answered.and_then(|it| it.status),
        "fate": kept.fate().map(fate),
        "answered_by": answered.map(|it| match (it.by, it.status) {
            (AnsweredBy::Endpoint, None) => "none",
            (AnsweredBy::Endpoint, _) => "endpoint",
            (AnsweredBy::Setting, _) => "setting",
            (AnsweredBy::Listener, _) => "listener",
        }),
        "elapsed_ms": answered.map(|it| millis(it.elapsed)),
        "bytes": kept.delivery.body.len(),
        "key": facts.key,
        "change": facts.change.map(code),
        "problem": facts.problem,
        "reason": facts.reason,
        "replay_of": kept.replay_of,
        "stored": kept.stored,
    })
}

pub(super) fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Delivered => "delivered",
        Fate::Retried => "retried",
        Fate::Lost => "lost",
    }
}
