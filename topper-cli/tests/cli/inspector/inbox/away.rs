//! Stores that go away and come back, and URLs with secrets.

use serde_json::{Value, json};
use topper_store::inbox::AttemptEnd;

use super::{Inspecting, row_in};
use crate::{
    Home,
    inbox::{Receiver, completed, postgres::Server},
};

const SECRET: &str = "hush";

#[tokio::test]
async fn says_that_a_file_is_gone_and_goes_on_when_it_is_back() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("first")).await;
    let inspecting = Inspecting::of(&receiver, &["--allow-retry"]).await;
    inspecting.rows(1).await;
    let mut stream = inspecting.page.stream("/api/stream", &[]).await;
    let (file, other) = (receiver.home.path("topper.db"), receiver.home.path("other.db"));
    std::fs::rename(&file, &other).unwrap();
    let problem = stream.event("problem").await["problem"].take();
    assert!(problem.as_str().unwrap().contains("was deleted or replaced"), "{problem}");
    assert_eq!(inspecting.page.get("/api/about").await["problem"], problem);
    let answer = inspecting.change("bury", &json!({"id": "first"})).await;
    assert_eq!((answer.status, &answer.json()["error"]), (503, &problem));
    assert_eq!(inspecting.rows(1).await[0]["id"], "first");
    std::fs::rename(&other, &file).unwrap();
    assert_eq!(stream.event("problem").await, json!({"problem": null}));
    receiver.accept(&completed("second")).await;
    row_in(&mut stream, "second", "pending").await;
}

#[tokio::test]
async fn follows_postgresql_through_a_restart_and_shows_no_password() {
    let Some(mut server) = Server::start().await else { return };
    let url = server.database("inbox").await;
    let empty = server.database("empty").await;
    let with_secret = |url: &str| url.replacen("postgres@", &format!("postgres:{SECRET}@"), 1);
    let receiver = Receiver::at(Home::new(), url.clone()).await;
    receiver.accept(&completed("first")).await;

    // The second time because it has made no tables the first time.
    for url in [with_secret(&empty), empty] {
        let output = receiver.home.topper(&["inspect", "--ui-port", "0", &url]).await;
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("it has no table topper_inbox"), "{output:?}");
        assert!(!output.stderr.contains(SECRET), "{output:?}");
    }

    let url_with_secret = with_secret(&url);
    let inspecting = Inspecting::start(&receiver.home, &url_with_secret, &["--allow-retry"]).await;
    let about = inspecting.page.get("/api/about").await;
    assert_eq!(about["source"]["name"], url.replacen("postgres@", "", 1));
    inspecting.rows(1).await;
    let mut stream = inspecting.page.stream("/api/stream", &[]).await;
    receiver.end(AttemptEnd::Dead { error: "a bug".to_owned() }).await;
    row_in(&mut stream, "first", "dead").await;
    receiver.accept(&completed("second").order_id("2")).await;
    row_in(&mut stream, "second", "pending").await;

    server.stop().await;
    let problem = stream.event("problem").await["problem"].take();
    assert!(problem.is_string(), "{problem}");
    let about = inspecting.page.get("/api/about").await;
    let answer = inspecting.change("retry", &json!({"id": "first"})).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    let list = inspecting.page.get("/api/deliveries").await;
    for text in [about.to_string(), answer.text(), list.to_string(), problem.to_string()] {
        assert!(!text.contains(SECRET), "{text}");
    }

    server.start_again().await;
    assert_eq!(stream.event("problem").await, json!({"problem": null}));
    let answer = inspecting.change("retry", &json!({"id": "first"})).await.json();
    let row = row_in(&mut stream, "first", "pending").await;
    assert_eq!((&row, &row["seq"]), (&answer["row"], &json!(1)));
    assert_ne!(row["stored"]["next_at"], Value::Null);
    assert!(!inspecting.end().await.contains(SECRET));
}
