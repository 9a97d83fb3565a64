//! `topper doctor`, against good endpoints and faulty ones.

mod endpoint;
mod node;

use std::sync::atomic::Ordering;

pub(crate) use endpoint::{Behaviour, Endpoint};
use serde_json::Value;

use crate::Home;

/// The names of the checks that came out so.
fn checks(objects: &[Value], grade: &str) -> Vec<String> {
    let some = objects.iter().filter(|object| object["grade"] == grade);
    some.map(|object| object["check"].as_str().unwrap().to_owned()).collect()
}

fn check<'a>(objects: &'a [Value], name: &str) -> &'a Value {
    objects.iter().find(|object| object["check"] == name).unwrap()
}

/// What the doctor finds at an endpoint, with the exit code that goes with it.
async fn examine(home: &Home, url: &str, more: &[&str]) -> Vec<Value> {
    let arguments = [&["doctor", url, "--key", "key.jwk", "--json"], more].concat();
    let output = home.topper(&arguments).await;
    let objects = output.objects();
    let failed = !checks(&objects, "failed").is_empty();
    assert_eq!(output.code, Some(i32::from(failed)), "{output:?}");
    let sum = objects.last().unwrap();
    assert_eq!(sum["failures"].as_u64().unwrap() > 0, failed, "{output:?}");
    objects
}

async fn start(home: &Home, behaviour: Behaviour) -> Endpoint {
    let public = home.topper(&["keygen", "key.jwk"]).await.stdout;
    Endpoint::start(&public, behaviour).await
}

const REFUSALS: [&str; 6] = [
    "refuses what is not signed",
    "refuses a changed body",
    "refuses a body that was serialised again",
    "refuses other keys",
    "refuses HMAC with the public key",
    "refuses broken signatures",
];

#[tokio::test]
async fn finds_no_failure_in_a_good_endpoint() {
    let home = Home::new();
    let endpoint = start(&home, Behaviour::Good).await;
    let objects = examine(&home, &endpoint.url, &[]).await;
    assert_eq!(checks(&objects, "failed"), [""; 0], "{objects:#?}");
    assert_eq!(checks(&objects, "warning"), [""; 0], "{objects:#?}");
    assert_eq!(checks(&objects, "skipped"), [""; 0]);
    assert_eq!(checks(&objects, "passed").len(), 24);

    let output = home.topper(&["doctor", &endpoint.url, "--key", "key.jwk"]).await;
    assert_eq!(output.code, Some(0));
    assert!(output.stdout.ends_with("24 passed, 0 to look at, 0 failed, 0 not tested\n"));
    assert!(output.stdout.lines().all(|line| line.chars().count() <= 80), "{}", output.stdout);
}

#[tokio::test]
async fn finds_that_everything_is_accepted() {
    let home = Home::new();
    let endpoint = start(&home, Behaviour::AcceptsEverything).await;
    let failed = checks(&examine(&home, &endpoint.url, &[]).await, "failed");
    assert!(REFUSALS.iter().all(|it| failed.iter().any(|other| other == it)), "{failed:?}");
    assert!(!failed.iter().any(|it| it == "a valid event"), "{failed:?}");
}

#[tokio::test]
async fn finds_a_401_for_a_database_that_is_down() {
    let home = Home::new();
    let endpoint = start(&home, Behaviour::OneCatch).await;
    // While it is up the doctor finds the one catch by what the work behind it chokes on.
    let objects = examine(&home, &endpoint.url, &[]).await;
    assert_eq!(checks(&objects, "failed"), ["signed, but not an event"]);
    let finding = check(&objects, "signed, but not an event");
    assert!(finding["advice"].as_str().unwrap().contains("outage of the database"), "{finding}");

    endpoint.database_is_down.store(true, Ordering::Relaxed);
    let objects = examine(&home, &endpoint.url, &[]).await;
    assert_eq!(checks(&objects, "failed"), ["a valid event"]);
    let finding = check(&objects, "a valid event");
    assert_eq!(finding["came_back"], "401 unauthorized: lost, Topper does not retry");
    assert!(finding["advice"].as_str().unwrap().contains("outage of the database"), "{finding}");
}

