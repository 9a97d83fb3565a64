//! An endpoint that is tested from the page.

use serde_json::{Value, json};

use super::client::Client;
use crate::{
    Home,
    doctor::{Behaviour, Endpoint},
};

#[tokio::test]
async fn finds_what_the_command_finds() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let public = home.topper(&["keygen", "--public"]).await.stdout;
    for (behaviour, fails) in [(Behaviour::Good, false), (Behaviour::OneCatch, true)] {
        let endpoint = Endpoint::start(&public, behaviour).await;
        let lines = page.lines("/api/doctor", &json!({"url": endpoint.url})).await.all().await;
        let found: Vec<&Value> = lines.iter().map(|line| &line["finding"]).collect();
        let found: Vec<(&Value, &Value)> = found
            .iter()
            .filter(|finding| !finding.is_null())
            .map(|finding| (&finding["check"], &finding["grade"]))
            .collect();
        let objects = home.topper(&["doctor", &endpoint.url, "--json"]).await.objects();
        let (sum, of_command) = objects.split_last().unwrap();
        let of_command: Vec<(&Value, &Value)> =
            of_command.iter().map(|finding| (&finding["check"], &finding["grade"])).collect();
        assert_eq!(found, of_command);
        let done = &lines.last().unwrap()["done"];
        assert_eq!(done, sum);
        assert_eq!(done["failures"].as_u64().unwrap() > 0, fails, "{done}");
        assert_eq!(lines[0], json!({"trying": "a valid event"}));
        assert!(lines.iter().any(|line| line["finding"]["came_back"].is_string()));
    }
}

#[tokio::test]
async fn tests_only_endpoints_on_this_machine() {
    let home = Home::new();
    let elsewhere = "http://192.0.2.1/?token=s3cret";
    let mut listening = home.listen(&["--ui-port", "0", "--forward-to", elsewhere]).await;
    let page = Client::new(&listening.page().await);
    for (url, status) in [
        (elsewhere, 403),
        ("http://192.0.2.1/", 403),
        ("http://3221225985/", 403),
        ("http://0.0.0.0:9/", 403),
        ("http://nowhere.invalid/", 403),
        ("nonsense", 400),
    ] {
        let answer = page.post("POST", "/api/doctor", &json!({"url": url})).await;
        assert_eq!(answer.status, status, "{url}: {}", answer.text());
        for hidden in ["yes-this-is-my-endpoint", "s3cret"] {
            assert!(!answer.text().contains(hidden), "{}", answer.text());
        }
    }
    // None of them is in the way, and where nothing listens, that is the finding.
    let url = json!({"url": "http://127.0.0.1:9/"});
    let lines = page.lines("/api/doctor", &url).await.all().await;
    let finding = &lines[1]["finding"];
    assert_eq!(
        (&finding["grade"], &finding["cause"]),
        (&json!("failed"), &json!("connection_refused"))
    );
    assert_eq!(lines[2]["done"]["failures"], 1);
}

#[tokio::test]
async fn tests_one_at_a_time_and_stops_when_the_client_hangs_up() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let public = home.topper(&["keygen", "--public"]).await.stdout;
    let endpoint = Endpoint::start(&public, Behaviour::Slow).await;
    let wanted = json!({"url": endpoint.url});
    let mut first = page.lines("/api/doctor", &wanted).await;
    assert_eq!(first.next().await.unwrap(), json!({"trying": "a valid event"}));
    let second = page.post("POST", "/api/doctor", &wanted).await;
    assert!(second.status == 409 && second.text().contains("already"), "{}", second.text());
    drop(first);
    let mut next = page.lines("/api/doctor", &wanted).await;
    assert_eq!(next.next().await.unwrap(), json!({"trying": "a valid event"}));
    let ended = tokio::spawn(listening.end());
    assert!(next.next().await.unwrap()["error"].as_str().unwrap().contains("stopped"));
    assert_eq!((next.next().await, ended.await.unwrap().0), (None, Some(0)));
}
