//! The order in which events arrive makes no difference.

use proptest::prelude::*;
use topper_core::{
    Envelope, EventName,
    event::{OrderChange, OrderView},
};
use topper_testkit::{EventBuilder, Lifecycle};

use crate::config;

fn decoded(event: &EventBuilder) -> Envelope {
    Envelope::from_json(&event.to_json()).unwrap()
}

fn fold_all<'a>(events: impl IntoIterator<Item = &'a Envelope>) -> (OrderView, Vec<OrderChange>) {
    let mut view = OrderView::new();
    let changes = events
        .into_iter()
        .map(|event| view.fold(event.id(), event.event().unwrap()).unwrap())
        .collect();
    (view, changes)
}

/// Heap's algorithm.
fn permutations<T>(items: &mut [T], count: usize, each: &mut impl FnMut(&[T])) {
    if count <= 1 {
        return each(items);
    }
    for index in 0..count {
        permutations(items, count - 1, each);
        items.swap(if count.is_multiple_of(2) { index } else { 0 }, count - 1);
    }
}

#[test]
fn every_permutation_of_a_lifecycle_ends_in_the_same_state() {
    for lifecycle in Lifecycle::ALL.iter().filter(|&&one| one != Lifecycle::User) {
        let mut events: Vec<_> = lifecycle.events().iter().map(decoded).collect();
        let last = events.last().unwrap().clone();
        let expected = fold_all(&events).0;
        let length = events.len();
        let mut orders = std::collections::HashSet::new();
        permutations(&mut events, length, &mut |events| {
            orders.insert(events.iter().map(|event| event.id().to_owned()).collect::<Vec<_>>());
            let (view, changes) = fold_all(events);
            assert_eq!(view, expected);
            assert_eq!(view.latest_id(), Some(last.id()));
            assert_eq!(changes[0], OrderChange::Advanced);
        });
        assert_eq!(orders.len(), (1..=length).product::<usize>());
    }
}

/// Some of them the same, written in several ways, and some that cannot be read.
fn time() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "2026-03-02T09:15:27.120Z",
        "2026-03-02T09:15:27.12Z",
        "2026-03-02T09:15:27.121Z",
        "2026-03-02T09:15:28Z",
        "2026-03-02T11:15:27.121+02:00",
        "2026-03-02T04:45:27.12-04:30",
        "2026-03-02T09:15:27+02:00",
        "2026-03-02T09:15:27-02:00",
        "2026-03-02T09:15:27.120",
        "soon",
        "",
    ])
}

/// Events of one order with the times that each is sent, in two orders of arrival.
fn arrivals() -> impl Strategy<Value = (Vec<Envelope>, Vec<Envelope>)> {
    let name = prop::sample::select(EventName::ALL.split_at(7).0);
    prop::collection::vec((name, time(), 1..=3_usize), 1..8).prop_flat_map(|events| {
        let sent: Vec<Envelope> = events
            .into_iter()
            .flat_map(|(name, time, times)| {
                let event = EventBuilder::new(name).order_id("o").updated_at(time);
                std::iter::repeat_n(decoded(&event), times)
            })
            .collect();
        (Just(sent.clone()).prop_shuffle(), Just(sent).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_order_of_arrival_ends_in_the_same_state((one, other) in arrivals()) {
        let ((view, changes), (other_view, other_changes)) = (fold_all(&one), fold_all(&other));
        prop_assert_eq!(&view, &other_view);
        let duplicates = |changes: &[OrderChange]| {
            changes.iter().filter(|&&change| change == OrderChange::Duplicate).count()
        };
        prop_assert_eq!(duplicates(&changes), duplicates(&other_changes));
        // An order that has come to an end stays there.
        let has_ended = one.iter().any(|event| event.event().unwrap().is_terminal());
        prop_assert_eq!(view.is_terminal(), has_ended);
        // Nothing of the order's life is later than a refund.
        let refunded = EventName::OrderCryptoOnrampRefundCompleted.as_str();
        let is_refunded = one.iter().any(|event| event.name() == refunded);
        prop_assert_eq!(view.latest().unwrap().name() == refunded, is_refunded);
        // The last that advanced is what the view shows.
        let last = changes.iter().rposition(|&change| change == OrderChange::Advanced).unwrap();
        prop_assert_eq!(view.latest_id(), Some(one[last].id()));
    }
}
