//! `topper store check`

use std::{fs, net::SocketAddr, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::{TcpListener, TcpSocket},
    process::{Child, Command},
};

use crate::{
    Home,
    program::{Output, TOPPER, finish, is_left_out, signal},
};

/// What must not be shown.
const SECRET: &str = "hush";

/// Checks the store of `TOPPER_STORE_URL`.
fn start(home: &Home, url: &str, arguments: &[&str]) -> Child {
    let mut command = home.command(TOPPER);
    command.args(["store", "check"]).args(arguments).env("TOPPER_STORE_URL", url);
    command.spawn().unwrap()
}

async fn check(home: &Home, url: &str, arguments: &[&str]) -> Output {
    finish(start(home, url, arguments), b"").await
}

/// Output whose lines are wrapped, in one line.
fn one_line(output: &Output) -> String {
    assert!(output.stderr.is_empty(), "{output:?}");
    output.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Expects a failure in these words, and no secret, in text and in JSON.
async fn fails(home: &Home, url: &str, words: &str) {
    let (text, json) = tokio::join!(check(home, url, &[]), check(home, url, &["--json"]));
    let line = one_line(&text);
    assert!(line.contains("FAIL") && line.to_lowercase().contains(words), "{url}: {text:?}");
    assert!(line.ends_with("The store cannot be used."), "{url}: {text:?}");
    let objects = json.objects();
    let last = objects.last().unwrap();
    assert_eq!(last["grade"], "failed", "{url}: {json:?}");
    assert!(last["check"].is_string(), "{url}: {json:?}");
    let told = format!("{} {}", last["found"], last["advice"]).to_lowercase();
    assert!(told.contains(words), "{url}: {json:?}");
    for output in [text, json] {
        assert_eq!(output.code, Some(1), "{url}: {output:?}");
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(!all.contains(SECRET), "{url}: {output:?}");
    }
}

#[tokio::test]
async fn checks_a_file_point_by_point_and_makes_it_and_its_tables() {
    let home = Home::new();
    for run in ["where it is missing", "where it is there"] {
        let output = home.topper(&["store", "check", "sqlite://topper.db"]).await;
        assert_eq!(output.code, Some(0), "{run}: {output:?}");
        let line = one_line(&output);
        assert!(line.contains("ok file opens, and can be written to"), "{run}: {output:?}");
        assert!(line.ends_with("The store can be used."), "{run}: {output:?}");
    }
    let mut bytes = fs::read(home.path("topper.db")).unwrap();
    // What is written is there first.
    bytes.extend(fs::read(home.path("topper.db-wal")).unwrap_or_default());
    assert!(String::from_utf8_lossy(&bytes).contains("topper_event"));
}

#[tokio::test]
async fn takes_the_url_of_the_environment_variable_where_none_is_given() {
    let home = Home::new();
    let output = check(&home, "sqlite://of-variable.db", &[]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let output = check(&home, "mysql://host/database", &["sqlite://given.db"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let files = home.files();
    for file in ["given.db", "of-variable.db"] {
        assert!(files.contains(&file.to_owned()), "{files:?}");
    }
}

#[tokio::test]
async fn asks_for_a_url_when_there_is_none() {
    let home = Home::new();
    let words = "give its URL, or set the environment variable TOPPER_STORE_URL";
    for output in [home.topper(&["store", "check"]).await, check(&home, " ", &[]).await] {
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(words) && output.stdout.is_empty(), "{output:?}");
    }
}

#[tokio::test]
async fn refuses_what_would_remember_nothing_or_is_no_url_of_a_store() {
    let home = Home::new();
    for (url, words) in [
        ("sqlite://", "names no file"),
        ("sqlite::memory:", "forgets all events"),
        ("sqlite:///no/such/folder/topper.db", "check that its folder exists"),
        ("mysql://user:hush@host/database", "not the url of a store"),
        ("hush", "not the url of a store"),
        ("postgres://user:hu/hush@host/database", "in a password, write `/` as %2f"),
        ("postgres://user:hush@host/database?sslmode=hush", "sslmode"),
    ] {
        fails(&home, url, words).await;
    }
    assert!(home.files().is_empty(), "{:?}", home.files());
}

#[tokio::test]
async fn warns_of_a_store_for_tests_and_does_not_fail() {
    let output = Home::new().topper(&["store", "check", "memory:"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let line = one_line(&output);
    assert!(line.starts_with("look durability in memory"), "{output:?}");
    assert!(line.ends_with("The store can be used; see the warning."), "{output:?}");
}

#[tokio::test]
async fn says_why_nothing_can_be_reached() {
    // Bound, and not listened on.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = closed.local_addr().unwrap();
    let home = Home::new();
    let urls = ["postgres", "redis"].map(|scheme| format!("{scheme}://user:{SECRET}@{address}/0"));
    // PostgreSQL is waited for.
    let [postgres, redis] = urls.each_ref().map(|url| fails(&home, url, "connection refused"));
    tokio::join!(postgres, redis);
}

#[tokio::test]
async fn prints_points_for_programs() {
    let home = Home::new();
    let output = check(&home, "sqlite://topper.db", &["--json"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let objects = output.objects();
    assert!(objects.len() >= 2, "{output:?}");
    for object in objects {
        assert_eq!(object["grade"], "passed");
        assert!(object["check"].is_string() && object["found"].is_string(), "{object}");
        assert!(object["advice"].is_null(), "{object}");
    }
    let object = &check(&home, "memory:", &["--json"]).await.objects()[0];
    assert!(object["grade"] == "warning" && object["advice"].is_string(), "{object}");
}

#[tokio::test]
async fn ends_at_once_on_ctrl_c() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://user:{SECRET}@{}/0", silent.local_addr().unwrap());
    let home = Home::new();
    let child = start(&home, &url, &[]);
    let (_connection, _) = silent.accept().await.unwrap();
    signal(&child, "-INT").await;
    let output = finish(child, b"").await;
    assert_eq!(output.code, Some(130), "{output:?}");
    assert_eq!(output.stderr, "interrupted\n", "{output:?}");
}

/// A server of Redis that asks for the secret; none where there is no such program.
async fn redis(home: &Home) -> Option<(Child, SocketAddr)> {
    if is_left_out("redis-server") {
        return None;
    }
    let required = std::env::var_os("TOPPER_TEST_REQUIRE_SERVERS").is_some();
    loop {
        // Free a moment ago: when it no longer is, the server ends, and another port is tried.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let (port, folder) = (address.port().to_string(), home.path("."));
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port, "--save", ""]);
        command.args(["--requirepass", SECRET, "--dir"]).arg(folder);
        let spawned = command.stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let mut server = match spawned {
            Ok(server) => server,
            Err(reason) if required => panic!("redis-server: {reason}"),
            Err(_) => {
                println!("skipped: there is no redis-server");
                return None;
            }
        };
        let mut log = BufReader::new(server.stdout.take().unwrap()).lines();
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("Ready to accept connections") {
                // Read on, so that the server can write on.
                tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
                return Some((server, address));
            }
        }
    }
}

#[tokio::test]
async fn checks_a_server_of_redis() {
    let home = Home::new();
    let Some((_server, address)) = redis(&home).await else { return };
    let output = check(&home, &format!("redis://:{SECRET}@{address}/0"), &[]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stdout.contains("The store can be used"), "{output:?}");
    assert!(!output.stdout.contains(SECRET) && output.stderr.is_empty(), "{output:?}");
    fails(&home, &format!("redis://:not-{SECRET}@{address}/0"), "password").await;
}
