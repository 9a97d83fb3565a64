//! An order, as its stored events tell it.

use topper_core::{EventName, Reply};
use topper_store::{Inbox, MemoryInbox};
use topper_testkit::EventBuilder;

use super::Sender;

#[tokio::test]
async fn an_order_is_what_its_own_events_say() {
    let (inbox, sender) = (Inbox::new(MemoryInbox::new()), Sender::new());
    let charged = EventBuilder::new(EventName::OrderCryptoOnrampCharged);
    let completed = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    // The last one first.
    for (event, id, order, time) in [
        (&completed, "completed", "the-order", "2026-01-01T00:00:02Z"),
        (&charged, "charged", "the-order", "2026-01-01T00:00:01Z"),
        (&completed, "other", "another", "2026-01-01T00:00:03Z"),
    ] {
        let event = event.clone().id(id).order_id(order).updated_at(time);
        assert_eq!(inbox.accept(&sender.sign(&event)).await, Reply::Accepted);
    }
    let order = inbox.order("the-order").await.unwrap();
    let ids: Vec<&str> = order.events.iter().map(|event| event.key.id()).collect();
    assert_eq!(ids, ["completed", "charged"]);
    assert_eq!(order.view.order_id(), Some("the-order"));
    assert_eq!(order.view.latest_id(), Some("completed"));
    assert!(order.view.is_terminal());
    let unknown = inbox.order("unknown").await.unwrap();
    assert!(unknown.events.is_empty() && unknown.view.latest().is_none());
}
