//! `topper replay`

use serde_json::Value;

use crate::Home;

#[tokio::test]
async fn sends_what_was_saved_again_byte_for_byte() {
    let home = Home::new();
    let mut first = home.listen(&["--save", "first.jsonl", "--json"]).await;
    home.write("odd", "{ \"id\": \"1\",\r\n\"name\":\"x\", \"n\": 1.0}\n");
    home.topper(&["send", "--flow", "onramp", "--to", &first.url]).await;
    home.topper(&["send", "--body", "odd", "--header", "x-own: é", "--to", &first.url]).await;
    home.topper(&["send", "user:created", "--unsigned", "--to", &first.url]).await;
    for _ in 0..6 {
        first.object().await;
    }
    first.end().await;

    let mut second = home.listen(&["--save", "second.jsonl", "--json"]).await;
    let output = home.topper(&["replay", "first.jsonl", "--to", &second.url]).await;
    assert_eq!(output.code, Some(1), "{output:?}");
    assert_eq!(output.stderr, "5 of 6 delivered, 1 lost\n");
    for _ in 0..6 {
        second.object().await;
    }
    let own = |name: &str| -> Vec<(Value, Vec<Value>)> {
        home.read(name)
            .lines()
            .map(|line| {
                let saved: Value = serde_json::from_str(line).unwrap();
                let mut headers = saved["headers"].as_array().unwrap().clone();
                headers.retain(|header| header[0] != "host");
                headers.sort_by_key(ToString::to_string);
                (saved["body_b64"].clone(), headers)
            })
            .collect()
    };
    assert_eq!(own("first.jsonl"), own("second.jsonl"));

    let one = home.topper(&["replay", "first.jsonl", "--line", "5", "--to", &second.url]).await;
    assert_eq!((one.code, one.stdout.lines().count()), (Some(0), 1), "{one:?}");
    assert_eq!(second.object().await["id"], "1");
}

#[tokio::test]
async fn names_the_line_that_is_no_delivery() {
    let home = Home::new();
    home.write("bad.jsonl", "\n{\"a\":1}\n");
    let to = ["--to", "http://127.0.0.1:9"];
    for (file, reason) in
        [("bad.jsonl", "bad.jsonl: line 2: not a saved delivery"), ("none", "none: No such file")]
    {
        let output = home.topper(&[&["replay", file], &to[..]].concat()).await;
        assert_eq!(output.code, Some(2));
        assert!(output.stderr.contains(reason), "{output:?}");
    }
    home.write("empty.jsonl", "");
    assert_eq!(home.topper(&[&["replay", "empty.jsonl"], &to[..]].concat()).await.code, Some(2));
}
