use sqlx::sqlite::SqliteJournalMode;

use super::*;
use crate::sqlite::file::Open;

#[tokio::test]
async fn some_that_have_read_are_kept() {
    let kept = Kept::default();
    assert!(kept.take().is_none());
    for _ in 0..=MOST_KEPT {
        kept.put(SqliteConnection::connect("sqlite::memory:").await.unwrap());
    }
    for _ in 0..MOST_KEPT {
        assert!(kept.take().is_some());
    }
    assert!(kept.take().is_none());
}

#[tokio::test]
async fn what_was_read_counts_only_if_the_file_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (path, moved) = (folder.path().join("topper.db"), folder.path().join("moved.db"));
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal);
    let (place, _open) = Open::prepare(&options).await.unwrap();
    let connections = Connections::new(options, place);
    connections.read().await.unwrap().end().unwrap();

    let reading = connections.read().await.unwrap();
    std::fs::rename(&path, &moved).unwrap();
    assert!(matches!(reading.end(), Err(OpenError::Gone(_))));
    assert!(connections.read().await.is_err());
}
