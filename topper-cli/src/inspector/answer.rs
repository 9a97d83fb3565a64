//! What the listener answers, and what Topper would do after it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use topper_core::{
    Fate,
    protocol::{MAX_RETRIES, RETRY_WINDOW, TIMEOUT},
};
use topper_testkit::retry_schedule;

use super::{
    Inspector,
    response::{Answer, Refusal, Result, json as answer},
    row,
};
use crate::answers::{Answers, Setting};

const MOST_DELAY: i64 = 60_000;
const MOST_COUNT: i64 = 1_000_000;
/// What rounds to the nearest second.
const HALF: Duration = Duration::from_millis(500);
/// What the listener answers to an event on its own.
const OWN: u16 = 200;

/// The setting as the page sends it: whole numbers of any size, so that the error says the range.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    status: Option<i64>,
    #[serde(default)]
    delay_ms: i64,
    #[serde(default)]
    silent: bool,
    count: Option<i64>,
}

pub(super) fn get(inspector: &Inspector) -> Result {
    Ok(shown(answers(inspector)?))
}

pub(super) fn put(inspector: &Inspector, wanted: &Wanted) -> Result {
    let answers = answers(inspector)?;
    answers.set(wanted.setting()?);
    Ok(shown(answers))
}

pub(super) fn answers(inspector: &Inspector) -> Result<&Answers> {
    inspector.answers.as_deref().ok_or_else(|| {
        Refusal::forbidden("only `topper listen` without --forward-to can answer otherwise")
    })
}

impl Wanted {
    fn setting(&self) -> Result<Setting> {
        let status = match self.status.map(|status| (u16::try_from(status), status)) {
            None => None,
            Some((Ok(status), 200..=599)) => Some(status),
            Some(_) => {
                return Err(Refusal::bad("`status` is from 200 to 599, or null for the usual one"));
            }
        };
        let delay = match u64::try_from(self.delay_ms) {
            Ok(delay) if self.delay_ms <= MOST_DELAY => Duration::from_millis(delay),
            _ => return Err(Refusal::bad(format_args!("`delay_ms` is from 0 to {MOST_DELAY}"))),
        };
        let count = match self.count.map(|count| (u64::try_from(count), count)) {
            None => None,
            Some((Ok(count), 1..=MOST_COUNT)) => Some(count),
            Some(_) => {
                let error =
                    format!("`count` is from 1 to {MOST_COUNT}, or null for all deliveries");
                return Err(Refusal::bad(error));
            }
        };
        Ok(Setting { status, delay, is_silent: self.silent, count })
    }
}

fn shown(answers: &Answers) -> Answer {
    let setting = answers.get();
    answer(&json!({
        "status": setting.status,
        "delay_ms": u64::try_from(setting.delay.as_millis()).unwrap_or(u64::MAX),
        "silent": setting.is_silent,
        "count": setting.count,
        "schedule": schedule(&setting, answers.first()),
    }))
}

/// What Topper does with an event whose attempts all get this answer; after the last delivery that it
/// is for, they get the first setting again.
fn schedule(setting: &Setting, first: &Setting) -> Value {
    let fate = setting.fate(OWN);
    let mut most = usize::MAX;
    if fate != Fate::Retried {
        most = 1;
    } else if let Some(count) = setting.count
        && first.fate(OWN) != Fate::Retried
    {
        most = usize::try_from(count).unwrap_or(usize::MAX).saturating_add(1);
    }
    let attempts: Vec<Value> = (1..)
        .zip(retry_schedule())
        .take(most)
        .map(|(number, after): (u32, Duration)| {
            json!({"number": number, "after_s": (after + HALF).as_secs()})
        })
        .collect();
    json!({"fate": row::fate(fate), "text": text(setting, first, attempts.len()), "attempts": attempts})
}

fn text(setting: &Setting, first: &Setting, attempts: usize) -> String {
    let hours = RETRY_WINDOW.as_secs() / 3600;
    let why = if setting.is_in_time() {
        format!("After {}, ", setting.status.unwrap_or(OWN))
    } else {
        format!("No answer within {} s: ", TIMEOUT.as_secs())
    };
    let then = match setting.fate(OWN) {
        Fate::Delivered => {
            "Topper counts the event as delivered, and does not send it again.".into()
        }
        Fate::Lost => "Topper does not send the event again: it is lost.".into(),
        Fate::Retried => {
            let ends_sooner = attempts <= usize::try_from(MAX_RETRIES).unwrap_or(usize::MAX);
            let end = if ends_sooner {
                let last = first.status.unwrap_or(OWN);
                format!("Retry {} gets {last}, which is final", attempts.saturating_sub(1))
            } else {
                format!(
                    "It retries up to {MAX_RETRIES} times in about {hours} hours, and then gives up: \
                     the event is lost"
                )
            };
            format!(
                "Topper retries the event. {end}. The exact schedule is not published: these times \
                 are approximate."
            )
        }
    };
    format!("{why}{then}")
}
