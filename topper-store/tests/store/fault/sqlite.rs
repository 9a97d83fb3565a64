//! A SQLite file that cannot be written to.

use std::{error::Error as _, time::Duration};

use sqlx::{
    Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tempfile::TempDir;
use topper_store::{EventKey, Lease, SqliteStore, Store as _};

use super::{Victim, fill, volume::Volume};

/// A receiver, and another program that has its file open.
async fn shared() -> (TempDir, Victim<SqliteStore>, SqliteConnection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topper.db");
    let url = format!("sqlite://{}", path.display());
    let victim = Victim::new(SqliteStore::open(&url).await.unwrap()).await;
    let options = SqliteConnectOptions::new().filename(&path);
    let other = SqliteConnection::connect_with(&options).await.unwrap();
    (folder, victim, other)
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_another_program_has_locked_it() {
    let (_folder, victim, mut other) = shared().await;
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    victim.suffers().await;
    transaction.rollback().await.unwrap();
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn says_so_when_another_program_locks_it_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topper.db");
    let store = SqliteStore::open(&format!("sqlite://{}", path.display())).await.unwrap();
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    let term = Duration::from_secs(60);
    let claim = tokio::time::timeout(Duration::from_secs(5), store.claim(&lease, term));
    let error = claim.await.unwrap().unwrap_err();
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("another program held its write lock for too long"), "{cause}");
    transaction.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_once_another_program_has_unlocked_it() {
    let (_folder, victim, mut other) = shared().await;
    let other = tokio::sync::Mutex::new(&mut other);
    victim
        .marks_later(
            Duration::from_secs(4),
            async || {
                sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut **other.lock().await).await.unwrap();
            },
            async || {
                sqlx::raw_sql("ROLLBACK").execute(&mut **other.lock().await).await.unwrap();
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_the_disk_is_full() {
    let Some(volume) = Volume::new("2m") else { return };
    let url = format!("sqlite://{}", volume.path().join("topper.db").display());
    let store = SqliteStore::open(&url).await.unwrap();
    let victim = Victim::new(store.clone()).await;
    volume.fill();
    fill(&store).await;
    victim.suffers().await;
    volume.free();
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_refused_at_start_when_it_cannot_be_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topper.db");
    drop(SqliteStore::open(&format!("sqlite://{}", path.display())).await.unwrap());
    for url in [
        format!("sqlite://{}?mode=ro", path.display()),
        format!("sqlite://{}/no/such/folder/topper.db", folder.path().display()),
        format!("sqlite://{}", folder.path().display()),
    ] {
        assert!(SqliteStore::open(&url).await.is_err(), "{url}");
    }
    // Another file: a store that was dropped may not have closed its own yet.
    let path = folder.path().join("no-database.db");
    std::fs::write(&path, [b'x'; 8192]).unwrap();
    assert!(SqliteStore::open(&format!("sqlite://{}", path.display())).await.is_err());
}
