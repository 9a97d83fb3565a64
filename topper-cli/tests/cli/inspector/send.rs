//! Events that are sent from the page.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};
use tokio::{net::TcpListener, time::timeout};
use topper_core::{EventName, schema};

use super::client::Client;
use crate::Home;

#[tokio::test]
async fn lists_the_events_with_a_schema_and_an_example_of_each() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let all = page.get("/api/events").await;
    let events = all["events"].as_array().unwrap();
    assert_eq!(events.len(), EventName::ALL.len());
    for (event, name) in events.iter().zip(EventName::ALL) {
        assert_eq!(event["name"], name.as_str());
        let escaped = name.as_str().replace(':', "%3A");
        for path in [name.as_str(), &escaped] {
            let event = page.get(&format!("/api/events/{path}")).await;
            assert_eq!(event["name"], name.as_str());
            // A reference into the schema of all events.
            let reference = event["schema"]["$ref"].as_str().unwrap().trim_start_matches('#');
            let found = event["schema"].pointer(reference).unwrap();
            let own: Value = serde_json::from_str(schema::of(*name)).unwrap();
            assert_eq!(found["properties"], own["properties"]);
            assert_eq!(event["example"]["name"], name.as_str());
        }
    }
    assert_eq!((&events[0]["flow"], &events[18]["flow"]), (&json!("crypto_onramp"), &Value::Null));
    let lifecycles = all["lifecycles"].as_array().unwrap();
    let names: Vec<&str> = lifecycles.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["onramp", "onramp-refunded", "onramp-failed", "offramp", "user"]);
    assert_eq!(lifecycles[2]["events"][1], "order:crypto-onramp:failed");
    assert_eq!(page.send("GET", "/api/events/order:new", &[], None).await.status, 404);
}

#[tokio::test]
async fn sends_a_lifecycle_in_random_order_with_copies() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let wanted = json!({"to": listening.url, "lifecycle": "onramp", "duplicate": 3, "shuffle": true,
        "parallel": 4, "set": {"data.id": "own"}});
    let mut lines = page.lines("/api/send", &wanted).await.all().await;
    let done = lines.pop().unwrap()["done"].clone();
    assert_eq!((&done["deliveries"], &done["attempts"]), (&json!(12), &json!(12)));
    assert_eq!(
        (&done["delivered"], &done["retried"], &done["lost"]),
        (&json!(12), &json!(0), &json!(0))
    );
    assert!(done["seed"].is_u64(), "{done}");
    assert_eq!(lines.len(), 12);
    let of = |name: &str| lines.iter().map(|line| line[name].to_string()).collect::<HashSet<_>>();
    assert_eq!((of("delivery").len(), of("id").len(), of("name").len()), (12, 4, 4));
    assert!(lines.iter().all(|line| line["attempt"]["status"] == 200), "{lines:?}");
    let list = page.get("/api/deliveries").await;
    let rows = list["deliveries"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["valid"] == true && row["order_id"] == "own"), "{rows:?}");
}

/// The form on the page shows every field of the schema.
#[tokio::test]
async fn adds_a_field_that_topper_documents_and_the_example_lacks() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let example = page.get("/api/events/order:crypto-onramp:completed").await;
    let example = &example["example"]["data"];
    assert_eq!((&example["error"], &example["destination"]["tag"]), (&Value::Null, &Value::Null));
    let set = json!({"data.error.reason": "fraud", "data.destination.tag.value": "7",
        "data.destination.tag.type": "memo", "data.origin.amount": "12.50"});
    for what in ["event", "lifecycle"] {
        let name = if what == "event" { "order:crypto-onramp:completed" } else { "onramp" };
        let wanted = json!({"to": listening.url, what: name, "set": set});
        let lines = page.lines("/api/send", &wanted).await.all().await;
        assert_eq!(lines.last().unwrap()["done"]["lost"], 0, "{lines:?}");
    }
    for number in 1..=5 {
        let body = page.send("GET", &format!("/api/deliveries/{number}/body"), &[], None).await;
        let data = &body.json()["data"];
        assert_eq!(data["error"]["reason"], "fraud");
        assert_eq!(data["destination"]["tag"], json!({"value": "7", "type": "memo"}));
        assert_eq!(data["origin"]["amount"], "12.50");
    }
}

