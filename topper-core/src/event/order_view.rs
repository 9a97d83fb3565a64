//! The latest state of an order, whatever the order in which its events arrive.

use std::{collections::BTreeSet, fmt, time::SystemTime};

use super::{Event, EventName};

/// Folds the events of one order, as they arrive, into the order's latest state.
///
/// Topper promises no order of arrival, and a retry may come hours after newer events. Every order of
/// arrival ends in the same state, because any two events are compared in the same way. These
/// decide, the first before the next:
///
/// 1. How far the order is: an event that [ends](EventName::is_terminal) the order is never replaced
///    by one that does not, and a refund is never replaced by anything but a refund.
/// 2. While the order is under way, the [rank](EventName::rank) of its state: it only moves forward.
/// 3. The time, `updatedAt`, with [whatever offset](super::Timestamp::to_system_time). So the later one
///    of completed, failed and expired is the latest state. Where one of them has no readable time the
///    rank decides: such a completed one stands above the others, such a failed or expired one below.
/// 4. For the same time the rank, and for the same rank the event's id.
///
/// It is a value without input or output, and remembers the id of each event that it was given:
/// keep it as long as you work on one order, and fold what you stored when you begin.
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
    /// It is the latest state now.
    Advanced,
    /// It came late: a newer state is known, and stays.
    Stale,
    /// An event with its id was folded before; nothing changed.
    Duplicate,
}

impl OrderView {
    /// A view of an order of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event with its id, and says what became of it. The first one decides which
    /// order the view is of.
    ///
    /// # Errors
    ///
    /// When the event is not about an order with an id (users, [`Event::Unknown`], the shape of
    /// mid-2023), or about another order; the view is as it was.
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

    /// The event with the latest state; `None` before the first.
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

    /// Whether the order has come to an end: see [`EventName::is_terminal`].
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

/// Where in the life of its order an event stands. Two events never stand at the same place, so
/// that no order of arrival makes a difference.
///
/// The fields are compared in this order, which is a total one.
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

/// An event is not about the order of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event is not about this order")]
#[non_exhaustive]
pub struct OtherOrderError;
