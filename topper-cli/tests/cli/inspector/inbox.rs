//! `topper inspect` with the URL of a store, on real files and servers.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStderr, Command},
    time::sleep,
};
use topper_store::inbox::AttemptEnd;
use topper_testkit::TestKey;

use super::client::{Client, Stream};
use crate::{
    Home,
    inbox::{Receiver, completed, one_of_each},
    program::{TOPPER, page_of, signal},
};

mod away;
mod changing;
mod refusal;

/// What other programs change is shown in this time.
const SOON: Duration = Duration::from_secs(3);

/// A `topper inspect` whose page is served.
pub(super) struct Inspecting {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(super) page: Client,
}

impl Inspecting {
    /// With a URL that has a secret in it.
    async fn start(home: &Home, url: &str, arguments: &[&str]) -> Self {
        let mut command = home.command(TOPPER);
        command.args(["inspect", "--ui-port", "0"]).args(arguments).env("TOPPER_STORE_URL", url);
        Self::begin(command).await
    }

    async fn begin(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let page = Client::new(&page_of(&mut lines).await);
        Self { child, stderr: lines.into_inner(), page }
    }

    pub(super) async fn of(receiver: &Receiver, arguments: &[&str]) -> Self {
        let mut command = receiver.home.command(TOPPER);
        command.args(["inspect", "--ui-port", "0", &receiver.url]).args(arguments);
        Self::begin(command).await
    }

    /// The rows, the newest first, once there are so many.
    pub(super) async fn rows(&self, count: usize) -> Vec<Value> {
        let started = Instant::now();
        loop {
            let mut list = self.page.get("/api/deliveries?limit=2000").await;
            let Value::Array(rows) = list["deliveries"].take() else { panic!("{list}") };
            if rows.len() == count {
                return rows;
            }
            assert!(started.elapsed() < 10 * SOON, "{} of {count} rows", rows.len());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends it, and gives what else it printed.
    pub(super) async fn end(mut self) -> String {
        signal(&self.child, "-INT").await;
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).await.unwrap();
        assert_eq!(self.child.wait().await.unwrap().code(), Some(0), "{rest}");
        rest
    }
}

fn find<'a>(rows: &'a [Value], id: &str) -> &'a Value {
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{id}: {rows:?}"))
}

/// The next row of a stream that is about an event, and in a state.
async fn row_in(stream: &mut Stream, id: &str, status: &str) -> Value {
    let started = Instant::now();
    loop {
        let row = stream.event("row").await;
        if row["id"] == id && row["stored"]["status"] == status {
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
            return row;
        }
    }
}

#[tokio::test]
async fn shows_the_events_of_an_inbox_their_states_and_what_can_be_done() {
    let receiver = one_of_each().await;
    let inspecting = Inspecting::of(&receiver, &[]).await;
    let about = inspecting.page.get("/api/about").await;
    let name = receiver.url.as_str();
    let source = json!({"kind": "inbox", "name": name, "url": null, "forward_to": null});
    assert_eq!(about["source"], source);
    assert_eq!(
        about["can"],
        json!({"answer": false, "replay": true, "send": true, "retry": false})
    );
    assert_eq!(
        (&about["problem"], &about["keys"]),
        (&Value::Null, &json!([receiver.key.key_id()]))
    );

    let rows = inspecting.rows(7).await;
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["due", "in-work", "buried", "waiting", "dead", "parked", "done"]);
    for row in &rows {
        assert_eq!((&row["verdict"], &row["valid"]), (&json!("accepted"), &json!(true)), "{row}");
        assert_eq!((&row["reason"], &row["status"]), (&Value::Null, &Value::Null), "{row}");
        assert_eq!(
            (&row["key"], &row["change"]),
            (&json!(receiver.key.key_id()), &json!("advanced"))
        );
        assert_eq!(row["name"], "order:crypto-onramp:completed");
        assert_eq!(row["stored"]["label"], "default");
    }
    for (id, attempts, error, can_retry, can_bury) in [
        ("done", 1, Value::Null, false, false),
        ("parked", 1, json!("`data.amount` is missing"), true, true),
        ("dead", 1, json!("the database is down: connection refused"), true, true),
        ("waiting", 1, json!("the bank does not answer"), true, true),
        ("in-work", 1, Value::Null, false, false),
        ("due", 0, Value::Null, false, true),
    ] {
        let stored = &find(&rows, id)["stored"];
        assert_eq!(
            (&stored["attempts"], &stored["last_error"]),
            (&json!(attempts), &error),
            "{id}"
        );
        let can = (&stored["can_retry"], &stored["can_bury"]);
        assert_eq!(can, (&json!(can_retry), &json!(can_bury)), "{id}: {stored}");
    }
    for (id, status) in [("waiting", "pending"), ("due", "pending"), ("in-work", "in-work")] {
        assert_eq!(find(&rows, id)["stored"]["status"], status);
    }
    assert!(find(&rows, "waiting")["stored"]["next_at"].is_string());
    assert!(find(&rows, "in-work")["stored"]["next_at"].is_null());
    inspecting.end().await;
}

