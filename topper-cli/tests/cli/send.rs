//! `topper send`

use std::collections::HashSet;

use serde_json::Value;
use topper_core::EventName;

use crate::{
    Home,
    program::{TOPPER, finish, signal},
};

#[tokio::test]
async fn delivers_every_event_verified() {
    let home = Home::new();
    let mut listening = home.listen(&["--json"]).await;
    for &name in EventName::ALL {
        let output = home.topper(&["send", name.as_str(), "--to", &listening.url]).await;
        assert_eq!(output.code, Some(0), "{output:?}");
        assert!(output.stdout.contains(name.as_str()) && output.stdout.contains("delivered"));
        assert_eq!(output.stderr, "1 of 1 delivered\n");
        let seen = listening.object().await;
        assert_eq!(
            (seen["verdict"].as_str(), seen["name"].as_str()),
            (Some("processed"), Some(name.as_str()))
        );
    }
    assert_eq!(listening.end().await, (Some(0), Vec::new()));
}

#[tokio::test]
async fn sends_a_whole_story_shuffled_repeated_and_at_once() {
    let home = Home::new();
    let mut listening = home.listen(&["--json"]).await;
    for (flow, count) in
        [("onramp", 4), ("onramp-refunded", 4), ("onramp-failed", 2), ("offramp", 4), ("user", 4)]
    {
        let output = home
            .topper(&[
                "send",
                "--flow",
                flow,
                "--shuffle",
                "--duplicate",
                "3",
                "--parallel",
                "4",
                "--to",
                &listening.url,
                "--json",
            ])
            .await;
        assert_eq!(output.code, Some(0), "{output:?}");
        let sent = output.objects();
        assert_eq!(sent.len(), 3 * count, "{flow}");
        let mut seen = Vec::new();
        for _ in 0..3 * count {
            seen.push(listening.object().await);
        }
        let ids: HashSet<_> = seen.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), count);
        let processed = seen.iter().filter(|it| it["verdict"] == "processed").count();
        assert_eq!(processed, count);
        assert!(seen.iter().all(|it| it["verdict"] == "processed" || it["verdict"] == "duplicate"));
    }
}

#[tokio::test]
async fn gives_the_same_order_for_the_same_seed() {
    let home = Home::new();
    let listening = home.listen(&[]).await;
    let mut orders = HashSet::new();
    for _ in 0..2 {
        let arguments =
            ["send", "--flow", "onramp", "--seed", "7", "--json", "--to", &listening.url];
        let output = home.topper(&arguments).await;
        let names: Vec<String> =
            output.objects().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
        orders.insert(names);
    }
    assert_eq!(orders.len(), 1);
}

