//! The events of one order.

use topper_core::{Envelope, event::OrderView};

use super::{
    Inbox,
    store::InboxStore,
    stored::{EventFilter, StoredEvent},
};
use crate::StoreError;

/// More events than an order has.
const MOST: usize = 1000;

/// What an inbox knows of an order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredOrder {
    /// The order's latest state, from all its events that can be read.
    pub view: OrderView,
    /// Its events, in the order they were received in.
    pub events: Vec<StoredEvent>,
}

impl<S: InboxStore> Inbox<S> {
    /// The stored events of an order, whatever their state, and the order's latest state as they
    /// tell it. For reconciling: Topper has no look-up.
    ///
    /// Events that were purged are not among them, nor any from before there was an inbox.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn order(&self, order_id: &str) -> Result<StoredOrder, StoreError> {
        let filter = EventFilter { order_id: Some(order_id.to_owned()), ..EventFilter::default() };
        let events = self.store.list(&filter, 0, MOST).await?;
        let mut view = OrderView::new();
        for stored in &events {
            if let Ok(envelope) = Envelope::from_json(&stored.body)
                && let Ok(event) = envelope.event()
            {
                // An event of another flow with the same id is not of this order.
                let _ = view.fold(envelope.id(), event);
            }
        }
        Ok(StoredOrder { view, events })
    }
}
