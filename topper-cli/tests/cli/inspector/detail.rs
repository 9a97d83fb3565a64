//! `/api/deliveries/SEQ`

use serde_json::{Value, json};
use topper_core::EventName;
use topper_testkit::{Delivery, EventBuilder, TestKey};

use super::{
    client::Client,
    inspect::{Inspecting, line},
};
use crate::Home;

const EVENT: &str = "order:crypto-onramp:completed";

/// A page with these deliveries.
async fn inspecting(home: &Home, key: &TestKey, deliveries: &[Delivery]) -> Inspecting {
    home.write("key.pub.jwk", key.public_jwk());
    let lines: Vec<String> =
        deliveries.iter().map(|delivery| line("2026-11-29T09:41:00Z", "/", delivery)).collect();
    Inspecting::start(home, &lines, &["--jwk", "key.pub.jwk"]).await
}

#[tokio::test]
async fn shows_everything_about_a_good_delivery() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let path = format!("/webhooks/{}", "long".repeat(100));
    let asked = format!("{path}?token=hunter2&b=c");
    let to = format!("{}{asked}", listening.url);
    let arguments = ["send", EVENT, "--to", &to, "--header", "Authorization: Bearer hunter2"];
    let added =
        ["--set", "data.origin.amount=100.00", "--add", "data.brandNew=1", "--duplicate", "2"];
    assert_eq!(home.topper(&[&arguments[..], &added].concat()).await.code, Some(0));
    let detail = page.get("/api/deliveries/1").await;
    assert_eq!(detail["path"], format!("{path}?token=…&b=c"));
    assert_eq!(detail["row"]["verdict"], "processed");
    let signature = &detail["signature"];
    assert_eq!((&signature["valid"], &signature["holds"]), (&json!(true), &json!([])));
    assert!(signature["text"].as_str().unwrap().starts_with("valid, signed with key "));
    for route in ["/api/deliveries", "/api/deliveries/1", "/api/deliveries/1/curl"] {
        assert!(!page.get(route).await.to_string().contains("hunter2"), "{route}");
    }
    let header = |name: &str| {
        let mut headers = detail["headers"].as_array().unwrap().iter();
        headers.find(|header| header["name"] == name).unwrap().clone()
    };
    assert_eq!(
        header("authorization"),
        json!({"name": "authorization", "value": null, "hex": null, "hidden": true})
    );
    assert!(header("x-topper-jws-signature")["value"].as_str().unwrap().len() > 100);
    let text = detail["body"]["text"].as_str().unwrap();
    let body = page.send("GET", "/api/deliveries/1/body", &[], None).await;
    assert_eq!(body.text(), text);
    assert_eq!(body.headers["content-type"], "application/octet-stream");
    assert!(body.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert!(detail["body"]["pretty"].as_str().unwrap().contains("\n      \"amount\": \"100.00\""));
    let decoded = &detail["decoded"];
    assert_eq!((&decoded["known"], &decoded["ends"]), (&json!(true), &json!(true)));
    assert_eq!(decoded["flow"], "crypto_onramp");
    let fields = decoded["fields"].as_array().unwrap();
    let field = |path: &str| fields.iter().find(|field| field["path"] == path).unwrap();
    assert_eq!(
        (&field("data.origin.amount")["value"], &field("data.origin.amount")["known"]),
        (&json!("100.00"), &json!(true))
    );
    assert_eq!(
        (&field("data.brandNew")["value"], &field("data.brandNew")["known"]),
        (&json!("1"), &json!(false))
    );
    let numbers: Vec<_> =
        detail["attempts"].as_array().unwrap().iter().map(|it| it["seq"].clone()).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(detail["fate"]["text"], "Delivered: Topper does not send it again.");
    assert_eq!(
        (&detail["answer"]["status"], &detail["answer"]["body"]),
        (&json!(200), &json!("processed"))
    );
    for (number, status) in [("3", 404), ("x", 400), ("-1", 400)] {
        let answer = page.send("GET", &format!("/api/deliveries/{number}"), &[], None).await;
        assert_eq!((answer.status, answer.json()["error"].is_string()), (status, true));
    }
}

