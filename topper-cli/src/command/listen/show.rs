//! A delivery, for people and for programs.

use serde_json::{Value, json};
use topper_core::{
    Fate, Webhook,
    event::OrderChange,
    internal::{Escaped, Short, WithCauses},
};
use topper_testkit::Received;

use super::receiver::{Seen, rfc3339};
use crate::{
    console::{BAD, Console, FAINT, GOOD, STRONG, WARN},
    decoding,
    delivering::{self, short, unreachable},
    failure::Failure,
    memory::code,
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
    let style = match (&seen.judged.verdict, seen.fate()) {
        (Err(_), _) | (_, Fate::Lost) => BAD,
        (_, Fate::Retried) => WARN,
        _ => GOOD,
    };
    // What the sender gets: the endpoint's own answer where there is one.
    let code = match &seen.forwarded {
        None if seen.status.is_none() => "no answer in time, as set on the page",
        None if seen.is_set() && seen.is_by_option => "as set by --answer",
        None if seen.is_set() => "as set on the page",
        None => seen.judged.reply.code(),
        Some(Received::Answer(_)) => "from the endpoint",
        Some(_) => "no answer from the endpoint",
    };
    let status = seen.status.map_or("---".to_owned(), |status| status.to_string());
    // The clock's part of it.
    let at = rfc3339(seen.at);
    let at = at.get(11..19).unwrap_or_default();
    let name = match &seen.judged.verdict {
        Ok(webhook) => Short(webhook.name()).to_string(),
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
    match &seen.judged.verdict {
        Ok(webhook) => {
            details.push(("event", Short(webhook.id()).to_string()));
            if let Some(order_id) = order_id(webhook) {
                let change =
                    seen.judged.order.as_ref().map_or(String::new(), |order| match order.change {
                        OrderChange::Advanced => "  new state".to_owned(),
                        OrderChange::Stale => {
                            format!("  late, the order is already at {}", Short(&order.latest))
                        }
                        _ => "  repeated".to_owned(),
                    });
                details.push(("order", format!("{}{change}", Short(order_id))));
            }
            if let Some(reason) = decoding::problem(&webhook.event()) {
                details.push(("unknown", reason));
            }
            if with_key {
                details.push(("key", Short(webhook.key().id()).to_string()));
            }
        }
        Err(error) => {
            details.push(("reason", WithCauses(error).to_string()));
        }
    }
    if seen.path != "/" {
        details.push(("path", Short(&seen.path).to_string()));
    }
    if let Some(received) = &seen.forwarded {
        let what = match seen.fate() {
            Fate::Delivered => "delivered",
            Fate::Retried => "Topper would retry",
            Fate::Lost => "lost: Topper does not retry this status",
        };
        details.push(("endpoint", format!("{}, {what}", delivering::answer(received))));
        if let Received::Unreachable(error) = received {
            details.push(("do", unreachable::advice(error)));
        }
    }
    if seen.forwarded.is_some() || seen.is_set() {
        let (code, status) = (seen.judged.reply.code(), seen.judged.reply.status());
        details.push(("verdict", format!("{code} ({status})")));
    }
    details
}

fn order_id(webhook: &Webhook) -> Option<&str> {
    webhook.event().ok()?.order_id()
}

/// The body as indented JSON, if it is verified.
fn body(seen: &Seen, console: &mut Console) -> Result<(), Failure> {
    if let Ok(webhook) = &seen.judged.verdict {
        let text = String::from_utf8_lossy(webhook.body());
        let pretty = crate::reformat::pretty(&text, "  ");
        for line in pretty.as_deref().unwrap_or(&text).lines() {
            console.line(format_args!("{:9}{}", "", Escaped(line)))?;
        }
    }
    Ok(())
}

fn object(seen: &Seen) -> Value {
    let mut object = json!({
        "received_at": rfc3339(seen.at),
        "path": seen.path,
        "bytes": seen.delivery.body.len(),
        "verdict": seen.judged.reply.code(),
        "answered": seen.status,
        "elapsed_ms": delivering::millis(seen.elapsed),
    });
    let mut set = |name: &str, value: Value| {
        if let Some(fields) = object.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    match &seen.judged.verdict {
        Ok(webhook) => {
            set("name", webhook.name().into());
            set("id", webhook.id().into());
            set("order_id", order_id(webhook).into());
            set("key", webhook.key().id().into());
            set("known", decoding::problem(&webhook.event()).is_none().into());
            let change = seen.judged.order.as_ref().map(|order| code(order.change));
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
