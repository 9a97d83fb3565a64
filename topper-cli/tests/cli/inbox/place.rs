//! Which store it is.

use super::{Receiver, completed};
use crate::{
    Home,
    program::{TOPPER, finish},
};

#[tokio::test]
async fn says_what_to_do_where_there_is_no_inbox() {
    let home = Home::new();
    for (url, words) in [
        ("memory:", "exists only inside its own program"),
        ("redis://:hush@127.0.0.1/0", "Redis cannot hold an inbox"),
        ("sqlite://missing.db", "does the receiver use the same URL"),
        ("sqlite://missing.db?", "does the receiver use the same URL"),
        ("mysql://user:hush@host/database", "not the URL of a store"),
        ("hush", "not the URL of a store"),
        ("postgres://user:hu/hush@host/database", "in a password, write `/` as %2F"),
    ] {
        let output = home.topper(&["inbox", "stats", "--store", url]).await;
        assert_eq!(output.code, Some(2), "{url}: {output:?}");
        assert!(output.stderr.contains(words), "{url}: {output:?}");
        assert!(!output.stderr.contains("hush") && output.stdout.is_empty(), "{output:?}");
    }
    // A file that was made now would look like an inbox without events.
    assert!(home.files().is_empty(), "{:?}", home.files());
    let output = home.topper(&["inbox", "stats"]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("--store, or set the environment variable TOPPER_STORE_URL"));
}

#[tokio::test]
async fn takes_the_url_of_the_environment_variable_where_none_is_given() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("1")).await;
    for (url, arguments) in
        [("sqlite://topper.db", &[][..]), ("sqlite://other.db", &["--store", "sqlite://topper.db"])]
    {
        let mut command = receiver.home.command(TOPPER);
        command.args(["inbox", "stats", "--json"]).args(arguments).env("TOPPER_STORE_URL", url);
        let output = finish(command.spawn().unwrap(), b"").await;
        assert_eq!(output.objects()[0]["pending"], 1, "{output:?}");
    }
}