#[tokio::test]
async fn sets_and_adds_fields_as_text_and_as_json() {
    let home = Home::new();
    let mut listening = home.listen(&["--body"]).await;
    let output = home
        .topper(&[
            "send",
            "order:crypto-onramp:completed",
            "--to",
            &listening.url,
            "--set",
            "data.origin.amount=250.00",
            "--add",
            "data.brandNew:={\"n\":[1,null]}",
        ])
        .await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let mut shown = String::new();
    while !shown.contains("\"name\"") {
        shown.push_str(listening.line().await.trim());
    }
    assert!(shown.contains(r#""amount": "250.00""#), "{shown}");
    assert!(shown.contains(r#""brandNew": {"n": [1,null]}"#), "{shown}");

    for (option, setting, reason) in [
        (
            "--set",
            "data.orign.amount=1",
            "--set: the event has no field `data.orign.amount` (did you mean \
             `data.origin.amount`?); to add a new field, use --add",
        ),
        ("--set", "data.status", "must look like `path=text`"),
        ("--set", "data.n:=x", "not valid JSON"),
        (
            "--add",
            "data.origin.amount=1",
            "--add: the event already has a field `data.origin.amount`; to change it, use --set",
        ),
        ("--add", "data.status.x=1", "--add: cannot add `data.status.x` to the event"),
        ("--add", "data.n:=x", "not valid JSON"),
    ] {
        let arguments =
            ["send", "order:crypto-onramp:completed", "--to", &listening.url, option, setting];
        let output = home.topper(&arguments).await;
        assert_eq!(output.code, Some(2));
        assert!(output.stderr.contains(reason), "{output:?}");
    }
}

#[tokio::test]
async fn sets_a_field_in_each_event_of_a_flow_that_has_it() {
    let home = Home::new();
    let mut listening = home.listen(&["--body"]).await;
    let url = listening.url.clone();
    let send = ["send", "--flow", "user", "--to", &url];
    let settings = [
        "--set",
        "data.user.createdAt=2026-01-02T03:04:05.678Z",
        "--add",
        "data.user.createdAt=later",
    ];
    let output = home.topper(&[&send[..], &settings].concat()).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let mut shown = String::new();
    while shown.matches("\"createdAt\"").count() < 4 {
        shown.push_str(listening.line().await.trim());
    }
    assert_eq!(shown.matches(r#""createdAt": "2026-01-02T03:04:05.678Z""#).count(), 1, "{shown}");
    assert_eq!(shown.matches(r#""createdAt": "later""#).count(), 3, "{shown}");

    let output = home.topper(&[&send[..], &["--set", "data.user.createdAtt=x"]].concat()).await;
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("did you mean `data.user.createdAt`"), "{output:?}");
}

#[tokio::test]
async fn signs_the_bytes_of_a_file_as_they_are() {
    let home = Home::new();
    let mut listening = home.listen(&["--save", "saved.jsonl", "--json"]).await;
    let body = b"{ \"id\": \"42\", \"name\": \"order:new\",\r\n \"n\": 1.0 }\n";
    home.write("body", body);
    let arguments =
        ["send", "--body", "body", "--header", "X-Own: a: b", "--header", "content-type: text/x"];
    let to = ["--to", &listening.url];
    assert_eq!(home.topper(&[&arguments[..], &to].concat()).await.code, Some(0));
    let from_stdin = home.topper_with(&["send", "--body", "-", "--to", &listening.url], body).await;
    assert_eq!(from_stdin.code, Some(0), "{from_stdin:?}");
    for verdict in ["processed", "duplicate"] {
        assert_eq!(listening.object().await["verdict"], verdict);
    }
    let saved: Value =
        serde_json::from_str(home.read("saved.jsonl").lines().next().unwrap()).unwrap();
    let headers = saved["headers"].to_string();
    assert!(headers.contains(r#"["x-own","a: b"]"#), "{headers}");
    assert!(headers.contains(r#"["content-type","text/x"]"#) && !headers.contains("json"));
}

#[tokio::test]
async fn signs_with_a_key_of_its_own_or_not_at_all() {
    let home = Home::new();
    home.topper(&["keygen", "key.jwk"]).await;
    let mut listening = home.listen(&["--json"]).await;
    let url = listening.url.clone();
    let event = ["send", "user:created", "--to", &url];
    for (own, verdict) in
        [(&["--key", "key.jwk"][..], "signature_invalid"), (&["--unsigned"], "signature_missing")]
    {
        let output = home.topper(&[&event[..], own].concat()).await;
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stdout.contains("401") && output.stdout.contains("lost"));
        assert_eq!(output.stderr, "0 of 1 delivered, 1 lost\n");
        assert_eq!(listening.object().await["verdict"], verdict);
    }
}

#[tokio::test]
async fn tries_again_as_topper_does_when_told_so() {
    let home = Home::new();
    let mut listening = home.listen(&["--answer", "503", "--json"]).await;
    let once = home.topper(&["send", "user:created", "--to", &listening.url]).await;
    assert_eq!((once.code, once.stdout.contains("to retry")), (Some(1), true), "{once:?}");
    let arguments = ["send", "user:created", "--to", &listening.url, "--retry", "0.5", "--json"];
    let output = home.topper(&arguments).await;
    let attempts: Vec<u64> =
        output.objects().iter().map(|it| it["attempt"].as_u64().unwrap()).collect();
    assert_eq!((output.code, attempts), (Some(1), (1..=11).collect()));
    assert_eq!(output.objects()[10]["fate"], "given_up");
    for verdict in ["processed", "processed", "duplicate"] {
        let seen = listening.object().await;
        assert_eq!(
            (seen["verdict"].as_str(), seen["answered"].as_u64()),
            (Some(verdict), Some(503))
        );
    }
}

#[tokio::test]
async fn says_what_is_wrong_with_its_arguments() {
    let home = Home::new();
    let to = ["--to", "http://127.0.0.1:9"];
    for (arguments, reason) in [
        (&["send", "order:crypto-onramp:complete"][..], "order:crypto-onramp:completed"),
        (&["send"], "<EVENT>"),
        (&["send", "--flow", "sideways"], "onramp-refunded"),
        (&["send", "user:created", "--flow", "onramp"], "cannot be used with"),
        (&["send", "--body", "none"], "none: No such file"),
        (&["send", "user:created", "--key", "none"], "none: No such file"),
        (&["send", "user:created", "--duplicate", "0"], "--duplicate"),
        (&["send", "user:created", "--retry", "0"], "--retry"),
        (&["send", "user:created", "--header", "x"], "name: value"),
    ] {
        let output = home.topper(&[arguments, &to].concat()).await;
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(reason), "{reason}: {output:?}");
    }
    let output = home.topper(&["send", "user:created", "--to", "ftp://x"]).await;
    assert!(
        output.stderr.contains("ftp://x: a URL must begin with http:// or https://"),
        "{output:?}"
    );
    let unreachable = home.topper(&["send", "user:created", to[0], to[1]]).await;
    assert_eq!(unreachable.code, Some(1));
    assert!(unreachable.stdout.contains("connection refused"), "{unreachable:?}");
    let unknown = home.topper(&["send", "order:new", "--unknown", to[0], to[1]]).await;
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
}

#[tokio::test]
async fn ends_on_ctrl_c_and_says_how_far_it_came() {
    let home = Home::new();
    let mut listening = home.listen(&["--answer", "503", "--json"]).await;
    let mut command = home.command(TOPPER);
    let child =
        command.args(["send", "user:created", "--retry", "3600", "--to", &listening.url]).spawn();
    let child = child.unwrap();
    listening.object().await;
    signal(&child, "-INT").await;
    let output = finish(child, b"").await;
    assert_eq!(output.code, Some(130), "{output:?}");
    assert!(output.stderr.contains("interrupted\n0 of 1 delivered, 1 unfinished"), "{output:?}");
}

#[tokio::test]
async fn shows_of_many_deliveries_only_those_that_fail() {
    let home = Home::new();
    let listening = home.listen(&[]).await;
    let arguments =
        ["send", "user:created", "--duplicate", "300", "--parallel", "8", "--to", &listening.url];
    let output = home.topper(&arguments).await;
    let outcome = (output.code, output.stdout.as_str(), output.stderr.as_str());
    assert_eq!(outcome, (Some(0), "", "300 of 300 delivered\n"));
}

/// A shell that runs the tests in the background has every program ignore the signal, which only the
/// `env` of Linux undoes.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn ends_on_ctrl_c_while_it_waits_for_standard_input() {
    let home = Home::new();
    for arguments in [
        &["send", "--body", "-", "--to", "http://127.0.0.1:9"][..],
        &["replay", "-", "--to", "http://127.0.0.1:9"],
        &["verify", "--signature", "x", "-"],
        &["event", "-"],
    ] {
        let mut command = home.command("env");
        command.args(["--default-signal=INT", TOPPER]).args(arguments);
        let mut child = command.spawn().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert!(child.try_wait().unwrap().is_none(), "{arguments:?}");
        signal(&child, "-INT").await;
        let ended = tokio::time::timeout(std::time::Duration::from_secs(20), child.wait()).await;
        assert_eq!(ended.unwrap().unwrap().code(), None, "{arguments:?}");
    }
}
