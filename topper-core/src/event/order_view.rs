//! The latest state of an order, whatever the order in which its events arrive.

use std::{collections::BTreeSet, fmt, time::SystemTime};

use super::{Event, EventName};

/// Folds the events of one order, as they arrive, into the order's latest state.
///
/// Topper promises no order of arrival, and a retry may come hours after newer events. What is
/// latest is decided by `updatedAt` and, where two events tell the same time, by
/// [`EventName::rank`]; so every order of arrival ends in the same state. An `updatedAt` that is
/// not a time in RFC 3339 counts as older than any.
///
/// It is a value without input or output, and remembers the id of each event that it was given:
/// keep it as long as you work on one order, and fold what you stored when you begin.
///
/// `Debug` shows no content.
///
/// # Examples
///
/// ```
/// use topper_core::{Envelope, event::{OrderChange, OrderView}};
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

    /// Takes in an event with its id, and tells what became of it. The first one decides which
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

    /// The event that tells the latest state; `None` before the first.
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
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Moment<'a> {
    updated_at: Option<SystemTime>,
    rank: u8,
    event_id: &'a str,
}

impl<'a> Moment<'a> {
    fn of(event_id: &'a str, event: &Event) -> Option<Self> {
        event.order_id()?;
        Some(Self {
            updated_at: event.updated_at()?.to_system_time(),
            rank: event.known_name().and_then(EventName::rank)?,
            event_id,
        })
    }
}

/// An event is not one of the order that a view is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event is not one of this order")]
#[non_exhaustive]
pub struct OtherOrderError;