#[tokio::test]
async fn shows_what_receivers_workers_and_operators_change() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("first")).await;
    let inspecting = Inspecting::of(&receiver, &[]).await;
    let first = inspecting.rows(1).await.remove(0);
    let mut stream = inspecting.page.stream("/api/stream", &[]).await;

    receiver.accept(&completed("second").order_id("2")).await;
    let second = row_in(&mut stream, "second", "pending").await;
    assert_eq!((&first["seq"], &second["seq"]), (&json!(1), &json!(2)));
    receiver.end(AttemptEnd::Dead { error: "a bug".to_owned() }).await;
    let dead = row_in(&mut stream, "first", "dead").await;
    assert_eq!((&dead["seq"], &dead["stored"]["last_error"]), (&json!(1), &json!("a bug")));
    assert_eq!(receiver.topper(&["retry", "first", "--yes"]).await.code, Some(0));
    row_in(&mut stream, "first", "pending").await;
    assert_eq!(receiver.topper(&["bury", "first", "--yes"]).await.code, Some(0));
    row_in(&mut stream, "first", "buried").await;
    receiver.end(AttemptEnd::Done).await;
    row_in(&mut stream, "second", "done").await;
    let output = receiver.topper(&["purge", "--older-than", "0s", "--yes"]).await;
    assert_eq!(output.stdout, "2 events purged\n", "{output:?}");
    let purged = row_in(&mut stream, "second", "purged").await;
    assert_eq!(purged["stored"]["can_retry"], false);
    assert_eq!(inspecting.rows(2).await.len(), 2);

    // A page that comes back reads the list again: earlier rows may have changed.
    let mut again = inspecting.page.stream("/api/stream", &[("last-event-id", "2")]).await;
    assert_eq!(again.event("resync").await, json!({}));
}

#[tokio::test]
async fn verifies_with_the_keys_that_are_given() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("1")).await;
    receiver.home.write("own.jwk", receiver.key.public_jwk());
    let other = TestKey::generate();
    receiver.home.write("other.jwk", other.public_jwk());
    for (file, valid, verdict) in
        [("own.jwk", true, "accepted"), ("other.jwk", false, "signature_invalid")]
    {
        let inspecting = Inspecting::of(&receiver, &["--jwk", file]).await;
        let row = inspecting.rows(1).await.remove(0);
        assert_eq!((&row["valid"], &row["verdict"]), (&json!(valid), &json!(verdict)));
        assert_eq!(row["reason"].is_null(), valid, "{row}");
        assert_eq!((&row["id"], &row["stored"]["status"]), (&json!("1"), &json!("pending")));
        let keys = inspecting.page.get("/api/about").await["keys"].take();
        assert_eq!(keys == json!([other.key_id()]), !valid);
    }
}

#[tokio::test]
async fn shows_the_newest_10_000_and_finds_old_events_of_a_rare_label() {
    let receiver = Receiver::new().await;
    receiver.accept_for("rare", &completed("one")).await;
    receiver.accept_for("rare", &completed("two")).await;
    receiver.accept_many(10_100).await;
    let inspecting = Inspecting::of(&receiver, &["--label", "rare"]).await;
    let rows = inspecting.rows(2).await;
    assert!(rows.iter().all(|row| row["stored"]["label"] == "rare"), "{rows:?}");
    assert_eq!(find(&rows, "one")["seq"], 1);
    let mut stream = inspecting.page.stream("/api/stream", &[]).await;
    receiver.accept_for("rare", &completed("three")).await;
    row_in(&mut stream, "three", "pending").await;
    let output = receiver.topper(&["bury", "one", "--label", "rare", "--yes"]).await;
    assert_eq!(output.stdout, "1 event buried\n", "{output:?}");
    assert_eq!(row_in(&mut stream, "one", "buried").await["seq"], 1);

    let inspecting = Inspecting::of(&receiver, &[]).await;
    inspecting.rows(2000).await;
    let started = Instant::now();
    while inspecting.page.get("/api/deliveries?limit=1").await["deliveries"][0]["seq"] != 10_000 {
        assert!(started.elapsed() < 20 * SOON);
        sleep(Duration::from_millis(50)).await;
    }
    let mut stream = inspecting.page.stream("/api/stream", &[]).await;
    receiver.accept(&completed("newest")).await;
    assert_eq!(row_in(&mut stream, "newest", "pending").await["seq"], 10_001);
    let list = inspecting.page.get("/api/deliveries?before=12").await;
    assert_eq!((list["deliveries"].as_array().unwrap().len(), &list["dropped"]), (10, &json!(1)));
}

/// The bytes of the files of a database.
fn bytes(receiver: &Receiver) -> Vec<(PathBuf, Vec<u8>)> {
    let files = ["topper.db", "topper.db-wal"].map(|name| receiver.home.path(name));
    files.into_iter().map(|path| (path.clone(), fs::read(&path).unwrap_or_default())).collect()
}
