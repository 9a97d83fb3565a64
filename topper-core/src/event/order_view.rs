//! The latest state of an order, from events that arrive in any order.

use std::{collections::BTreeSet, fmt, time::SystemTime};

use super::{Event, EventName};

/// The latest state of an order, from its events in any order of arrival.
///
/// Topper does not promise an order of arrival, and a retry can arrive hours after newer events. Every
/// order of arrival leads to the same state, because any two events are compared in the same way, by
/// the first of these rules that distinguishes them:
///
/// 1. Progress: an event that [ends](EventName::is_terminal) the order is never replaced by an event
///    that does not, and a refund is replaced only by a refund.
/// 2. The [rank](EventName::rank) of the state, while the order is in progress: it only moves forward.
/// 3. The time `updatedAt`, with [any offset](super::Timestamp::to_system_time). So the latest of
///    completed, failed and expired wins. If one of them has no valid time, the rank decides: such a
///    completed event counts as later than the others, and such a failed or expired event as earlier.
/// 4. The rank, and then the event's id.
///
/// It does no input or output, and remembers the id of each event. Create one to work on an order, and
/// fold the stored events first.
///
/// `Debug` shows no content.
///
/// # Examples
///
/// ```
/// use topper::{Envelope, event::{OrderChange, OrderView}};
/// use topper_testkit::Lifecycle;
///
/// let mut view = OrderView::new();
/// let mut changes = Vec::new();
/// let events = Lifecycle::Onramp.events(); // committed, charged, crypto sent, completed
/// for arrived in [1, 0, 3, 2, 3] {
///     let envelope = Envelope::from_json(&events[arrived].to_json())?;
///     changes.push(view.fold(envelope.id(), envelope.event()?)?);
/// }
/// use OrderChange::{Advanced, Duplicate, Stale};
/// assert_eq!(changes, [Advanced, Stale, Advanced, Stale, Duplicate]);
/// assert_eq!(view.latest().map(|event| event.name()), Some("order:crypto-onramp:completed"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OrderView {
    latest: Option<Latest>,
    seen: BTreeSet<Box<str>>,
}

/// What an event did to an [`OrderView`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderChange {
    /// The event is now the latest state.
    Advanced,
    /// The event arrived late: a newer state is known, and stays.
    Stale,
    /// An event with this id was folded before. Nothing changed.
    Duplicate,
}

impl OrderView {
    /// Creates a view without events.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event with its id, and returns what it changed. The first event decides which order the
    /// view is for.
    ///
    /// # Errors
    ///
    /// When the event has no order id (events about users, [`Event::Unknown`], the format of mid-2023),
    /// or belongs to another order. The view does not change.
    pub fn fold(&mut self, event_id: &str, event: &Event) -> Result<OrderChange, OtherOrderError> {
        let moment = Moment::of(event_id, event).ok_or(OtherOrderError)?;
        let latest = self.latest.as_ref();
        if latest.is_some_and(|latest| !latest.event.is_same_order(event)) {
            return Err(OtherOrderError);
        }
        if !self.seen.insert(event_id.into()) {
            return Ok(OrderChange::Duplicate);
        }
        if latest.and_then(Latest::moment).is_some_and(|latest| latest > moment) {
            return Ok(OrderChange::Stale);
        }
        self.latest = Some(Latest { id: event_id.into(), event: event.clone() });
        Ok(OrderChange::Advanced)
    }

    /// The event with the latest state; `None` before the first event.
    pub fn latest(&self) -> Option<&Event> {
        self.latest.as_ref().map(|latest| &latest.event)
    }

    /// The id of that event.
    pub fn latest_id(&self) -> Option<&str> {
        self.latest.as_ref().map(|latest| &*latest.id)
    }

    /// The id of the order.
    pub fn order_id(&self) -> Option<&str> {
        self.latest().and_then(Event::order_id)
    }

    /// Whether the order has ended; see [`EventName::is_terminal`].
    pub fn is_terminal(&self) -> bool {
        self.latest().is_some_and(Event::is_terminal)
    }
}

impl fmt::Debug for OrderView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderView")
            .field("latest", &self.latest())
            .field("seen", &self.seen.len())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Latest {
    id: Box<str>,
    event: Event,
}

impl Latest {
    fn moment(&self) -> Option<Moment<'_>> {
        Moment::of(&self.id, &self.event)
    }
}

impl Event {
    fn is_same_order(&self, other: &Self) -> bool {
        self.order_id() == other.order_id() && self.flow() == other.flow()
    }
}

/// The position of an event in the life of its order. No two events have the same position, so the
/// order of arrival makes no difference.
///
/// The fields are compared in this order, which is total.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Moment<'a> {
    stage: Stage,
    updated_at: Option<SystemTime>,
    rank: u8,
    event_id: &'a str,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    UnderWay {
        rank: u8,
    },
    /// Expired or failed, at an unknown time.
    LostAtSomeTime,
    /// Expired, failed or completed.
    Ended,
    CompletedAtSomeTime,
    Refunded,
}

impl Stage {
    fn of(name: EventName, has_time: bool) -> Option<Self> {
        use EventName as E;

        Some(match name {
            E::OrderCryptoOnrampRefundCompleted | E::OrderCryptoOfframpRefundCompleted => {
                Self::Refunded
            }
            name if !name.is_terminal() => Self::UnderWay { rank: name.rank()? },
            _ if has_time => Self::Ended,
            E::OrderCryptoOnrampCompleted | E::OrderCryptoOfframpCompleted => {
                Self::CompletedAtSomeTime
            }
            _ => Self::LostAtSomeTime,
        })
    }
}

impl<'a> Moment<'a> {
    fn of(event_id: &'a str, event: &Event) -> Option<Self> {
        event.order_id()?;
        let name = event.known_name()?;
        let updated_at = event.updated_at()?.to_system_time();
        let stage = Stage::of(name, updated_at.is_some())?;
        Some(Self { stage, updated_at, rank: name.rank()?, event_id })
    }
}

/// The event does not belong to the order of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event does not belong to this order")]
#[non_exhaustive]
pub struct OtherOrderError;