#[tokio::test]
async fn finds_that_an_event_is_processed_twice() {
    let twice = ["the same event again", "the same event at the same moment"];
    for code in ["processed", "accepted"] {
        let home = Home::new();
        let endpoint = start(&home, Behaviour::Twice(code)).await;
        let objects = examine(&home, &endpoint.url, &[]).await;
        assert_eq!(checks(&objects, "failed"), twice);
        let finding = check(&objects, twice[0]);
        assert_eq!(finding["came_back"], format!("`{code}` 2 times"));
    }

    // One that always says the same is not to be told by its answers, but by its count.
    let home = Home::new();
    let endpoint = start(&home, Behaviour::Twice("ok")).await;
    let objects = examine(&home, &endpoint.url, &[]).await;
    assert_eq!(
        (checks(&objects, "failed").len(), checks(&objects, "warning")),
        (0, twice.map(str::to_owned).to_vec())
    );
    let arguments = ["doctor", &endpoint.url, "--key", "key.jwk"];
    assert_eq!(home.topper(&arguments).await.code, Some(0));
    assert_eq!(home.topper(&[&arguments[..], &["--strict"]].concat()).await.code, Some(1));
    let runs_url = format!("{}/runs/{{id}}", endpoint.origin);
    let objects = examine(&home, &endpoint.url, &["--runs-url", &runs_url]).await;
    assert_eq!(checks(&objects, "failed"), twice);
    let finding = check(&objects, twice[0]);
    assert_eq!(finding["came_back"], "the endpoint says it processed it 2 times");
}

#[tokio::test]
async fn passes_an_endpoint_by_its_count() {
    let home = Home::new();
    let endpoint = start(&home, Behaviour::Good).await;
    let runs_url = format!("{}/runs/{{id}}", endpoint.origin);
    let objects = examine(&home, &endpoint.url, &["--runs-url", &runs_url]).await;
    assert_eq!(checks(&objects, "failed"), [""; 0], "{objects:#?}");
}

#[tokio::test]
async fn finds_that_an_answer_takes_five_seconds() {
    let home = Home::new();
    let endpoint = start(&home, Behaviour::Slow).await;
    let objects = examine(&home, &endpoint.url, &[]).await;
    assert_eq!(checks(&objects, "failed"), ["a valid event"]);
    let came_back = check(&objects, "a valid event")["came_back"].as_str().unwrap();
    assert!(came_back.starts_with("no answer within 4 s, but 200 after 5."), "{came_back}");
    assert_eq!(checks(&objects, "skipped").len(), 1);
}

#[tokio::test]
async fn names_statuses_that_lose_events() {
    let home = Home::new();
    for (status, word) in [(301, "no redirect"), (413, "limit for the body"), (415, "Content-Type")]
    {
        let home = Home::new();
        let endpoint = start(&home, Behaviour::Answers(status)).await;
        let objects = examine(&home, &endpoint.url, &[]).await;
        let finding = check(&objects, "a valid event");
        assert_eq!(finding["came_back"], format!("{status}: lost, Topper does not retry"));
        assert!(finding["advice"].as_str().unwrap().contains(word), "{finding}");
        assert!(!checks(&objects, "passed").is_empty(), "{objects:?}");
    }
    let endpoint = start(&home, Behaviour::Answers(503)).await;
    let objects = examine(&home, &endpoint.url, &[]).await;
    assert_eq!(check(&objects, "a valid event")["came_back"], "503: Topper retries");
    // A forgery that is retried.
    assert!(checks(&objects, "failed").contains(&REFUSALS[0].to_owned()));
}

