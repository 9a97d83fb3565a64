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

/// What an inbox knows about an order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredOrder {
    /// The latest state of the order, from all its events that can be read.
    pub view: OrderView,
    /// Its events, in the order they were received.
    pub events: Vec<StoredEvent>,
}

impl<S: InboxStore> Inbox<S> {
    /// Returns the stored events of an order, in any state, and the latest state of the order that
    /// follows from them. Use it to reconcile: Topper has no API to look an order up.
    ///
    /// It does not include events that were purged, or that were received before you had an inbox.
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
