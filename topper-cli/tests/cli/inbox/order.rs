//! `order`

use topper_core::EventName;
use topper_store::inbox::AttemptEnd;
use topper_testkit::EventBuilder;

use super::{ORDER, Receiver};

#[tokio::test]
async fn shows_what_arrived_late_and_what_is_the_latest() {
    let receiver = Receiver::new().await;
    for (id, name, at) in [
        ("a", EventName::OrderCryptoOnrampCommitted, "2026-03-01T10:00:00.000Z"),
        ("b", EventName::OrderCryptoOnrampCompleted, "2026-03-01T10:03:00.000Z"),
        ("c", EventName::OrderCryptoOnrampCharged, "2026-03-01T11:01:00.000+01:00"),
    ] {
        receiver.accept(&EventBuilder::new(name).id(id).order_id(ORDER).updated_at(at)).await;
    }
    receiver.end(AttemptEnd::Done).await;
    let output = receiver.topper(&["order", ORDER]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(lines[0], format!("order {ORDER} (order:crypto-onramp), 3 events"));
    assert_eq!(lines[1], "latest: order:crypto-onramp:completed, the order has ended");
    assert!(lines[4].split_whitespace().any(|word| word == "committed"), "{output:?}");
    let times = ["2026-03-01 10:00:00", "2026-03-01 10:03:00", "2026-03-01 10:01:00"];
    for ((line, time), words) in
        lines[4..].iter().zip(times).zip(["done 0s after", "latest", "late,"])
    {
        assert!(line.starts_with(time) && line.contains(words), "{line}");
    }
    let object = &receiver.objects(&["order", ORDER]).await[0];
    assert_eq!(object["latest"], "order:crypto-onramp:completed");
    assert!(object["terminal"] == true && object["latest_id"] == "b", "{object}");
    let late: Vec<_> =
        object["events"].as_array().unwrap().iter().map(|event| event["late"].clone()).collect();
    assert_eq!(late, [false, false, true]);
}

#[tokio::test]
async fn says_when_it_has_no_event_of_an_order() {
    let receiver = Receiver::new().await;
    let output = receiver.topper(&["order", "none"]).await;
    assert_eq!((output.code, &*output.stdout), (Some(1), "no event of order none is stored\n"));
    let output = receiver.topper(&["order", "none", "--json"]).await;
    assert_eq!(output.objects()[0]["events"], serde_json::json!([]));
}
