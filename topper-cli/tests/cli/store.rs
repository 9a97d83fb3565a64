//! `topper store`

use crate::Home;

#[tokio::test]
async fn checks_a_file_point_by_point_and_makes_it() {
    let home = Home::new();
    let output = home.topper(&["store", "check", "sqlite://topper.db"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.contains("opens, and can be written to"), "{output:?}");
    assert!(output.stdout.contains("The store can be used."), "{output:?}");
    assert!(home.files().contains(&"topper.db".to_owned()), "{:?}", home.files());
}

#[tokio::test]
async fn refuses_what_would_remember_nothing() {
    let home = Home::new();
    for (url, word) in [
        ("sqlite://", "names no file"),
        ("sqlite::memory:", "forgets all events"),
        ("mysql://host/db", "not the URL of a store"),
        ("", "is empty"),
    ] {
        let output = home.topper(&["store", "check", url]).await;
        assert_eq!(output.code, Some(1), "{url}: {output:?}");
        assert!(output.stdout.contains(word), "{url}: {output:?}");
        assert!(output.stdout.contains("The store cannot be used."), "{url}: {output:?}");
    }
    assert!(home.files().is_empty(), "{:?}", home.files());
}

#[tokio::test]
async fn warns_of_a_store_for_tests() {
    let output = Home::new().topper(&["store", "check", "memory:"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.contains("see the warning"), "{output:?}");
}

#[tokio::test]
async fn says_why_nothing_can_be_reached_and_shows_no_password() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let home = Home::new();
    let urls = ["postgres", "redis"]
        .map(|scheme| format!("{scheme}://user:a-secret-password@127.0.0.1:{port}/0"));
    let [one, two] = urls.map(|url| {
        let mut command = home.command(crate::program::TOPPER);
        command.args(["store", "check"]).env("TOPPER_STORE_URL", url);
        async move { command.output().await.unwrap() }
    });
    let (one, two) = tokio::join!(one, two);
    for output in [one, two] {
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        // In lines as wide as a terminal.
        let words: Vec<&str> = text.split_whitespace().collect();
        let words = words.join(" ");
        assert!(words.contains("connection refused; is the server running"), "{text}");
        assert!(!text.contains("a-secret-password"), "{text}");
    }
}

#[tokio::test]
async fn prints_points_for_programs() {
    let output = Home::new().topper(&["store", "check", "sqlite://topper.db", "--json"]).await;
    let objects = output.objects();
    assert!(objects.len() >= 2, "{output:?}");
    assert!(objects.iter().all(|it| it["grade"] == "passed" && it["check"].is_string()));
}

#[tokio::test]
async fn asks_for_a_url_when_there_is_none() {
    let output = Home::new().topper(&["store", "check"]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("TOPPER_STORE_URL"), "{output:?}");
}
