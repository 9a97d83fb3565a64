//! What the listener answers, set from the page.

use serde_json::{Value, json};

use super::client::Client;
use crate::Home;

fn setting(status: Value, delay_ms: u64, silent: bool, count: Value) -> Value {
    json!({"status": status, "delay_ms": delay_ms, "silent": silent, "count": count})
}

#[tokio::test]
async fn answers_the_next_deliveries_as_set_and_then_as_usual() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let usual = page.get("/api/answer").await;
    assert_eq!((&usual["status"], &usual["count"]), (&Value::Null, &Value::Null));
    assert_eq!(usual["schedule"]["fate"], "delivered");
    assert_eq!(usual["schedule"]["attempts"], json!([{"number": 1, "after_s": 0}]));

    let wanted = setting(503.into(), 0, false, 2.into());
    let answer = page.post("PUT", "/api/answer", &wanted).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let schedule = &answer.json()["schedule"];
    assert_eq!(schedule["fate"], "retried");
    // The third attempt is answered as usual.
    assert_eq!(schedule["attempts"].as_array().unwrap().len(), 3);
    assert!(schedule["text"].as_str().unwrap().contains("Retry 2 gets 200"), "{schedule}");

    let arguments = ["send", "user:created", "--to", &listening.url, "--duplicate", "3"];
    let sent = home.topper(&[&arguments[..], &["--json"]].concat()).await.objects();
    let statuses: Vec<&Value> = sent.iter().map(|it| &it["received"]["status"]).collect();
    assert_eq!(statuses, [503, 503, 200]);
    let list = page.get("/api/deliveries").await;
    let by: Vec<&Value> =
        list["deliveries"].as_array().unwrap().iter().map(|row| &row["answered_by"]).collect();
    assert_eq!(by, ["listener", "setting", "setting"]);
    assert_eq!(page.get("/api/answer").await, usual);
}

#[tokio::test]
async fn counts_a_late_answer_as_a_timeout_of_topper() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    for wanted in
        [setting(Value::Null, 5000, false, Value::Null), setting(200.into(), 0, true, 1.into())]
    {
        let schedule = &page.post("PUT", "/api/answer", &wanted).await.json()["schedule"];
        assert_eq!(schedule["fate"], "retried");
        assert!(schedule["text"].as_str().unwrap().starts_with("No answer within 4 s"));
        let url = listening.url.clone();
        let output = home.topper(&["send", "user:created", "--to", &url]).await;
        assert!(output.stdout.contains("no answer in 4 s"), "{output:?}");
        let row = &page.get("/api/deliveries").await["deliveries"][0];
        assert_eq!((&row["status"], &row["fate"]), (&Value::Null, &json!("retried")));
    }
    assert_eq!(page.get("/api/answer").await["count"], Value::Null);
}

#[tokio::test]
async fn shows_when_topper_would_retry_and_when_it_gives_up() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0", "--answer", "202"]).await;
    let page = Client::new(&listening.page().await);
    assert_eq!(page.get("/api/answer").await["status"], 202);
    let put = async |status: u16| {
        let wanted = setting(status.into(), 0, false, Value::Null);
        page.post("PUT", "/api/answer", &wanted).await.json()["schedule"].clone()
    };
    let lost = put(400).await;
    assert_eq!((&lost["fate"], lost["attempts"].as_array().unwrap().len()), (&json!("lost"), 1));
    assert!(lost["text"].as_str().unwrap().contains("lost"), "{lost}");
    let retried = put(503).await;
    let attempts = retried["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), &attempts[1]), (11, &json!({"number": 2, "after_s": 11})));
    let last = attempts[10]["after_s"].as_f64().unwrap();
    assert!((10_700.0..10_900.0).contains(&last), "{last}");
    let text = retried["text"].as_str().unwrap();
    assert!(text.contains("not published") && text.contains("approximate"), "{text}");
}

#[tokio::test]
async fn says_what_is_wrong_with_a_setting_and_keeps_the_last_one() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    for (wanted, words) in [
        (json!({"status": 199}), "`status` is from 200 to 599"),
        (json!({"status": 600}), "`status` is from 200 to 599"),
        (json!({"status": -1}), "`status` is from 200 to 599"),
        (json!({"delay_ms": 60_001}), "`delay_ms` is from 0 to 60000"),
        (json!({"delay_ms": -1}), "`delay_ms` is from 0 to 60000"),
        (json!({"count": 0}), "`count` is from 1 to"),
        (json!({"count": i64::MAX}), "`count` is from 1 to"),
        (json!({"statuz": 200}), "statuz"),
        (json!([]), "the body is not what this route takes"),
    ] {
        let answer = page.post("PUT", "/api/answer", &wanted).await;
        assert_eq!(answer.status, 400, "{wanted}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(words), "{wanted}: {error}");
    }
    assert_eq!(page.get("/api/answer").await["status"], Value::Null);
    let large = json!({"x": "x".repeat(1024 * 1024)});
    assert_eq!(page.post("PUT", "/api/answer", &large).await.status, 413);

    let url = "http://127.0.0.1:9/";
    let mut forwarding = home.listen(&["--ui-port", "0", "--forward-to", url]).await;
    let page = Client::new(&forwarding.page().await);
    assert_eq!(page.get("/api/about").await["can"]["answer"], false);
    assert_eq!(page.send("GET", "/api/answer", &[], None).await.status, 403);
    let answer = page.post("PUT", "/api/answer", &json!({"status": 503})).await;
    assert!(answer.status == 403 && answer.text().contains("--forward-to"), "{}", answer.text());
}

#[tokio::test]
async fn says_on_the_terminal_who_has_set_an_answer() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0", "--answer", "429"]).await;
    let page = Client::new(&listening.page().await);
    let url = listening.url.clone();
    let send = ["send", "user:created", "--to", &url];
    home.topper(&send).await;
    assert!(listening.line().await.contains(" 429 as set by --answer "));
    let answer = page.post("PUT", "/api/answer", &json!({"status": 503})).await;
    assert_eq!(answer.status, 200);
    home.topper(&send).await;
    while !listening.line().await.contains(" 503 as set on the page ") {}
}
