//! Earlier events: to recognise a repeated event, and to know the state of an order.

use std::collections::{HashMap, HashSet, VecDeque};

use topper_core::{
    Webhook,
    event::{OrderChange, OrderView},
};

/// The most ids, and the most orders, that are remembered.
const MOST: usize = 10_000;

#[derive(Default)]
pub(crate) struct Memory {
    ids: HashSet<String>,
    ids_by_age: VecDeque<String>,
    orders: HashMap<String, OrderView>,
    orders_by_age: VecDeque<String>,
}

/// What a delivery did to its order.
pub(crate) struct OrderNote {
    pub(crate) change: OrderChange,
    /// The name of the event with the latest state.
    pub(crate) latest: String,
}

/// For programs.
pub(crate) fn code(change: OrderChange) -> &'static str {
    match change {
        OrderChange::Advanced => "advanced",
        OrderChange::Stale => "stale",
        _ => "duplicate",
    }
}

impl Memory {
    /// Whether this id is new.
    pub(crate) fn is_new(&mut self, id: &str) -> bool {
        if !self.ids.insert(id.to_owned()) {
            return false;
        }
        self.ids_by_age.push_back(id.to_owned());
        if self.ids_by_age.len() > MOST
            && let Some(oldest) = self.ids_by_age.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }

    /// Folds the event into its order; `None` if it is not about one, or cannot be read.
    pub(crate) fn fold(&mut self, webhook: &Webhook) -> Option<OrderNote> {
        let event = webhook.event().ok()?;
        let id = event.order_id()?;
        if !self.orders.contains_key(id) {
            self.orders_by_age.push_back(id.to_owned());
            if self.orders_by_age.len() > MOST
                && let Some(oldest) = self.orders_by_age.pop_front()
            {
                self.orders.remove(&oldest);
            }
        }
        let view = self.orders.entry(id.to_owned()).or_default();
        let change = view.fold(webhook.id(), event).ok()?;
        let latest = view.latest().map(|event| event.name().to_owned()).unwrap_or_default();
        Some(OrderNote { change, latest })
    }
}