#[tokio::test]
async fn retries_as_topper_does_in_less_time() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let url = listening.url.clone();
    page.post("PUT", "/api/answer", &json!({"status": 503, "count": 2})).await;
    let wanted = json!({"to": url, "event": "user:created", "retries": true, "squeeze": 100_000});
    let lines = page.lines("/api/send", &wanted).await.all().await;
    let statuses: Vec<&Value> = lines.iter().map(|line| &line["attempt"]["status"]).collect();
    assert_eq!(statuses, [&json!(503), &json!(503), &json!(200), &Value::Null]);
    assert_eq!(lines[2]["attempt"]["number"], 3);
    assert_eq!(
        lines[3]["done"],
        json!({"deliveries": 1, "attempts": 3, "delivered": 1,
        "retried": 0, "lost": 0, "seed": null})
    );

    page.post("PUT", "/api/answer", &json!({"status": 503})).await;
    let lines = page.lines("/api/send", &wanted).await.all().await;
    assert_eq!((lines.len(), &lines[11]["done"]["retried"]), (12, &json!(1)));
    page.post("PUT", "/api/answer", &json!({"status": 400})).await;
    let lines = page.lines("/api/send", &wanted).await.all().await;
    assert_eq!((lines.len(), &lines[1]["done"]["lost"]), (2, &json!(1)));
}

#[tokio::test]
async fn says_what_is_wrong_with_what_is_to_be_sent() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let url = listening.url.clone();
    let object = json!({"a": 1});
    let fields: Value = (0..101)
        .map(|number| (number.to_string(), json!("x")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (change, status, words) in [
        (json!({"event": "order:new"}), 400, "/api/events"),
        (json!({"event": null}), 400, "either `event` or `lifecycle`"),
        (json!({"lifecycle": "onramp"}), 400, "either `event` or `lifecycle`"),
        (json!({"event": null, "lifecycle": "none"}), 400, "/api/events"),
        (
            json!({"set": {"data.orign.amount": "1"}}),
            400,
            "the most similar is `data.origin.amount`",
        ),
        (json!({"set": {"x".repeat(201): "1"}}), 400, "at most 200 bytes"),
        (json!({"set": {"data": object}}), 400, "set text, a number"),
        (json!({"set": fields}), 400, "at most 100 fields"),
        (json!({"duplicate": 0}), 400, "`duplicate` is from 1 to 10"),
        (json!({"duplicate": 11}), 400, "`duplicate` is from 1 to 10"),
        (json!({"parallel": 65}), 400, "`parallel` is from 1 to 64"),
        (json!({"squeeze": 0}), 400, "`squeeze` is from 1 to 100000"),
        (json!({"squeeze": 100_001}), 400, "`squeeze` is from 1 to 100000"),
        (json!({"to": "http://192.0.2.1/"}), 403, "not on this machine"),
        (json!({"to": "http://nowhere.invalid/"}), 403, "no address"),
        (json!({"wait": 1}), 400, "unknown field"),
    ] {
        let mut wanted = json!({"to": url, "event": "order:crypto-onramp:completed"});
        for (name, value) in change.as_object().unwrap() {
            wanted[name] = value.clone();
        }
        let answer = page.post("POST", "/api/send", &wanted).await;
        assert_eq!(answer.status, status, "{change}: {}", answer.text());
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(words), "{change}: {error}");
    }
    // Nothing was sent, and nothing is in the way of the next one.
    assert_eq!(page.get("/api/deliveries").await["deliveries"], json!([]));
    let wanted = json!({"to": url, "event": "user:created"});
    assert_eq!(page.lines("/api/send", &wanted).await.all().await.len(), 2);
}

#[tokio::test]
async fn sends_one_at_a_time_and_stops_when_the_client_hangs_up() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0", "--answer", "503"]).await;
    let page = Client::new(&listening.page().await);
    let wanted = json!({"to": listening.url, "event": "user:created", "retries": true});
    // Its next attempt comes in ten seconds.
    let mut first = page.lines("/api/send", &wanted).await;
    assert_eq!(first.next().await.unwrap()["attempt"]["status"], 503);
    let second = page.post("POST", "/api/send", &wanted).await;
    assert!(second.status == 409 && second.text().contains("already"), "{}", second.text());
    drop(first);
    let mut next = page.lines("/api/send", &wanted).await;
    assert_eq!(next.next().await.unwrap()["attempt"]["status"], 503);
    // It ends with the program.
    let ended = tokio::spawn(listening.end());
    let last = next.next().await.unwrap();
    assert!(last["error"].as_str().unwrap().contains("stopped"), "{last}");
    assert_eq!(next.next().await, None);
    assert_eq!(ended.await.unwrap().0, Some(0));
}

#[tokio::test]
async fn closes_the_connection_to_the_endpoint_when_the_client_hangs_up() {
    let home = Home::new();
    let endpoint = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/", endpoint.local_addr().unwrap());
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let lines = page.lines("/api/send", &json!({"to": to, "event": "user:created"})).await;
    let (socket, _) = endpoint.accept().await.unwrap();
    drop(lines);
    let mut buffer = [0; 64 * 1024];
    let closed = async {
        loop {
            socket.readable().await.unwrap();
            if matches!(socket.try_read(&mut buffer), Ok(0)) {
                break;
            }
        }
    };
    // Sooner than its timeout of 4 s.
    timeout(Duration::from_secs(2), closed).await.unwrap();
}
