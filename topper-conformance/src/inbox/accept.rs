//! Storing what was verified.

use std::sync::Arc;

use topper_core::{EventName, Verifier};
use topper_store::inbox::{
    Acceptance, AttemptEnd, EventFilter, EventState, InboxStore, NewEvent, StoredEvent,
};
use topper_testkit::EventBuilder;

use super::{Backend, Bench, EventKey, LONG, order, rounds, stored, take, take_one, user};

pub(super) async fn stores_an_event_once<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let again = bench.new_event(&user("id"));
    assert!(!store.is_marked(again.key()).await.unwrap());
    bench.accept(&store, &user("id")).await;
    assert!(store.is_marked(again.key()).await.unwrap());
    assert!(other.is_marked(again.key()).await.unwrap());
    for _ in 0..2 {
        assert_eq!(store.accept(&again).await.unwrap(), Acceptance::Duplicate);
        assert_eq!(other.accept(&again).await.unwrap(), Acceptance::Duplicate);
    }
    assert_eq!(list(&store).await.len(), 1);
    let taken = take_one(&other, LONG).await;
    assert_eq!(other.accept(&again).await.unwrap(), Acceptance::Duplicate);
    other.end(&taken.lease, &AttemptEnd::Done).await.unwrap();
    assert_eq!(store.accept(&again).await.unwrap(), Acceptance::Duplicate);
    assert_eq!(other.accept(&again).await.unwrap(), Acceptance::Duplicate);
    assert_eq!(stored(&store, "id").await.state, EventState::Done);
    assert!(take(&store, 10, LONG).await.events.is_empty(), "a duplicate is due");
}

pub(super) async fn accepts_one_of_many_at_once<B: Backend>(bench: &Bench<B>) {
    const TASKS: usize = 50;
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(Arc::new(bench.store().await));
    }
    for round in 0..rounds() {
        let events: Arc<Vec<NewEvent>> = Arc::new(
            (0..20).map(|event| bench.new_event(&user(&format!("{round}-{event}")))).collect(),
        );
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let store = Arc::clone(stores.get(task % stores.len()).unwrap());
                let events = Arc::clone(&events);
                // All the same event at once, and, in every other round, each another one.
                let offset = if round % 2 == 0 { 0 } else { task };
                tokio::spawn(async move {
                    let mut accepted = Vec::new();
                    for event in events.iter().cycle().skip(offset).take(events.len()) {
                        match store.accept(event).await.unwrap() {
                            Acceptance::Accepted => accepted.push(event.key().clone()),
                            acceptance => assert_eq!(acceptance, Acceptance::Duplicate),
                        }
                    }
                    accepted
                })
            })
            .collect();
        let mut accepted = Vec::new();
        for task in tasks {
            accepted.extend(task.await.unwrap());
        }
        accepted.sort_unstable();
        let mut all: Vec<EventKey> = events.iter().map(|event| event.key().clone()).collect();
        all.sort_unstable();
        assert_eq!(accepted, all, "each is accepted by one task");
        assert_eq!(list(stores.first().unwrap().as_ref()).await.len(), (round + 1) * events.len());
    }
}

pub(super) async fn compares_ids_to_the_byte<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let longest = "é".repeat(127) + "x";
    let lengths = [1, 2, 15, 16, 17, 63, 64, 127, 128, 254, 255].map(|length| "x".repeat(length));
    let mut ids: Vec<&str> = crate::suite::ALIKE.to_vec();
    ids.extend(lengths.iter().map(String::as_str));
    ids.push(&longest);
    for id in &ids {
        bench.accept(&store, &user(id)).await;
    }
    for id in &ids {
        let again = bench.new_event(&user(id));
        assert_eq!(store.accept(&again).await.unwrap(), Acceptance::Duplicate, "{id:?}");
        assert_eq!(stored(&store, id).await.key.id(), *id);
    }
    let kept: Vec<String> =
        list(&store).await.iter().map(|event| event.key.id().to_owned()).collect();
    assert_eq!(kept, ids, "in the order they were received in");
}

pub(super) async fn does_not_confuse_label_and_id<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let keys = [
        ("default", "id"),
        ("Default", "id"),
        ("default ", "id"),
        ("sandbox", "id"),
        ("é", "id"),
        ("a", "bc"),
        ("ab", "c"),
        ("a:", "bc"),
        ("a", ":bc"),
    ];
    for (label, id) in keys {
        let event = NewEvent::from(&bench.signer.webhook_of(label, &user(id)));
        assert_eq!(store.accept(&event).await.unwrap(), Acceptance::Accepted, "{label:?} {id:?}");
        assert_eq!(store.accept(&event).await.unwrap(), Acceptance::Duplicate, "{label:?} {id:?}");
    }
    let taken = take(&store, 100, LONG).await;
    assert_eq!(taken.events.len(), keys.len());
    for (taken, (label, id)) in taken.events.iter().zip(keys) {
        assert_eq!(*taken.lease.key(), EventKey::new(label, id));
    }
}

