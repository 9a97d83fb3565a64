//! `/api/orders`

use serde_json::{Value, json};
use topper_core::EventName;
use topper_testkit::{Delivery, EventBuilder, Lifecycle, TestKey};

use super::inspect::{Inspecting, line};
use crate::Home;

#[tokio::test]
async fn shows_orders_with_late_and_repeated_events() {
    let home = Home::new();
    let key = TestKey::generate();
    home.write("key.pub.jwk", key.public_jwk());
    let id = "a/b é";
    let events: Vec<Vec<u8>> =
        Lifecycle::Onramp.events().into_iter().map(|it| it.order_id(id).to_json()).collect();
    let other = EventBuilder::new(EventName::OrderCryptoOfframpCommitted).order_id("other");
    let mut deliveries: Vec<Delivery> =
        [1, 0, 3, 2, 3].into_iter().map(|it| Delivery::signed(&key, events[it].clone())).collect();
    deliveries.push(Delivery::signed(&TestKey::generate(), events[0].clone()));
    deliveries.push(Delivery::signed(&key, other.to_json()));
    deliveries.push(Delivery::signed(&key, EventBuilder::new(EventName::UserCreated).to_json()));
    let lines: Vec<String> = (0..)
        .zip(&deliveries)
        .map(|(second, delivery)| line(&format!("2026-11-29T09:41:0{second}Z"), "/", delivery))
        .collect();
    let inspecting = Inspecting::start(&home, &lines, &["--jwk", "key.pub.jwk"]).await;

    let orders = inspecting.page.get("/api/orders").await["orders"].clone();
    let ids: Vec<&Value> = orders.as_array().unwrap().iter().map(|it| &it["order_id"]).collect();
    assert_eq!(ids, ["other", id]);
    let expected = json!({
        "order_id": id,
        "flow": "crypto_onramp",
        "state": "order:crypto-onramp:completed",
        "ended": true,
        "events": 4,
        "duplicates": 1,
        "late": 2,
        "first_at": "2026-11-29T09:41:00Z",
        "last_at": "2026-11-29T09:41:04Z",
    });
    assert_eq!(orders[1], expected);

    let mut order = inspecting.page.get("/api/orders/a%2Fb%20%C3%A9").await;
    let timeline = order["timeline"].take();
    let changes: Vec<&Value> =
        timeline.as_array().unwrap().iter().map(|it| &it["change"]).collect();
    assert_eq!(changes, ["advanced", "stale", "advanced", "stale", "duplicate"]);
    assert_eq!(
        (&timeline[0]["seq"], &timeline[0]["name"]),
        (&json!(1), &json!("order:crypto-onramp:charged"))
    );
    assert!(timeline[0]["updated_at"].is_string());
    assert_eq!(order["view"]["name"], "order:crypto-onramp:completed");
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&order[name], value);
    }
    for (id, status) in [("none", 404), ("%ff", 400), ("", 404)] {
        let answer = inspecting.page.send("GET", &format!("/api/orders/{id}"), &[], None).await;
        assert_eq!(answer.status, status, "{id}");
    }
}