#[tokio::test]
async fn explains_a_signature_that_does_not_match() {
    let home = Home::new();
    let key = TestKey::generate();
    let event = EventBuilder::new(EventName::UserCreated);
    let json = event.to_json();
    let pretty = format!("{:#}", event.value());
    let own = TestKey::from_jwk(&{
        home.topper(&["keygen", "--public"]).await;
        home.read(".config/topper/test-key.jwk")
    });
    let inspecting = inspecting(
        &home,
        &key,
        &[
            Delivery::signed(&key, json.clone()).with_body(pretty),
            Delivery::signed(&own.unwrap(), json.clone()),
            Delivery::unsigned(json.clone()),
            Delivery::signed(&TestKey::generate(), json.clone()),
            Delivery::signed(&key, json.clone()).header("X-Topper-JWS-Signature", "x"),
            Delivery::signed(&key, "nonsense"),
        ],
    )
    .await;
    for (number, holds, advice) in [
        (1, json!(["with the JSON minified"]), "Verify the raw bytes"),
        (2, json!(["with the key of this page"]), "each URL has its own key"),
        (3, json!([]), "has removed the header"),
        (4, json!([]), "None of the usual causes"),
        (5, json!([]), "sends the header once"),
    ] {
        let detail = inspecting.page.get(&format!("/api/deliveries/{number}")).await;
        let signature = &detail["signature"];
        assert_eq!((&signature["valid"], &signature["holds"]), (&json!(false), &holds));
        assert!(signature["advice"].to_string().contains(advice), "{signature}");
        assert_eq!(signature["text"], detail["row"]["reason"]);
        assert_eq!(detail["answer"]["status"], Value::Null);
        assert!(detail["fate"]["text"].as_str().unwrap().starts_with("Unknown"));
    }
    // Signed, but not an event.
    let detail = inspecting.page.get("/api/deliveries/6").await;
    assert_eq!(detail["signature"]["valid"], true);
    assert_eq!(
        (&detail["row"]["verdict"], &detail["decoded"]),
        (&json!("event_unreadable"), &Value::Null)
    );
}

#[tokio::test]
async fn shows_hostile_content_as_text_or_hex_and_in_a_short_time() {
    let home = Home::new();
    let key = TestKey::generate();
    let binary = Delivery::signed(&key, b"\xff<script>\0".to_vec())
        .header("x-bytes", b"\xff\xfe".to_vec())
        .header("x-escape", b"\x1b[2J".to_vec());
    let deep = Delivery::signed(&key, "{}").with_body("[".repeat(120_000));
    let large = Delivery::signed(&key, format!("{{\"aa\":\"{}\"}}", "é".repeat(1_000_000)));
    let inspecting = inspecting(&home, &key, &[binary, deep, large]).await;
    let detail = inspecting.page.get("/api/deliveries/1").await;
    let hex = detail["body"]["hex"].as_str().unwrap();
    assert!(hex.contains("ff 3c 73 63") && hex.contains(".<script>."), "{hex}");
    assert_eq!(detail["body"]["text"], Value::Null);
    let headers = detail["headers"].to_string();
    assert!(headers.contains("\"ff fe\"") && headers.contains("\"1b 5b 32 4a\""), "{headers}");
    let detail = inspecting.page.get("/api/deliveries/2").await;
    assert_eq!((&detail["body"]["cut"], &detail["body"]["pretty"]), (&json!(false), &Value::Null));
    let detail = inspecting.page.get("/api/deliveries/3").await;
    assert_eq!(
        (&detail["body"]["cut"], &detail["body"]["bytes"]),
        (&json!(true), &json!(2_000_009))
    );
    assert_eq!(detail["body"]["text"].as_str().unwrap().len(), 256 * 1024 - 1);
    assert!(detail.to_string().len() < 600_000);
}

#[tokio::test]
async fn says_why_an_endpoint_did_not_answer() {
    let home = Home::new();
    let mut listening =
        home.listen(&["--forward-to", "http://127.0.0.1:9", "--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    home.topper(&["send", "user:created", "--to", &listening.url, "--retry", "1"]).await;
    let detail = page.get("/api/deliveries/1").await;
    let answer = &detail["answer"];
    assert!(answer["cause"].as_str().is_some_and(|it| it.contains("refused")), "{answer}");
    assert!(answer["advice"].as_str().is_some_and(|it| it.contains("Nothing listens")), "{answer}");
    assert!(detail["fate"]["text"].as_str().unwrap().starts_with("Retried"));
}
