//! The orders that the deliveries are about.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};
use topper_core::{
    Envelope,
    event::{OrderChange, OrderView},
};

use super::{
    Inspector,
    kept::Kept,
    percent::decoded,
    response::{Refusal, Result, json as answer},
};
use crate::memory::code;

/// The most orders that are listed.
const MOST: usize = 500;

pub(super) async fn list(inspector: &Arc<Inspector>) -> Result {
    let deliveries = valid(inspector, None);
    let orders = inspector.alone(move || {
        let mut orders: HashMap<&str, Order> = HashMap::new();
        for (number, kept) in &deliveries {
            if let Some(id) = kept.facts.order_id.as_deref() {
                orders.entry(id).or_default().fold(*number, kept);
            }
        }
        let mut orders: Vec<(&str, Order)> = orders.into_iter().collect();
        orders.sort_by_key(|(_, order)| std::cmp::Reverse(order.last));
        orders.iter().take(MOST).map(|(id, order)| order.object(id)).collect::<Vec<Value>>()
    });
    Ok(answer(&json!({"orders": orders.await?})))
}

/// One order, with its timeline; `id` as in a path.
pub(super) async fn one(inspector: &Arc<Inspector>, id: &str) -> Result {
    let id = decoded(id)
        .ok_or_else(|| Refusal::bad("the id of the order is not UTF-8 in percent-encoding"))?;
    let deliveries = valid(inspector, Some(&id));
    if deliveries.is_empty() {
        return Err(Refusal::not_found("no signed delivery of this order is kept"));
    }
    let object = inspector.alone(move || {
        let mut order = Order::default();
        let timeline: Vec<Value> = deliveries
            .iter()
            .map(|(number, kept)| entry(*number, kept, order.fold(*number, kept)))
            .collect();
        let mut object = order.object(&id);
        if let Some(fields) = object.as_object_mut() {
            fields.insert("timeline".to_owned(), timeline.into());
            let view = order.latest.as_ref().map(serde_json::to_value);
            fields.insert("view".to_owned(), view.and_then(std::result::Result::ok).into());
        }
        object
    });
    Ok(answer(&object.await?))
}

/// Signed deliveries of orders, or of one order, in order of arrival.
fn valid(inspector: &Inspector, id: Option<&str>) -> Vec<(u64, Arc<Kept>)> {
    let deliveries = inspector.deliveries();
    let is_wanted = |kept: &Kept| {
        let order_id = kept.facts.order_id.as_deref();
        kept.facts.is_valid && order_id.is_some() && (id.is_none() || order_id == id)
    };
    let found = deliveries.all().filter(|(_, kept)| is_wanted(kept));
    found.map(|(number, kept)| (number, Arc::clone(kept))).collect()
}

/// An order, from the deliveries in order of arrival.
#[derive(Default)]
struct Order {
    view: OrderView,
    /// What the view is of.
    latest: Option<Envelope>,
    events: u64,
    duplicates: u64,
    late: u64,
    first_at: String,
    last_at: String,
    last: u64,
}

impl Order {
    fn fold(&mut self, number: u64, kept: &Kept) -> Option<OrderChange> {
        if self.last == 0 {
            self.first_at.clone_from(&kept.at);
        }
        self.last_at.clone_from(&kept.at);
        self.last = number;
        let envelope = Envelope::from_json(&kept.delivery.body).ok()?;
        let change = self.view.fold(envelope.id(), envelope.event().ok()?).ok()?;
        match change {
            OrderChange::Duplicate => self.duplicates += 1,
            OrderChange::Stale => {
                self.events += 1;
                self.late += 1;
            }
            _ => {
                self.events += 1;
                self.latest = Some(envelope);
            }
        }
        Some(change)
    }

    fn object(&self, id: &str) -> Value {
        let latest = self.view.latest();
        json!({
            "order_id": id,
            "flow": latest.and_then(|event| event.flow()).map(|flow| flow.as_str().to_owned()),
            "state": latest.map(|event| event.name()),
            "ended": self.view.is_terminal(),
            "events": self.events,
            "duplicates": self.duplicates,
            "late": self.late,
            "first_at": self.first_at,
            "last_at": self.last_at,
        })
    }
}

fn entry(number: u64, kept: &Kept, changed: Option<OrderChange>) -> Value {
    json!({
        "seq": number,
        "at": kept.at,
        "updated_at": kept.facts.updated_at,
        "name": kept.facts.name,
        "id": kept.facts.id,
        "change": changed.map(code),
        "status": kept.answered.as_ref().and_then(|it| it.status),
    })
}
