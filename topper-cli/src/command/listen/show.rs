//! A delivery, for people and for programs.

use std::error::Error as _;

use serde_json::{Value, json};
use topper_core::{Event, Fate, OrderChange, UnknownReason, Webhook};
use topper_testkit::Received;

use super::receiver::{Seen, rfc3339};
use crate::{
    console::{BAD, Console, FAINT, GOOD, STRONG, WARN, tame},
    delivering::{self, short},
    failure::Failure,
};

pub(super) fn show(
    seen: &Seen,
    with_body: bool,
    with_key: bool,
    console: &mut Console,
) -> Result<(), Failure> {
    if console.json {
        return console.object(&object(seen));
    }
    let style = match (&seen.verdict, seen.fate()) {
        (Err(_), _) | (_, Fate::Lost) => BAD,
        (_, Fate::Retried) => WARN,
        _ => GOOD,
    };
    let code = seen.reply.code();
    let status = seen.reply.status();
    // The clock's part of it.
    let at = rfc3339(seen.at);
    let at = at.get(11..19).unwrap_or_default();
    let name = match &seen.verdict {
        Ok(webhook) => tame(webhook.name()),
        Err(_) => format!("{} bytes", seen.delivery.body.len()),
    };
    let elapsed = short(seen.elapsed);
    console.line(format_args!(
        "{FAINT}{at}{FAINT:#} {style}{status} {code}{style:#}  {STRONG}{name}{STRONG:#}  \
         {FAINT}{elapsed}{FAINT:#}"
    ))?;
    for (label, text) in details(seen, with_key) {
        console.line(format_args!("{:9}{FAINT}{label:<9}{FAINT:#} {text}", ""))?;
    }
    if with_body {
        body(seen, console)?;
    }
    Ok(())
}

fn details(seen: &Seen, with_key: bool) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    match &seen.verdict {
        Ok(webhook) => {
            details.push(("event", tame(webhook.id())));
            if let Some(order_id) = webhook.event().order_id() {
                let change =
                    seen.order.as_ref().map_or(String::new(), |order| match order.change {
                        OrderChange::Advanced => "  advanced".to_owned(),
                        OrderChange::Stale => format!("  stale, behind {}", tame(&order.latest)),
                        _ => "  seen before".to_owned(),
                    });
                details.push(("order", format!("{}{change}", tame(order_id))));
            }
            if let Some(reason) = unknown(webhook) {
                details.push(("unknown", reason));
            }
            if with_key {
                details.push(("key", tame(webhook.key().id())));
            }
        }
        Err(error) => {
            let mut reason = error.to_string();
            if let Some(source) = error.source() {
                reason = format!("{reason}: {source}");
            }
            details.push(("reason", reason));
        }
    }
    if seen.path != "/" {
        details.push(("path", tame(&seen.path)));
    }
    if let Some(received) = &seen.forwarded {
        let what = match seen.fate() {
            Fate::Delivered => "delivered",
            Fate::Retried => "Topper would try again",
            Fate::Lost => "lost: Topper does not try again",
        };
        details.push(("endpoint", format!("{}, {what}", delivering::answer(received))));
    } else if seen.status != seen.reply.status() {
        details.push(("answered", seen.status.to_string()));
    }
    details
}

fn unknown(webhook: &Webhook) -> Option<String> {
    match webhook.event() {
        Event::Unknown(event) => Some(match event.reason() {
            UnknownReason::Name => "this version does not know the name".to_owned(),
            UnknownReason::Data(misfit) => misfit.to_string(),
            _ => String::new(),
        }),
        _ => None,
    }
}

/// The body as indented JSON; nothing of one that is not verified.
fn body(seen: &Seen, console: &mut Console) -> Result<(), Failure> {
    if let Ok(webhook) = &seen.verdict {
        let text = String::from_utf8_lossy(webhook.body());
        for line in crate::reformat::pretty(&text, "  ").lines() {
            // Within strings JSON has no raw control characters, save DEL and C1.
            let line: String = line.chars().filter(|c| !c.is_control()).collect();
            console.line(format_args!("{:9}{line}", ""))?;
        }
    }
    Ok(())
}

fn object(seen: &Seen) -> Value {
    let mut object = json!({
        "received_at": rfc3339(seen.at),
        "path": seen.path,
        "bytes": seen.delivery.body.len(),
        "verdict": seen.reply.code(),
        "answered": seen.status,
        "elapsed_ms": delivering::millis(seen.elapsed),
    });
    let mut set = |member: &str, value: Value| {
        if let Some(members) = object.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
    };
    match &seen.verdict {
        Ok(webhook) => {
            set("name", webhook.name().into());
            set("id", webhook.id().into());
            set("order_id", webhook.event().order_id().into());
            set("key", webhook.key().id().into());
            set("known", webhook.event().known_name().is_some().into());
            let change = seen.order.as_ref().map(|order| match order.change {
                OrderChange::Advanced => "advanced",
                OrderChange::Stale => "stale",
                _ => "duplicate",
            });
            set("order_change", change.into());
        }
        Err(error) => set("reason", error.to_string().into()),
    }
    if let Some(received) = &seen.forwarded {
        set("endpoint", endpoint(received));
    }
    object
}

fn endpoint(received: &Received) -> Value {
    delivering::received(received)
}
