use sqlx::{Connection as _, Executor as _, sqlite::SqliteJournalMode};
use tempfile::TempDir;

use super::*;

fn options(folder: &TempDir, name: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(folder.path().join(name))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(std::time::Duration::ZERO)
}

#[tokio::test]
async fn a_wal_that_was_replaced_is_not_the_one() {
    let folder = tempfile::tempdir().unwrap();
    let (place, open) = Open::prepare(&options(&folder, "topper.db")).await.unwrap();
    place.check(&open).unwrap();
    let moved = folder.path().join("moved");
    fs::rename(&place.wal, &moved).unwrap();
    assert!(matches!(place.check(&open), Err(OpenError::NoWal(_))));
    fs::write(&place.wal, "").unwrap();
    assert!(matches!(place.check(&open), Err(OpenError::NoWal(_))));
    fs::rename(&moved, &place.wal).unwrap();
    place.check(&open).unwrap();
}

/// Both statements on a file of that name; the second fails.
async fn failure(folder: &TempDir, name: &str, before: &str, statement: &str) -> String {
    let mut connection = options(folder, name).connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE a (b)").execute(&mut connection).await.unwrap();
    let before = sqlx::AssertSqlSafe(before.to_owned());
    sqlx::raw_sql(before).execute(&mut connection).await.unwrap();
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    words(&sqlx::raw_sql(statement).execute(&mut connection).await.unwrap_err())
}

#[tokio::test]
async fn each_failure_has_its_advice() {
    let folder = tempfile::tempdir().unwrap();
    let found = failure(&folder, "read", "PRAGMA query_only = ON", "INSERT INTO a VALUES (1)");
    let expected = "SQLite answered: attempt to write a readonly database; check that this program may write \
                    to the file and to its folder";
    assert_eq!(found.await, expected);
    let fill = "INSERT INTO a VALUES (zeroblob(1000000))";
    let found = failure(&folder, "full", "PRAGMA max_page_count = 8", fill);
    let expected = "SQLite answered: database or disk is full; free space on the disk";
    assert_eq!(found.await, expected);
    let broken = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 9999";
    let mut breaking = options(&folder, "malformed").connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE a (b)").execute(&mut breaking).await.unwrap();
    sqlx::raw_sql(broken).execute(&mut breaking).await.unwrap();
    breaking.close().await.unwrap();
    let malformed = options(&folder, "malformed").connect().await.unwrap_err();
    let found = words(&malformed);
    assert!(found.starts_with("SQLite answered: malformed database schema"), "{found}");
    assert!(found.ends_with("; check the disk, and restore a backup"), "{found}");
    let found = failure(&folder, "other", "SELECT 1", "SELECT c FROM a");
    assert_eq!(found.await, "SQLite answered: no such column: c");

    let mut other = options(&folder, "busy").connect().await.unwrap();
    other.execute("CREATE TABLE c (d)").await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let mut connection = options(&folder, "busy").connect().await.unwrap();
    let busy = connection.execute("BEGIN IMMEDIATE").await.unwrap_err();
    let expected =
        "SQLite answered: database is locked; another program held its write lock for too long";
    assert_eq!(words(&busy), expected);
    assert!(OpenError::from(busy).is_busy());

    let nowhere = options(&folder, "no/such/folder").connect().await.unwrap_err();
    let expected = "SQLite answered: unable to open database file; check that its folder exists, and that this \
                    program may write to it";
    assert_eq!(words(&nowhere), expected);
    fs::write(folder.path().join("junk"), [b'x'; 8192]).unwrap();
    let junk = options(&folder, "junk").connect().await.unwrap_err();
    assert_eq!(words(&junk), "SQLite answered: file is not a database; use another file");
}
