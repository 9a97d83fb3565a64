//! `topper listen --ui` and `topper inspect`

use serde_json::{Value, json};

use crate::Home;

mod answer;
mod client;
mod copying;
mod detail;
mod doctor;
mod documented;
mod inbox;
mod inspect;
mod orders;
mod replay;
mod send;

use client::Client;

#[tokio::test]
async fn shows_a_delivery_in_the_list_and_in_the_stream() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let mut stream = page.stream("/api/stream", &[]).await;
    let arguments = ["send", "order:crypto-onramp:completed", "--to", &listening.url];
    assert_eq!(home.topper(&arguments).await.code, Some(0));
    let row = stream.event("row").await;
    assert_eq!(row["name"], "order:crypto-onramp:completed");
    assert_eq!((&row["verdict"], &row["status"]), (&json!("processed"), &json!(200)));
    assert_eq!((&row["fate"], &row["answered_by"]), (&json!("delivered"), &json!("listener")));
    let list = page.get("/api/deliveries").await;
    assert_eq!(list["deliveries"], json!([row]));
    assert_eq!((&list["dropped"], &list["more"]), (&json!(0), &json!(false)));
    let about = page.get("/api/about").await;
    assert_eq!(about["source"]["url"], Value::String(listening.url.clone()));
    assert_eq!(about["can"], json!({"answer": true, "replay": true, "send": true, "retry": false}));
    assert_eq!(listening.end().await.0, Some(0));
    assert_eq!(stream.event("ended").await, json!({}));
}

#[tokio::test]
async fn gives_what_was_missed_to_a_page_that_comes_back() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let url = listening.url.clone();
    home.topper(&["send", "user:created", "--to", &url, "--duplicate", "3"]).await;
    let mut stream = page.stream("/api/stream", &[("last-event-id", "1")]).await;
    let rows = [stream.event("row").await, stream.event("row").await];
    assert_eq!(rows.map(|row| row["seq"].clone()), [2, 3]);
}

#[tokio::test]
async fn is_only_for_the_page_itself_and_for_scripts() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    for (headers, expected) in [
        (vec![("host", "attacker.example:4040")], 403),
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("origin", "http://attacker.example")], 403),
        (vec![], 200),
    ] {
        let answer = page.send("GET", "/api/deliveries", &headers, None).await;
        assert_eq!(answer.status, expected, "{headers:?}");
        assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("'none'"));
    }
    let answer =
        page.send("POST", "/api/send", &[("content-type", "text/plain")], Some("{}")).await;
    assert_eq!(answer.status, 415);
    assert_eq!(page.send("GET", "/api/nothing", &[], None).await.status, 404);
    let html = page.send("GET", "/", &[], None).await;
    assert_eq!(html.headers["content-type"], "text/html; charset=utf-8");
    assert!(html.text().contains("<title>"));
}
