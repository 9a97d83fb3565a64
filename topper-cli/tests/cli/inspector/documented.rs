//! `docs/command-line/inspector.md` describes every route, and its examples have the fields of real answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    time::sleep,
};
use topper_testkit::Delivery;

use super::{
    client::{Client, Lines},
    inbox::Inspecting as Inbox,
    inspect::{Inspecting, line},
};
use crate::{
    Home,
    inbox::one_of_each,
    program::{TOPPER, page_of},
};

const PAGE: &str = include_str!("../../../../docs/command-line/inspector.md");
const ROUTES: &str = include_str!("../../../src/inspector/route.rs");
const STREAM: &str = include_str!("../../../src/inspector/stream.rs");

/// What the page says about a route.
struct Section(&'static str);

/// The text under the headings such as `GET /api/about`.
fn sections() -> BTreeMap<&'static str, Section> {
    let sections = PAGE.split("\n### `").skip(1).map(|it| it.split_once("`\n").unwrap());
    sections.map(|(route, text)| (route, Section(text))).collect()
}

fn section(route: &str) -> Section {
    sections().remove(route).unwrap_or_else(|| panic!("{route} is not described"))
}

impl Section {
    /// The blocks of code in a language.
    fn blocks(&self, language: &str) -> Vec<&'static str> {
        let blocks = self.0.split("\n```").skip(1).step_by(2);
        let blocks = blocks.filter_map(|block| block.split_once('\n'));
        blocks.filter(|(it, _)| *it == language).map(|(_, block)| block).collect()
    }

    /// The one example of an answer.
    fn answer(&self) -> Value {
        let [block] = self.blocks("json")[..] else { panic!("not one example: {}", self.0) };
        serde_json::from_str(block).unwrap()
    }

    fn answers(&self) -> Vec<Value> {
        self.blocks("json").iter().map(|block| serde_json::from_str(block).unwrap()).collect()
    }

    fn lines(&self) -> Value {
        let [block] = self.blocks("text")[..] else { panic!("not one example: {}", self.0) };
        block.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect()
    }

    /// The names in the first column of the table with this heading.
    fn table(&self, heading: &str) -> BTreeSet<String> {
        let (_, table) = self.0.split_once(&format!("\n| {heading} |")).unwrap();
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let columns = rows.map(|row| row.split('|').nth(1).unwrap());
        columns.flat_map(|names| names.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
    }
}

/// The paths of all fields. Those of all items of a list are the same, and an empty object in the
/// page stands for what it describes elsewhere.
fn fields(value: &Value, elsewhere: &Elsewhere) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    collect(value, "", elsewhere, &mut all);
    all
}

fn collect(value: &Value, path: &str, elsewhere: &Elsewhere, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}.{name}");
                collect(elsewhere.of(name, value), &path, elsewhere, all);
                all.insert(path);
            }
        }
        Value::Array(items) => {
            let name = path.rsplit('.').next().unwrap();
            for item in items {
                collect(elsewhere.of(name, item), &format!("{path}[]"), elsewhere, all);
            }
        }
        _ => (),
    }
}

/// What an empty object stands for.
struct Elsewhere {
    row: Value,
    attempt: Value,
    /// The inner fields of these are not those of the inspector.
    any: Value,
}

impl Elsewhere {
    fn new() -> Self {
        let rows = section("GET /api/deliveries").answers();
        let attempt = section("POST /api/send").answer();
        Self { row: rows[1].clone(), attempt, any: Value::Null }
    }

    fn of<'a>(&'a self, name: &str, value: &'a Value) -> &'a Value {
        let is_empty = value.as_object().is_some_and(Map::is_empty);
        match name.trim_end_matches("[]") {
            "schema" | "example" | "view" if value.is_object() => &self.any,
            "row" | "deliveries" | "attempts" if is_empty => &self.row,
            "attempt" if is_empty => &self.attempt,
            _ => value,
        }
    }
}

/// The example in the page has the fields of the real answer, and no others.
fn compare(route: &str, documented: &Value, real: &Value) {
    let elsewhere = Elsewhere::new();
    let (documented, real) = (fields(documented, &elsewhere), fields(real, &elsewhere));
    assert!(!real.is_empty(), "{route}");
    let missing: Vec<&String> = real.difference(&documented).collect();
    let left_over: Vec<&String> = documented.difference(&real).collect();
    assert!(
        missing.is_empty() && left_over.is_empty(),
        "{route} in docs/command-line/inspector.md: missing {missing:?}, left over {left_over:?}"
    );
}

