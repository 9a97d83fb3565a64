//! `stats`, `list` and `show`

use topper_core::{Outcome, Reply, Retry};
use topper_store::{
    AnyStore, Once,
    inbox::{AttemptEnd, InboxStore as _},
    sqlx::{self, sqlite::SqlitePool},
};
use topper_testkit::EventBuilder;

use super::{MINUTE, ORDER, Receiver, completed, dead, failed, one_of_each};

#[tokio::test]
async fn counts_what_is_stored_and_says_what_to_do() {
    let receiver = one_of_each().await;
    let output = receiver.topper(&["stats"]).await;
    assert_eq!(output.code, Some(1), "{output:?}");
    let words: Vec<_> = output.stdout.split_whitespace().collect();
    let words = words.join(" ");
    assert!(words.starts_with("pending 2 oldest received "), "{words}");
    assert!(
        words.contains("due 1 in work 1 parked 1 dead 1 done today 1 since midnight, UTC"),
        "{words}"
    );
    for command in ["topper inbox list --state dead", "retry --state dead", "list --state parked"] {
        assert!(words.contains(command), "{words}");
    }
    let output = receiver.topper(&["stats", "--json"]).await;
    assert_eq!(output.code, Some(1), "{output:?}");
    let object = &output.objects()[0];
    for (field, expected) in
        [("pending", 2), ("due", 1), ("in_work", 1), ("parked", 1), ("dead", 1), ("done_today", 1)]
    {
        assert_eq!(object[field], expected, "{object}");
    }
    assert!(object["oldest_seconds"].as_u64().unwrap() < 30, "{object}");
}

#[tokio::test]
async fn ends_well_when_nothing_needs_a_person() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("1")).await;
    let output = receiver.topper(&["stats"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(!output.stdout.contains("topper inbox"), "{output:?}");
}

#[tokio::test]
async fn lists_what_each_filter_lets_through() {
    let receiver = one_of_each().await;
    for state in ["done", "parked", "dead", "buried", "in-work"] {
        assert_eq!(receiver.ids(&["--state", state]).await, [state]);
    }
    assert_eq!(receiver.ids(&["--state", "pending"]).await, ["waiting", "due"]);
    assert_eq!(receiver.ids(&["--failed"]).await, ["parked", "dead", "waiting", "buried"]);
    assert_eq!(receiver.ids(&["--order", ORDER]).await, ["due"]);
    assert_eq!(receiver.ids(&["--name", "user:created"]).await, [""; 0]);
    assert_eq!(receiver.ids(&["--name", "order:crypto-onramp:completed"]).await.len(), 7);
    receiver.accept_for("sandbox", &completed("elsewhere")).await;
    assert_eq!(receiver.ids(&["--label", "sandbox"]).await, ["elsewhere"]);
    assert_eq!(receiver.ids(&["--since", "1h"]).await.len(), 8);
    assert_eq!(receiver.ids(&["--until", "1h ago"]).await, [""; 0]);
    assert_eq!(receiver.ids(&["--until", "2999-01-01T00:00:00+01:00"]).await.len(), 8);
    assert_eq!(receiver.ids(&["--since", "2999-01-01"]).await, [""; 0]);
    let output = receiver.topper(&["list", "--since", "yesterday"]).await;
    assert!(
        output.code == Some(2) && output.stderr.contains("must look like 2h or 3d"),
        "{output:?}"
    );
}

#[tokio::test]
async fn lists_so_many_and_says_that_there_are_more() {
    let receiver = Receiver::new().await;
    receiver.accept_many(450).await;
    let output = receiver.topper(&["list"]).await;
    // With the line of the headings.
    assert_eq!(output.stdout.lines().count(), 51, "{output:?}");
    assert_eq!(output.stderr, "there are more events; the limit is 50, change it with --limit\n");
    for (limit, count, is_more) in [("449", 449, true), ("450", 450, false), ("451", 450, false)] {
        let output = receiver.topper(&["list", "--limit", limit, "--json"]).await;
        assert_eq!(output.objects().len(), count, "{limit}");
        assert_eq!(output.stderr.contains("there are more"), is_more, "{limit}");
    }
    let first = receiver.objects(&["list", "--limit", "1"]).await;
    assert!(first[0]["received_at"].as_str().unwrap().ends_with('Z'), "{first:?}");
    assert!(first[0].get("content").is_none() && first[0].get("body").is_none(), "{first:?}");
}

#[tokio::test]
async fn says_when_the_next_attempt_is_and_why_the_last_failed() {
    let receiver = one_of_each().await;
    let output = receiver.topper(&["list"]).await;
    let line = |id: &str| {
        let has_id = |line: &&str| line.split_whitespace().any(|word| word == id);
        output.stdout.lines().find(has_id).unwrap_or_else(|| panic!("{id}: {output:?}"))
    };
    assert!(line("waiting").contains("next attempt in 59m"), "{output:?}");
    assert!(line("waiting").ends_with("the bank does not answer"), "{output:?}");
    assert!(line("dead").ends_with("the database is down: connection refused"), "{output:?}");
    assert!(line("due").ends_with("due") && line("in-work").contains("lease ends in"));
}

#[tokio::test]
async fn lets_no_text_from_outside_move_the_cursor() {
    let receiver = Receiver::new().await;
    let event = EventBuilder::unknown("user:\u{1b}[2Jcleared\n").id("1\u{1b}[1A");
    receiver.accept(&event).await;
    receiver.end(failed("no\u{1b}[31m")).await;
    for arguments in [&["list"][..], &["show", "1\u{1b}[1A"], &["retry", "1\u{1b}[1A", "--dry-run"]]
    {
        let output = receiver.topper(arguments).await;
        assert!(!output.stdout.contains('\u{1b}') && !output.stderr.contains('\u{1b}'));
        assert_eq!(output.code, Some(0), "{output:?}");
    }
    let output = receiver.topper(&["list"]).await;
    assert!(output.stdout.contains("user:\\u{1b}[2Jcleared\\n"), "{output:?}");
    assert_eq!(output.stdout.lines().count(), 2, "{output:?}");
}

#[tokio::test]
async fn shows_an_event_typed_with_its_attempts_and_its_error() {
    let receiver = Receiver::new().await;
    let event = completed("1").order_id(ORDER).set("data.origin.amount", "100.00");
    receiver.accept(&event).await;
    receiver.end(dead("the database is down")).await;
    let output = receiver.topper(&["show", "1"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let words: Vec<_> = output.stdout.split_whitespace().collect();
    let words = words.join(" ");
    for expected in [
        "id 1 label default order 7d4bd0b1",
        "state dead",
        "error the database is down",
        "attempts 1",
        "signature matches, key ",
        "known order:crypto-onramp:completed",
        "data.origin.amount 100.00",
    ] {
        assert!(words.contains(expected), "{expected}: {output:?}");
    }
    assert!(output.stderr.contains("topper inbox retry 1"), "{output:?}");
    let object = &receiver.objects(&["show", "1"]).await[0];
    assert_eq!(object["signature"]["valid"], true, "{object}");
    assert_eq!(object["content"]["event"]["data"]["origin"]["amount"], "100.00", "{object}");
    assert_eq!(object["attempts"], 1, "{object}");
}

#[tokio::test]
async fn asks_for_the_label_when_several_webhooks_have_the_id() {
    let receiver = Receiver::new().await;
    for label in ["default", "sandbox"] {
        receiver.accept_for(label, &completed("1")).await;
    }
    let output = receiver.topper(&["show", "1"]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("--label default, --label sandbox"), "{output:?}");
    let object = &receiver.objects(&["show", "1", "--label", "sandbox"]).await[0];
    assert_eq!(object["label"], "sandbox");
}

#[tokio::test]
async fn says_no_when_the_stored_bytes_were_changed() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("1").set("data.origin.amount", "100.00")).await;
    let url = format!("sqlite://{}", receiver.home.path("topper.db").display());
    let pool = SqlitePool::connect(&url).await.unwrap();
    let changed = sqlx::query(
        "UPDATE topper_body SET body = CAST(replace(body, '100.00', '900.00') AS BLOB)",
    );
    assert_eq!(changed.execute(&pool).await.unwrap().rows_affected(), 1);
    let output = receiver.topper(&["show", "1"]).await;
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stdout.contains("does not match"), "{output:?}");
    let output = receiver.topper(&["show", "1", "--json"]).await;
    assert_eq!(output.code, Some(1), "{output:?}");
    assert_eq!(output.objects()[0]["signature"]["valid"], false, "{output:?}");
}

