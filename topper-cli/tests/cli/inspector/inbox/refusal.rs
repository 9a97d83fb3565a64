//! What is not an inbox.

use std::fs;

use topper_store::sqlx::{Connection as _, Executor as _, SqliteConnection};

use crate::Home;

#[tokio::test]
async fn refuses_a_store_without_an_inbox_and_says_what_to_do() {
    let home = Home::new();
    home.write(
        "text.db",
        "not a database, but long enough to have had a header of one. ".repeat(20),
    );
    let url = format!("sqlite://{}?mode=rwc", home.path("other.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    connection.execute("CREATE TABLE own (a INTEGER)").await.unwrap();
    connection.close().await.unwrap();
    let before = fs::read(home.path("other.db")).unwrap();
    for (url, words) in [
        ("memory://", "exists only inside its own program"),
        ("redis://:hush@127.0.0.1/0", "Redis cannot hold an inbox"),
        ("sqlite://missing.db", "does the receiver use the same URL"),
        ("sqlite://missing.db?mode=rwc", "does the receiver use the same URL"),
        ("sqlite://text.db", "not a database"),
        ("sqlite://other.db", "it has no table topper_inbox"),
        ("mysql://user:hush@host/database", "not the URL of a store"),
        ("postgres://user:hu/hush@host/database", "in a password, write `/` as %2F"),
    ] {
        let output = home.topper(&["inspect", "--ui-port", "0", url]).await;
        assert_eq!(output.code, Some(2), "{url}: {output:?}");
        assert!(
            output.stderr.starts_with("error: ") && output.stderr.contains(words),
            "{output:?}"
        );
        assert!(!output.stderr.contains("hush") && output.stdout.is_empty(), "{output:?}");
    }
    assert!(fs::read(home.path("other.db")).unwrap() == before);
    assert!(!home.path("missing.db").exists());
    let output = home.topper(&["inspect"]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("environment variable TOPPER_STORE_URL"), "{output:?}");
    let output = home.topper(&["inspect", "saved.jsonl", "--allow-retry"]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("--allow-retry is for an inbox"), "{output:?}");
}