/// The same reply to a forgery would look like a refusal.
#[tokio::test]
async fn tests_nothing_else_where_the_path_or_the_method_is_wrong() {
    for status in [404, 405] {
        let home = Home::new();
        let endpoint = start(&home, Behaviour::Answers(status)).await;
        let objects = examine(&home, &endpoint.url, &[]).await;
        let finding = check(&objects, "a valid event");
        assert_eq!(finding["came_back"], format!("{status}: lost, Topper does not retry"));
        let advice = finding["advice"].as_str().unwrap();
        for words in ["Check the path", "accepts POST", "Nothing else was tested"] {
            assert!(advice.contains(words), "{words}: {advice}");
        }
        assert_eq!(checks(&objects, "failed"), ["a valid event"]);
        assert_eq!(checks(&objects, "skipped"), ["all other checks"]);
        assert_eq!(objects.last().unwrap()["passed"], 0);
        let output = home.topper(&["doctor", &endpoint.url, "--key", "key.jwk"]).await;
        assert_eq!(output.code, Some(1));
        assert!(output.stdout.ends_with("0 passed, 0 to look at, 1 failed, 1 not tested\n"));
    }
}

#[tokio::test]
async fn stops_at_an_endpoint_with_another_key() {
    let home = Home::new();
    let endpoint = start(&home, Behaviour::Good).await;
    home.topper(&["keygen", "key.jwk", "--force"]).await;
    let objects = examine(&home, &endpoint.url, &[]).await;
    assert_eq!((objects.len(), checks(&objects, "failed").len()), (2, 1), "{objects:?}");
    let finding = check(&objects, "a valid event");
    assert_eq!(finding["came_back"], "503 key_unproven: Topper retries");
    assert!(finding["advice"].as_str().unwrap().contains("another public key"), "{finding}");
}

#[tokio::test]
async fn stops_when_there_is_no_endpoint() {
    let home = Home::new();
    home.topper(&["keygen", "key.jwk"]).await;
    let objects = examine(&home, "http://127.0.0.1:9/", &[]).await;
    assert_eq!(objects.len(), 2, "{objects:?}");
    assert_eq!(checks(&objects, "failed"), ["a valid event"]);
}

#[tokio::test]
async fn finds_that_a_body_in_chunks_gets_no_answer() {
    let home = Home::new();
    let endpoint = start(&home, Behaviour::ClosesOnChunks).await;
    let objects = examine(&home, &endpoint.url, &[]).await;
    let finding = check(&objects, "a body in chunks, without a length");
    assert_eq!(finding["came_back"], "closed without an answer");
    assert_eq!(finding["cause"], "closed_without_answer");
    assert!(finding["advice"].as_str().unwrap().contains("see its log"), "{finding}");
}

#[tokio::test]
async fn takes_an_endpoint_that_ends_for_none_that_refuses_forgeries() {
    let home = Home::new();
    let endpoint = start(&home, Behaviour::EndsOnForgery).await;
    let objects = examine(&home, &endpoint.url, &[]).await;
    let finding = check(&objects, "refuses a changed body");
    assert_eq!(
        (finding["grade"].as_str(), finding["cause"].as_str()),
        (Some("failed"), Some("connection_refused"))
    );
    assert!(finding["advice"].as_str().unwrap().contains("Is the endpoint running"), "{finding}");
}

#[tokio::test]
async fn sends_nothing_to_another_machine_unless_told_so() {
    let home = Home::new();
    // An address for documentation (RFC 5737), and one of this machine that is not loopback.
    for url in ["http://192.0.2.1/", "http://[2001:db8::1]/", "http://0.0.0.0:9/"] {
        let output = home.topper(&["doctor", url]).await;
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("--yes-this-is-my-endpoint"), "{output:?}");
    }
    let told = home.topper(&["doctor", "http://0.0.0.0:9/", "--yes-this-is-my-endpoint"]).await;
    assert_eq!(told.code, Some(1), "{told:?}");
    for url in ["nonsense", "ftp://localhost/"] {
        assert_eq!(home.topper(&["doctor", url]).await.code, Some(2));
    }
}