#[tokio::test]
async fn distinguishes_a_purged_event_from_an_unknown_one() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("1")).await;
    receiver.end(AttemptEnd::Done).await;
    tokio::time::sleep(MINUTE / 6000).await;
    let purged = receiver.inbox.store().purge(MINUTE / 60_000, 10).await.unwrap();
    assert_eq!(purged, 1);
    for (id, is_marked, words) in [("1", true, "only its id is kept"), ("2", false, "unknown")] {
        let output = receiver.topper(&["show", id]).await;
        assert!(output.code == Some(1) && output.stdout.contains(words), "{output:?}");
        let output = receiver.topper(&["show", id, "--json"]).await;
        assert_eq!((output.code, &output.objects()[0]["marked"]), (Some(1), &is_marked.into()));
    }
}

#[tokio::test]
async fn lists_what_topper_sends_again_to_a_receiver_without_an_inbox() {
    let receiver = Receiver::new().await;
    let output = receiver.topper(&["list", "--retrying"]).await;
    assert_eq!((output.code, &*output.stderr), (Some(0), "no events are being retried\n"));
    let url = format!("sqlite://{}", receiver.home.path("topper.db").display());
    let once = Once::new(AnyStore::connect(&url).await.unwrap());
    for id in ["1", "2"] {
        let webhook = receiver.verified("default", &completed(id));
        let process = async |_| Err::<Outcome, _>(Retry::from("the ledger\ndoes not answer"));
        assert_eq!(once.run(webhook, process).await, Reply::Retry);
    }
    let objects = receiver.objects(&["list", "--retrying"]).await;
    let ids: Vec<_> = objects.iter().map(|object| object["id"].clone()).collect();
    assert_eq!(ids, ["2", "1"]);
    assert_eq!(objects[0]["attempts"], 1, "{objects:?}");
    let output = receiver.topper(&["list", "--retrying", "--limit", "1"]).await;
    assert_eq!(output.stdout.lines().count(), 2, "{output:?}");
    assert!(
        output.stdout.contains("first seen 0s ago: the ledger\\ndoes not answer"),
        "{output:?}"
    );
    assert!(output.stderr.contains("there are more"), "{output:?}");
    let output = receiver.topper(&["list", "--retrying", "--state", "dead"]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
    let redis = ["inbox", "list", "--retrying", "--store", "redis://127.0.0.1:1/0"];
    let output = receiver.home.topper(&redis).await;
    assert_eq!(output.code, Some(2), "{output:?}");
}