pub(super) async fn stores_any_name_and_order<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    // No index of a database holds it whole, even compressed.
    let long: String = (0_u64..400)
        .map(|n| format!("{:016x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31)))
        .collect();
    let names = ["a\0b", "\0", "it's \"new\"\\", "\u{1F980}", "%", "\u{FEFF}a\r\n", &long];
    for (number, name) in names.iter().enumerate() {
        let id = format!("name-{number}");
        bench.accept(&store, &EventBuilder::unknown(name).id(&id)).await;
        let stored = stored(&store, &id).await;
        assert_eq!((stored.name.as_str(), stored.order_id), (*name, None));
        let filter = EventFilter { name: Some((*name).to_owned()), ..EventFilter::default() };
        assert_eq!(store.list(&filter, 0, 10).await.unwrap().len(), 1, "{name:?}");
    }
    let longer = format!("{long}2");
    let orders = ["o\0", "o", "O", "o ", "'\"\\", "\u{1F980}", &long, &longer];
    for (number, order_id) in orders.iter().enumerate() {
        let id = format!("order-{number}");
        bench.accept(&store, &order(order_id, &id, 0)).await;
        assert_eq!(stored(&store, &id).await.order_id.as_deref(), Some(*order_id));
        let filter =
            EventFilter { order_id: Some((*order_id).to_owned()), ..EventFilter::default() };
        assert_eq!(store.list(&filter, 0, 10).await.unwrap().len(), 1, "{order_id:?}");
    }
    // Each is an order of its own, so all are taken at once.
    assert_eq!(take(&store, 100, LONG).await.events.len(), names.len() + orders.len());
}

pub(super) async fn keeps_every_byte<B: Backend>(bench: &Bench<B>) {
    const LIMIT: usize = 256 * 1024;
    let (store, other) = (bench.store().await, bench.store().await);
    // Of no order, so that none waits for another.
    let small = EventBuilder::new(EventName::UserKycIdentityFailed).id("small");
    let text = "NUL \0, quotes ' \" \\, \u{FEFF}, é, e\u{301}, \u{1F980}, \r\n\t \u{7f} \u{80}";
    let odd = small.clone().id("odd").add("data.odd", text);
    let base = small.clone().id("large").add("data.filler", "");
    let filler = "x".repeat(LIMIT - base.to_json().len());
    let large = base.set("data.filler", filler.as_str());
    assert_eq!(large.to_json().len(), LIMIT);
    for event in [&small, &odd, &large] {
        let webhook = bench.webhook(event);
        let acceptance = store.accept(&NewEvent::from(&webhook)).await.unwrap();
        assert_eq!(acceptance, Acceptance::Accepted);
        let stored = stored(&other, webhook.id()).await;
        let taken = take_one(&other, LONG).await;
        for (body, signature, public_key) in [
            (&stored.body, &stored.signature, &stored.public_key),
            (&taken.body, &taken.signature, &taken.public_key),
        ] {
            assert!(*body == webhook.body(), "the body of {} has changed", webhook.id());
            assert_eq!(*signature, webhook.signature());
            assert_eq!(*public_key, webhook.key().jwk());
            let verifier = Verifier::new(public_key).unwrap();
            let again = verifier.verify_stored(signature, body).unwrap();
            assert_eq!((again.id(), again.name()), (webhook.id(), webhook.name()));
        }
    }
}

pub(super) async fn makes_an_event_due_at_once<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &order("the-order", "first", 0)).await;
    bench.accept(&store, &user("second")).await;
    for store in [&store, &other] {
        assert!(store.is_due().await.unwrap());
        let (first, second) = (stored(store, "first").await, stored(store, "second").await);
        assert!(first.row < second.row && first.received_at <= second.received_at);
        assert_eq!(first.name, "order:crypto-onramp:charged");
        assert_eq!(first.order_id.as_deref(), Some("the-order"));
        assert_eq!(second.order_id, None);
        for event in [first, second] {
            assert_eq!((event.state, event.attempts), (EventState::Pending, 0));
            assert!(event.due_at.is_some_and(|due_at| due_at >= event.received_at));
            assert_eq!((event.last_error, event.failed_at, event.done_at), (None, None, None));
        }
    }
    assert_eq!(take(&other, 10, LONG).await.events.len(), 2);
}

async fn list<S: InboxStore>(store: &S) -> Vec<StoredEvent> {
    store.list(&EventFilter::default(), 0, 10_000).await.unwrap()
}
