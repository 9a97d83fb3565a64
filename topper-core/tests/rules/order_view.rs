//! The view of an order.

use topper_core::{
    Envelope, EventName,
    event::{OrderChange, OrderView, OtherOrderError},
};
use topper_testkit::{EventBuilder, Lifecycle};

const NOON: &str = "2026-07-01T12:00:00.000Z";

fn fold(view: &mut OrderView, event: &EventBuilder) -> Result<OrderChange, OtherOrderError> {
    let envelope = Envelope::from_json(&event.to_json()).unwrap();
    match envelope.event() {
        Ok(event) => view.fold(envelope.id(), event),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn knows_nothing_before_the_first_event() {
    let view = OrderView::new();
    assert_eq!((view.latest(), view.latest_id(), view.order_id()), (None, None, None));
    assert!(!view.is_terminal());
}

#[test]
fn follows_an_order_to_its_end() {
    let mut view = OrderView::new();
    for event in Lifecycle::Offramp.events() {
        assert!(!view.is_terminal());
        assert_eq!(fold(&mut view, &event), Ok(OrderChange::Advanced));
        assert_eq!(view.latest().unwrap().name(), event.name());
        assert_eq!(view.latest_id(), event.value()["id"].as_str());
        assert_eq!(view.order_id(), event.value()["data"]["id"].as_str());
    }
    assert!(view.is_terminal());
}

#[test]
fn keeps_the_newer_state_when_an_older_one_comes_late() {
    let events = Lifecycle::Onramp.events();
    let mut view = OrderView::new();
    fold(&mut view, &events[3]).unwrap();
    for late in &events[..3] {
        assert_eq!(fold(&mut view, late), Ok(OrderChange::Stale));
        assert_eq!(view.latest_id(), events[3].value()["id"].as_str());
    }
}

#[test]
fn knows_a_repeated_event_even_if_it_was_stale() {
    let events = Lifecycle::Onramp.events();
    let mut view = OrderView::new();
    for index in [3, 1] {
        fold(&mut view, &events[index]).unwrap();
    }
    for index in [1, 3, 1] {
        assert_eq!(fold(&mut view, &events[index]), Ok(OrderChange::Duplicate));
    }
}

#[test]
fn goes_by_rank_where_two_events_tell_the_same_time() {
    let names = [
        EventName::OrderCryptoOnrampCommitted,
        EventName::OrderCryptoOnrampCharged,
        EventName::OrderCryptoOnrampCryptoSent,
        EventName::OrderCryptoOnrampExpired,
        EventName::OrderCryptoOnrampFailed,
        EventName::OrderCryptoOnrampCompleted,
        EventName::OrderCryptoOnrampRefundCompleted,
    ];
    for pair in names.windows(2) {
        assert!(pair[0].rank() < pair[1].rank());
        let [earlier, later] =
            [pair[0], pair[1]].map(|name| EventBuilder::new(name).order_id("o").updated_at(NOON));
        for order in [[&earlier, &later], [&later, &earlier]] {
            let mut view = OrderView::new();
            for event in order {
                fold(&mut view, event).unwrap();
            }
            assert_eq!(view.latest().unwrap().name(), later.name());
        }
    }
}

#[test]
fn ranks_the_events_of_orders_and_no_others() {
    for &name in EventName::ALL {
        assert_eq!(name.rank().is_some(), name.flow().is_some(), "{name}");
    }
}

#[test]
fn compares_times_and_not_their_text() {
    let event = |name, time| EventBuilder::new(name).order_id("o").updated_at(time);
    let mut view = OrderView::new();
    fold(&mut view, &event(EventName::OrderCryptoOnrampCompleted, NOON)).unwrap();
    // The same time, written in another way: the rank decides.
    let charged = event(EventName::OrderCryptoOnrampCharged, "2026-07-01T12:00:00Z");
    assert_eq!(fold(&mut view, &charged), Ok(OrderChange::Stale));
    let failed = event(EventName::OrderCryptoOnrampFailed, "2026-07-01T14:00:00.001+02:00");
    assert_eq!(fold(&mut view, &failed), Ok(OrderChange::Advanced));
    let completed = event(EventName::OrderCryptoOnrampCompleted, "2026-07-01T14:00:00.002+02:30");
    assert_eq!(fold(&mut view, &completed), Ok(OrderChange::Stale));
}

/// Names without what they have in common; a name stands before the one that replaces it.
#[test]
fn goes_by_rank_where_a_time_cannot_be_read() {
    for (earlier, earlier_time, later, later_time) in [
        ("committed", NOON, "charged", "soon"),
        ("committed", "soon", "charged", NOON),
        ("charged", "soon", "crypto-sent", NOON),
        ("charged", NOON, "crypto-sent", "2026-07-01T12:00:00"),
        ("crypto-sent", NOON, "expired", "soon"),
        ("expired", "soon", "failed", NOON),
        ("failed", "soon", "completed", "soon"),
        ("failed", "soon", "completed", NOON),
        ("failed", NOON, "completed", "soon"),
        ("failed", NOON, "refund:completed", "soon"),
        ("completed", NOON, "refund:completed", "soon"),
        ("failed", "soon", "refund:completed", NOON),
    ] {
        for flip in [false, true] {
            let mut events = [(earlier, earlier_time), (later, later_time)].map(|(name, time)| {
                let name = format!("order:crypto-onramp:{name}").parse().unwrap();
                EventBuilder::new(name).order_id("o").updated_at(time)
            });
            if flip {
                events.reverse();
            }
            let mut view = OrderView::new();
            for event in &events {
                fold(&mut view, event).unwrap();
            }
            let latest = view.latest().unwrap().name();
            assert!(latest.ends_with(&format!("onramp:{later}")), "{latest} is not {later}");
        }
    }
}

#[test]
fn never_leaves_an_end_for_a_state_that_is_none() {
    for &end in EventName::ALL.iter().filter(|name| name.is_terminal()) {
        for &other in EventName::ALL {
            if other.flow() != end.flow() || other.is_terminal() {
                continue;
            }
            for (time, later) in [(NOON, "2026-07-02T12:00:00Z"), ("soon", NOON), (NOON, "soon")] {
                let mut view = OrderView::new();
                let event = |name, time| EventBuilder::new(name).order_id("o").updated_at(time);
                fold(&mut view, &event(end, time)).unwrap();
                assert_eq!(fold(&mut view, &event(other, later)), Ok(OrderChange::Stale));
            }
        }
    }
}

#[test]
fn takes_no_event_of_another_order_or_of_none() {
    let mut view = OrderView::new();
    let others = [
        EventBuilder::new(EventName::UserCreated),
        EventBuilder::unknown("order:crypto-onramp:brand-new").order_id("o"),
        EventBuilder::new(EventName::OrderCryptoOnrampCharged).remove("data.id"),
    ];
    for other in &others {
        fold(&mut view, other).unwrap_err();
    }
    let own = EventBuilder::new(EventName::OrderCryptoOnrampCharged).order_id("o");
    fold(&mut view, &own).unwrap();
    let before = view.clone();
    for other in others.into_iter().chain([
        EventBuilder::new(EventName::OrderCryptoOnrampCompleted),
        EventBuilder::new(EventName::OrderCryptoOfframpCompleted).order_id("o"),
    ]) {
        fold(&mut view, &other).unwrap_err();
    }
    assert_eq!(view, before);
}

#[test]
fn shows_no_content_in_debug() {
    let mut view = OrderView::new();
    fold(&mut view, &EventBuilder::new(EventName::OrderCryptoOnrampCharged).order_id("canary"))
        .unwrap();
    let shown = format!("{view:?}");
    assert!(shown.contains("order:crypto-onramp:charged") && !shown.contains("canary"), "{shown}");
}