async fn check(page: &Client, route: &str, path: &str) -> Value {
    let real = page.get(path).await;
    compare(route, &section(route).answer(), &real);
    real
}

/// Of all lines together.
async fn check_lines(route: &str, lines: Lines) {
    compare(route, &section(route).lines(), &lines.all().await.into());
}

/// The fields that a body may have, from the error about one that it may not.
async fn check_body(page: &Client, route: &str, path: &str) {
    let (method, _) = route.split_once(' ').unwrap();
    let error = page.post(method, path, &json!({"no_such_field": 1})).await.json();
    let error = error["error"].as_str().unwrap();
    let (_, expected) = error.split_once("`no_such_field`, expected ").unwrap();
    let real: BTreeSet<String> =
        expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(section(route).table("field of the body"), real, "{route}");
}

#[test]
fn every_route_is_described_and_no_other() {
    let routes = ROUTES.split("(&Method::").skip(1).map(|route| {
        let (method, rest) = route.split_once(',').unwrap();
        let (parts, _) = rest.split_once('[').unwrap().1.split_once(']').unwrap();
        let parts = parts.split(',').map(|part| match part.trim() {
            "number" => "SEQ",
            "name" => "NAME",
            "id" => "ID",
            literal => literal.trim_matches('"'),
        });
        format!("{method} /{}", parts.collect::<Vec<_>>().join("/"))
    });
    let routes: BTreeSet<String> = routes.collect();
    assert!(routes.len() > 20 && routes.contains("POST /api/deliveries/SEQ/replay"), "{routes:?}");
    let described: BTreeSet<String> = sections().into_keys().map(str::to_owned).collect();
    assert_eq!(described, routes);
    // The answers of these are not JSON. Each other one is compared below.
    let others = ["GET /", "GET /assets/NAME", "GET /api/deliveries/SEQ/body"];
    let tests = include_str!("documented.rs");
    for route in routes.iter().filter(|route| !others.contains(&route.as_str())) {
        assert!(tests.contains(&format!("\"{route}\"")), "{route} is not compared");
    }
}

#[test]
fn a_field_that_is_missing_on_one_side_is_found() {
    let elsewhere = Elsewhere::new();
    let of = |value: Value| fields(&value, &elsewhere);
    assert_eq!(of(json!({"a": [{"b": 1}, {"c": null}]})), of(json!({"a": [{"b": {}, "c": 1}]})));
    assert_ne!(of(json!({"a": {"b": 1}})), of(json!({"a": {}})));
    assert_ne!(of(json!({"a": {"b": 1}})), of(json!({"a": null})));
    assert_ne!(of(json!({"a": []})), of(json!({"a": [{"b": 1}]})));
    assert_eq!(of(json!({"row": {}})), of(json!({"row": elsewhere.row})));
    assert_ne!(of(json!({"row": {}})), of(json!({"row": {"seq": 1}})));
}

#[tokio::test]
async fn examples_have_the_fields_of_the_answers_of_listen() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = &Client::new(&listening.page().await);
    let to = listening.url.clone();
    let mut stream = page.stream("/api/stream", &[]).await;
    let wanted = json!({"to": to, "lifecycle": "onramp", "set": {"data.id": "own"}});
    check_lines("POST /api/send", page.lines("/api/send", &wanted).await).await;
    check_body(page, "POST /api/send", "/api/send").await;
    let nowhere = json!({"url": "http://127.0.0.1:9/"});
    check_lines("POST /api/doctor", page.lines("/api/doctor", &nowhere).await).await;
    check_body(page, "POST /api/doctor", "/api/doctor").await;

    let rows = section("GET /api/deliveries").answers();
    let list = page.get("/api/deliveries").await;
    compare("GET /api/deliveries", &rows[0], &list);
    let row = stream.event("row").await;
    let names: BTreeSet<String> = row.as_object().unwrap().keys().cloned().collect();
    assert_eq!(section("GET /api/deliveries").table("field of a row"), names);
    check(page, "GET /api/deliveries/SEQ", "/api/deliveries/4").await;
    check(page, "GET /api/deliveries/SEQ/curl", "/api/deliveries/4/curl").await;
    check(page, "GET /api/deliveries/SEQ/test", "/api/deliveries/4/test").await;

    check(page, "GET /api/faults", "/api/faults").await;
    let (route, path) = ("POST /api/deliveries/SEQ/replay", "/api/deliveries/4/replay");
    let wanted = json!({"to": to, "kind": "fault", "fault": "truncated_body"});
    let replayed = page.post("POST", path, &wanted).await.json();
    compare(route, &section(route).answer(), &replayed);
    check_body(page, route, path).await;

    check(page, "GET /api/orders", "/api/orders").await;
    let order = check(page, "GET /api/orders/ID", "/api/orders/own").await;
    assert!(order["view"].is_object());
    check(page, "GET /api/events", "/api/events").await;
    check(page, "GET /api/events/NAME", "/api/events/user:created").await;
    check(page, "GET /api/answer", "/api/answer").await;
    let setting = page.post("PUT", "/api/answer", &json!({"status": 503, "count": 1})).await;
    compare("PUT /api/answer", &section("PUT /api/answer").answer(), &setting.json());
    check_body(page, "PUT /api/answer", "/api/answer").await;
}

