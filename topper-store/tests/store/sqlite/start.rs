//! What a URL of SQLite must name, and a pool be.

use std::error::Error as _;

use topper_store::{
    AnyStore, SqliteStore,
    sqlx::{SqlitePool, sqlite::SqliteConnectOptions},
};

use crate::cause::refusal;

const NO_FILE: &str = "the URL names no file, so all events would be lost when the program ends; \
                       check whether a variable is empty. It should look like sqlite://topper.db";
const IN_MEMORY: &str = "a database in memory forgets all events when the program ends, and they would \
                         be processed again; use a file, such as sqlite://topper.db";
const CANNOT_OPEN: &str = "SQLite answered: unable to open database file; check that its folder \
                           exists, and that this program may write to it";
const MODE: &str = "`mode` in the URL is not valid; it must be rwc or rw, since events are written";

#[tokio::test]
async fn refuses_what_would_not_remember() {
    let to_test = format!("{IN_MEMORY}, or `memory:` for tests");
    for (url, words) in [
        ("sqlite://", NO_FILE),
        ("sqlite:", NO_FILE),
        ("sqlite:///", CANNOT_OPEN),
        ("sqlite:///no-such-folder/never.db", CANNOT_OPEN),
        ("sqlite://?mode=rwc", NO_FILE),
        ("sqlite:// \r\n", NO_FILE),
        ("sqlite::memory:", &to_test),
        ("sqlite://:memory:", &to_test),
        ("sqlite://never.db?mode=memory", &to_test),
        // A name that SQLite itself would read.
        ("sqlite:file:never.db%3Fmode=memory", IN_MEMORY),
        ("sqlite:file::memory:", IN_MEMORY),
        ("sqlite://never.db?mode=ro", MODE),
        ("sqlite://never.db?mode=MEMORY", MODE),
        ("sqlite://never.db?immutable=1", "`immutable` in the URL is not supported; remove it"),
        ("sqlite://never.db?cache=shared", "`cache` in the URL is not supported; remove it"),
        (
            "sqlite://never.db?mode",
            "a parameter in the URL has no value; in a value, write `&` as %26",
        ),
        (
            "sqlite://nev\ner.db",
            "the URL contains a line break or another control character; remove it",
        ),
        (
            "sqlite://nev%0Aer.db",
            "the URL contains a line break or another control character; remove it",
        ),
        ("sqlite", "this is not the URL of a store; it should look like sqlite://topper.db"),
    ] {
        let refusal = refusal(url).await;
        assert!(refusal.starts_with(words), "{url:?}: {refusal}");
    }
    for name in ["never.db", "nev\ner.db", "file:never.db?mode=memory", ":memory:"] {
        assert!(!std::path::Path::new(name).exists(), "{name:?} was made");
    }
}

#[tokio::test]
async fn makes_a_file_of_exactly_that_name() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("  sqlite://{}/a%20topper%3F#1.db\r\n", folder.path().display());
    let store = AnyStore::connect(&url).await.unwrap();
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["a topper?#1.db", "a topper?#1.db-shm", "a topper?#1.db-wal"]);
    drop(store);
}

#[tokio::test]
async fn makes_no_file_when_it_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/topper.db?mode=rw", folder.path().display());
    let refusal = refusal(&url).await;
    assert_eq!(refusal, CANNOT_OPEN);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn refuses_a_file_that_is_not_a_database() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("topper.db"), [b'x'; 8192]).unwrap();
    let refusal = refusal(&format!("sqlite://{}/topper.db", folder.path().display())).await;
    assert_eq!(refusal, "SQLite answered: file is not a database; use another file");
}

#[tokio::test]
async fn refuses_a_pool_in_memory() {
    for options in [
        SqliteConnectOptions::new(),
        SqliteConnectOptions::new().in_memory(true).shared_cache(true),
        "sqlite::memory:".parse().unwrap(),
        "sqlite:file:a-name?mode=memory&cache=shared".parse().unwrap(),
    ] {
        let pool = SqlitePool::connect_with(options).await.unwrap();
        let error = SqliteStore::new(&pool).await.unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), IN_MEMORY);
    }
}
