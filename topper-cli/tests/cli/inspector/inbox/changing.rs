//! Retrying and burying from the page.

use serde_json::{Value, json};
use topper_store::inbox::AttemptEnd;

use super::{Inspecting, bytes, find, row_in};
use crate::{
    inbox::{Receiver, completed, one_of_each},
    inspector::client::Answer,
};

impl Inspecting {
    pub(super) async fn change(&self, change: &str, body: &Value) -> Answer {
        self.page.post("POST", &format!("/api/inbox/{change}"), body).await
    }
}

fn error(answer: &Answer) -> String {
    answer.json()["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn changes_nothing_unless_it_is_allowed() {
    let receiver = one_of_each().await;
    let before = receiver.objects(&["list"]).await;
    let inspecting = Inspecting::of(&receiver, &[]).await;
    inspecting.rows(7).await;
    let files = bytes(&receiver);
    for change in ["retry", "bury"] {
        let answer = inspecting.change(change, &json!({"id": "dead"})).await;
        assert_eq!(answer.status, 403);
        assert!(error(&answer).contains("start `topper inspect` with --allow-retry"));
    }
    assert!(bytes(&receiver) == files);
    assert_eq!(receiver.objects(&["list"]).await, before);
}

#[tokio::test]
async fn retries_and_buries_as_the_commands_do() {
    let receiver = one_of_each().await;
    let inspecting = Inspecting::of(&receiver, &["--allow-retry"]).await;
    assert_eq!(inspecting.page.get("/api/about").await["can"]["retry"], true);
    let rows = inspecting.rows(7).await;
    let mut stream = inspecting.page.stream("/api/stream", &[]).await;
    for (change, id, body, status) in [
        ("retry", "dead", json!({"id": "dead"}), "pending"),
        ("retry", "parked", json!({"id": "parked", "label": "default"}), "pending"),
        ("retry", "waiting", json!({"id": "waiting"}), "pending"),
        ("bury", "waiting", json!({"id": "waiting"}), "buried"),
        ("retry", "done", json!({"id": "done", "again": true}), "pending"),
        ("retry", "buried", json!({"id": "buried", "again": true}), "pending"),
    ] {
        let answer = inspecting.change(change, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let row = &answer.json()["row"];
        assert_eq!((&row["stored"]["status"], &row["id"]), (&json!(status), &json!(id)));
        assert_eq!(row["seq"], find(&rows, id)["seq"]);
        assert_eq!(row_in(&mut stream, id, status).await["seq"], row["seq"]);
    }
    assert_eq!(receiver.ids(&["--state", "buried"]).await, ["waiting"]);
    let pending = receiver.ids(&["--state", "pending"]).await;
    assert_eq!(pending, ["done", "parked", "dead", "buried", "due"]);
}

#[tokio::test]
async fn says_why_an_event_is_not_changed() {
    let receiver = one_of_each().await;
    let before = receiver.objects(&["list"]).await;
    let inspecting = Inspecting::of(&receiver, &["--allow-retry"]).await;
    for (change, body, status, reason) in [
        ("retry", json!({"id": "done"}), 409, "add `\"again\": true` to process it again"),
        ("retry", json!({"id": "buried"}), 409, "add `\"again\": true` to bring it back"),
        ("retry", json!({"id": "in-work"}), 409, "a worker is processing it"),
        ("retry", json!({"id": "in-work", "again": true}), 409, "a worker is processing it"),
        ("retry", json!({"id": "due"}), 409, "already due"),
        ("retry", json!({"id": "nothing"}), 404, "no such event"),
        ("retry", json!({"id": "dead", "label": "other"}), 404, "no such event"),
        ("bury", json!({"id": "done"}), 409, "cannot be buried"),
        ("bury", json!({"id": "done", "again": true}), 409, "cannot be buried"),
        ("bury", json!({"id": "buried"}), 409, "already buried"),
        ("bury", json!({"id": "in-work"}), 409, "a worker is processing it"),
        ("bury", json!({"label": "default"}), 400, "missing field `id`"),
        ("bury", json!({"id": "dead", "state": "dead"}), 400, "unknown field `state`"),
    ] {
        let answer = inspecting.change(change, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        assert!(error(&answer).contains(reason), "{body}: {}", answer.text());
    }
    let json = [("content-type", "application/json"), ("origin", "http://attacker.example")];
    let body = r#"{"id": "dead"}"#;
    let answer = inspecting.page.send("POST", "/api/inbox/retry", &json, Some(body)).await;
    assert_eq!(answer.status, 403);
    assert_eq!(receiver.objects(&["list"]).await, before);
}

#[tokio::test]
async fn asks_for_the_label_where_several_webhooks_have_the_event() {
    let receiver = Receiver::new().await;
    for label in ["live", "sandbox"] {
        receiver.accept_for(label, &completed("1")).await;
        receiver.end(AttemptEnd::Dead { error: "a bug".to_owned() }).await;
    }
    let inspecting = Inspecting::of(&receiver, &["--allow-retry"]).await;
    let answer = inspecting.change("retry", &json!({"id": "1"})).await;
    assert_eq!((answer.status, error(&answer).contains("add its `label`")), (409, true));
    let answer = inspecting.change("retry", &json!({"id": "1", "label": "live"})).await;
    assert_eq!((answer.status, &answer.json()["row"]["stored"]["label"]), (200, &json!("live")));
    let dead = receiver.objects(&["list", "--state", "dead"]).await;
    assert_eq!((dead.len(), &dead[0]["label"]), (1, &json!("sandbox")));
    inspecting.end().await;

    let inspecting = Inspecting::of(&receiver, &["--allow-retry", "--label", "sandbox"]).await;
    let rows = inspecting.rows(1).await;
    assert_eq!(rows[0]["stored"]["label"], "sandbox");
    let answer = inspecting.change("bury", &json!({"id": "1", "label": "live"})).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(inspecting.change("bury", &json!({"id": "1"})).await.status, 200);
    assert_eq!(receiver.ids(&["--label", "sandbox", "--state", "buried"]).await, ["1"]);
}