#[tokio::test]
async fn examples_have_the_fields_of_the_answers_of_inspect() {
    let home = Home::new();
    let listening = home.listen(&["--save", "saved.jsonl"]).await;
    home.topper(&["send", "user:created", "--to", &listening.url]).await;
    assert_eq!(listening.end().await.0, Some(0));
    let lines = [home.read("saved.jsonl"), "{}".to_owned()];
    let inspecting = Inspecting::start(&home, &lines, &[]).await;
    check(&inspecting.page, "GET /api/about", "/api/about").await;
    let error = inspecting.page.send("GET", "/api/deliveries/9", &[], None).await.json();
    assert!(PAGE.contains(&format!("\n{{\"error\": {}}}\n", error["error"])), "{error}");
}

#[tokio::test]
async fn examples_have_the_fields_of_the_answers_of_an_inbox() {
    let receiver = one_of_each().await;
    let inbox = Inbox::of(&receiver, &["--allow-retry"]).await;
    let rows = inbox.rows(7).await;
    let documented = &section("GET /api/deliveries").answers()[2];
    let dead = rows.iter().find(|row| row["id"] == "dead").unwrap();
    compare("stored", documented, &dead["stored"]);
    for route in ["POST /api/inbox/retry", "POST /api/inbox/bury"] {
        let (_, path) = route.split_once(' ').unwrap();
        check_body(&inbox.page, route, path).await;
        let answer = inbox.page.post("POST", path, &json!({"id": "dead"})).await;
        let mut real = answer.json();
        compare("stored", documented, &real["row"]["stored"].take());
        compare(route, &section(route).answer(), &real);
    }
}

/// What the page shows of the stream.
fn example_of_the_stream() -> BTreeMap<&'static str, Value> {
    let blocks = section("GET /api/stream").blocks("text")[0].split("\n\n");
    let event = |block: &'static str| {
        let line = |name| block.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        (line("event: "), serde_json::from_str(line("data: ")).unwrap())
    };
    blocks.map(event).collect()
}

#[test]
fn every_event_of_the_stream_is_described() {
    let real: BTreeSet<String> = STREAM
        .split("event: ")
        .skip(1)
        .map(|it| it.chars().take_while(char::is_ascii_alphabetic).collect())
        .collect();
    assert!(real.len() > 3 && real.contains("resync"), "{real:?}");
    assert_eq!(section("GET /api/stream").table("event"), real);
    let example: BTreeSet<String> =
        example_of_the_stream().into_keys().map(str::to_owned).collect();
    assert_eq!(example, real);
}

#[tokio::test]
async fn events_of_the_stream_have_the_fields_that_are_described() {
    let example = example_of_the_stream();
    let receiver = one_of_each().await;
    let inbox = Inbox::of(&receiver, &[]).await;
    inbox.rows(7).await;
    let mut stream = inbox.page.stream("/api/stream", &[]).await;
    std::fs::rename(receiver.home.path("topper.db"), receiver.home.path("other.db")).unwrap();
    compare("problem", &example["problem"], &stream.event("problem").await);
    inbox.end().await;
    assert_eq!(stream.event("ended").await, example["ended"]);

    let home = Home::new();
    let mut child = home.command(TOPPER).args(["inspect", "-", "--ui-port", "0"]).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let page = Client::new(&page_of(&mut stderr).await);
    let mut pipe = child.stdin.take().unwrap();
    let line = line("now", "/", &Delivery::unsigned("{}")) + "\n";
    pipe.write_all(line.repeat(10_000).as_bytes()).await.unwrap();
    while page.get("/api/deliveries?limit=1").await["deliveries"][0]["seq"] != 10_000 {
        sleep(Duration::from_millis(20)).await;
    }
    let mut stream = page.stream("/api/stream", &[]).await;
    pipe.write_all(line.as_bytes()).await.unwrap();
    compare("row", &json!({"row": example["row"]}), &json!({"row": stream.event("row").await}));
    compare("dropped", &example["dropped"], &stream.event("dropped").await);
}
