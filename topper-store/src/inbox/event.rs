//! A verified event, as a store gets it.

use std::{sync::Arc, time::SystemTime};

use topper_core::Webhook;

use crate::EventKey;

/// A verified event for an inbox to store.
///
/// It can only be made from a [`Webhook`], so an unverified event is never stored.
#[derive(Clone, Debug)]
pub struct NewEvent {
    webhook: Webhook,
    key: EventKey,
    public_key: Arc<str>,
    order: Option<OrderPlace>,
}

impl NewEvent {
    /// The label of its webhook, and its id.
    pub fn key(&self) -> &EventKey {
        &self.key
    }

    /// Its name, such as `order:crypto-onramp:completed`: any UTF-8, not empty.
    pub fn name(&self) -> &str {
        self.webhook.name()
    }

    /// The bytes that were signed.
    pub fn body(&self) -> &[u8] {
        self.webhook.body()
    }

    /// The value of its signature header: a detached JWS.
    pub fn signature(&self) -> &str {
        self.webhook.signature()
    }

    /// The public key that verified it, as a JWK.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Its place in its order; `None` if it is not about an order, or cannot be read.
    pub fn order(&self) -> Option<&OrderPlace> {
        self.order.as_ref()
    }
}

impl From<&Webhook> for NewEvent {
    fn from(webhook: &Webhook) -> Self {
        Self {
            key: EventKey::from(webhook),
            public_key: webhook.key().jwk().into(),
            order: webhook.event().ok().and_then(OrderPlace::of),
            webhook: webhook.clone(),
        }
    }
}

/// The place of an event in its order. Of two events that are due, the one with the earlier time is
/// processed first; if the times are equal, the one with the lower rank. An event without a time
/// goes first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderPlace {
    /// The order's id.
    pub order_id: String,
    /// `updatedAt`, in milliseconds since 1970.
    pub updated_at: Option<i64>,
    /// The [rank](topper_core::EventName::rank) of the event's name.
    pub rank: u8,
}

impl OrderPlace {
    /// Returns the place of an event that is about an order.
    pub fn of(event: &topper_core::Event) -> Option<Self> {
        let updated_at = event.updated_at().and_then(|time| time.to_system_time());
        Some(Self {
            order_id: event.order_id()?.to_owned(),
            updated_at: updated_at.map(milliseconds_since_1970),
            rank: event.known_name().and_then(|name| name.rank()).unwrap_or(0),
        })
    }
}

/// Of a time before 1970 it is negative.
fn milliseconds_since_1970(time: SystemTime) -> i64 {
    let signed = |time: std::time::Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_before_1970_is_negative() {
        let second = Duration::from_secs(1);
        assert_eq!(milliseconds_since_1970(SystemTime::UNIX_EPOCH + second), 1000);
        assert_eq!(milliseconds_since_1970(SystemTime::UNIX_EPOCH - second), -1000);
    }
}
