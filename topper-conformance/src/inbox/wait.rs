//! Events of an order that have failed, and wait for their next attempt.

use topper_core::EventName;
use topper_store::inbox::{AttemptEnd, Change, EventFilter, EventState, InboxStore, NewEvent};

use super::{
    Backend, Bench, LONG, SHORT, dead, end_one, expire, failed, is_lost, of_order, order, stored,
    take_one,
};

pub(super) async fn is_due_with_the_next_alone<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let due_at = async |id| stored(&store, id).await.due_at.unwrap();
    let fails = async |id, retry_in| end_one(&store, id, &failed(retry_in)).await;
    // An index may hold only the beginning of an order's id.
    let [the_order, another] = ["the-order", "another"].map(|id| "o".repeat(300) + id);
    // Of another order, one in work and one that waits for less; and two of other labels.
    bench.accept(&store, &order(&another, "waits", 2)).await;
    fails("waits", LONG / 4).await;
    bench.accept(&store, &order(&another, "held", 1)).await;
    take_one(&store, LONG).await;
    let held = due_at("held").await;
    let labels = [("sandbox", "later", 9, LONG / 4), ("Default", "earlier", 0, 6 * LONG)];
    for (label, id, second, retry_in) in labels {
        let webhook = bench.signer.webhook_of(label, &order(&the_order, id, second));
        store.accept(&NewEvent::from(&webhook)).await.unwrap();
        fails(id, retry_in).await;
    }
    let elsewhere = (due_at("later").await, due_at("earlier").await);
    bench.accept(&store, &order(&the_order, "buried", 8)).await;
    fails("buried", LONG / 4).await;
    let buried = EventFilter { id: Some("buried".to_owned()), ..EventFilter::default() };
    assert_eq!(store.change(&buried, Change::Bury, 0, 10).await.unwrap().count, 1);

    bench.accept(&store, &order(&the_order, "third", 3)).await;
    fails("third", 3 * LONG).await;
    bench.accept(&store, &order(&the_order, "second", 2)).await;
    fails("second", 2 * LONG).await;
    let (second, third) = (due_at("second").await, due_at("third").await);
    assert!(second < third);
    bench.accept(&store, &order(&the_order, "first", 1)).await;
    fails("first", 4 * LONG).await;
    assert_eq!(due_at("first").await, second);
    bench.accept(&store, &order(&the_order, "last", 10)).await;
    fails("last", 5 * LONG).await;
    assert!(due_at("last").await > third);
    assert_eq!((due_at("second").await, due_at("third").await), (second, third));
    assert_eq!(due_at("held").await, held, "a lease of another order is as it was");
    assert!(due_at("waits").await < held);
    assert_eq!((due_at("later").await, due_at("earlier").await), elsewhere);
}

pub(super) async fn puts_events_without_a_time_first<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let due_at = async |id| stored(&store, id).await.due_at.unwrap();
    let fails = async |id, retry_in| end_one(&other, id, &failed(retry_in)).await;
    let charged = EventName::OrderCryptoOnrampCharged;
    let committed = EventName::OrderCryptoOnrampCommitted;
    let timeless = |name, id| of_order(name, "the-order", id, 0).updated_at("yesterday");
    bench.accept(&store, &timeless(charged, "second")).await;
    fails("second", LONG).await;
    bench.accept(&store, &timeless(committed, "first")).await;
    fails("first", 2 * LONG).await;
    assert_eq!(due_at("first").await, due_at("second").await);
    bench.accept(&store, &order("the-order", "third", 1)).await;
    fails("third", SHORT).await;
    let soon = due_at("third").await;
    assert_eq!((due_at("first").await, due_at("second").await), (soon, soon));
    expire().await;
    fails("first", 2 * LONG).await;
    fails("second", LONG).await;
    assert_eq!(due_at("first").await, due_at("second").await);
    let third = take_one(&store, LONG).await;
    assert_eq!(third.lease.key().id(), "third");
    store.end(&third.lease, &AttemptEnd::Done).await.unwrap();
}

/// An expired lease can still be renewed, and end.
pub(super) async fn changes_no_lease<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let due_at = async |id| stored(&store, id).await.due_at.unwrap();
    bench.accept(&store, &order("the-order", "later", 2)).await;
    let later = take_one(&store, SHORT).await;
    expire().await;
    bench.accept(&store, &order("the-order", "earlier", 1)).await;
    let earlier = take_one(&store, LONG).await;
    assert_eq!(earlier.lease.key().id(), "earlier");
    let lease_end = due_at("earlier").await;
    store.end(&later.lease, &failed(SHORT)).await.unwrap();
    assert!(due_at("earlier").await >= lease_end, "the lease ends before its time");

    bench.accept(&store, &order("another", "later too", 2)).await;
    let later = take_one(&store, SHORT).await;
    expire().await;
    bench.accept(&store, &order("another", "earlier too", 1)).await;
    let earlier = take_one(&store, LONG).await;
    assert_eq!(earlier.lease.key().id(), "earlier too");
    store.renew(&later.lease, LONG).await.unwrap();
    store.end(&earlier.lease, &failed(2 * LONG)).await.unwrap();
    assert!(due_at("earlier too").await > due_at("later too").await);
}

pub(super) async fn is_left_alone_by_who_lost_its_lease<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &order("the-order", "next", 2)).await;
    end_one(&store, "next", &failed(LONG / 4)).await;
    bench.accept(&store, &order("the-order", "id", 1)).await;
    let stale = take_one(&store, SHORT).await;
    assert_eq!(stale.lease.key().id(), "id");
    expire().await;
    let owner = take_one(&other, LONG).await;
    let lease_end = stored(&store, "id").await.due_at;
    is_lost(store.end(&stale.lease, &failed(LONG)).await);
    assert_eq!(stored(&store, "id").await.due_at, lease_end, "the lease of another ends sooner");
    other.end(&owner.lease, &AttemptEnd::Done).await.unwrap();
    is_lost(store.end(&stale.lease, &failed(LONG)).await);
    let event = stored(&store, "id").await;
    assert_eq!((event.state, event.due_at), (EventState::Done, None));

    // What waits is as before, too, when the event is dead.
    bench.accept(&store, &order("another", "first", 1)).await;
    end_one(&store, "first", &failed(LONG / 4)).await;
    bench.accept(&store, &order("another", "dead", 2)).await;
    let stale = take_one(&store, SHORT).await;
    expire().await;
    let owner = take_one(&other, SHORT).await;
    other.end(&owner.lease, &dead()).await.unwrap();
    let due_at = stored(&store, "first").await.due_at;
    is_lost(store.end(&stale.lease, &failed(LONG)).await);
    assert_eq!(stored(&store, "first").await.due_at, due_at, "it is due at another time");
}
