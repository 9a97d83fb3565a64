//! A file that is deleted, moved away or replaced while it is in use.

use std::{
    error::Error as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{task::JoinSet, time::sleep};
use topper_store::{Claim, EventKey, Lease, LeaseError, SqliteStore, Store as _};

const TERM: Duration = Duration::from_secs(60);
const GONE: &str = "topper.db was deleted or replaced while it was in use; put the file back, or \
                    restart the program to start without its events";

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    async fn open(&self) -> SqliteStore {
        open(self.0.path()).await
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// What a receiver that starts after a crash finds: what is in the files now.
    async fn after_a_crash(&self) -> (TempDir, SqliteStore) {
        let copy = tempfile::tempdir().unwrap();
        for name in ["topper.db", "topper.db-wal"] {
            if self.path(name).exists() {
                fs::copy(self.path(name), copy.path().join(name)).unwrap();
            }
        }
        let store = open(copy.path()).await;
        (copy, store)
    }
}

async fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(&format!("sqlite://{}/topper.db", folder.display())).await.unwrap()
}

fn lease(id: &str) -> Lease {
    Lease::new(EventKey::new("default", id)).unwrap()
}

async fn claim(store: &SqliteStore, id: &str) -> Result<Claim, String> {
    let claimed = store.claim(&lease(id), TERM).await;
    claimed.map_err(|error| error.source().unwrap().to_string())
}

/// Claims and marks events, until one fails: what was acknowledged.
async fn work(store: SqliteStore, task: usize) -> Vec<String> {
    let mut done = Vec::new();
    for number in 0..100_000 {
        let id = format!("{task}-{number}");
        let lease = lease(&id);
        if store.claim(&lease, TERM).await.is_err() {
            return done;
        }
        match store.complete(&lease).await {
            Ok(()) => done.push(id),
            Err(LeaseError::Store(_)) => return done,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("nothing has failed");
}

async fn do_some(store: &SqliteStore) -> Vec<String> {
    let mut done = Vec::new();
    for number in 0..20 {
        let lease = lease(&format!("before {number}"));
        assert!(store.claim(&lease, TERM).await.unwrap().is_new());
        store.complete(&lease).await.unwrap();
        done.push(lease.key().id().to_owned());
    }
    done
}

async fn assert_done(store: &SqliteStore, ids: &[String]) {
    for id in ids {
        assert_eq!(claim(store, id).await.unwrap(), Claim::Done, "{id} was forgotten");
    }
}

/// One claim fails, and each of many at once.
async fn assert_gone(store: &SqliteStore) {
    for number in 0..2 {
        let error = claim(store, &format!("alone {number}")).await.unwrap_err();
        assert!(error.ends_with(GONE), "{error}");
    }
    let many = (0..500).map(|number| {
        let store = store.clone();
        async move { claim(&store, &format!("many {number}")).await.unwrap_err() }
    });
    for error in many.collect::<JoinSet<_>>().join_all().await {
        assert!(error.ends_with(GONE), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fails_when_it_was_deleted() {
    for names in [&["topper.db"][..], &["topper.db", "topper.db-wal", "topper.db-shm"]] {
        let files = Files::new();
        let store = files.open().await;
        do_some(&store).await;
        for name in names {
            fs::remove_file(files.path(name)).unwrap();
        }
        assert_gone(&store).await;
        assert!(!files.path("topper.db").exists(), "an empty one was made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fails_when_it_was_moved_away_and_works_when_it_is_back() {
    let files = Files::new();
    let store = files.open().await;
    let done = do_some(&store).await;
    files.rename("topper.db", "elsewhere.db");
    assert_gone(&store).await;
    files.rename("elsewhere.db", "topper.db");
    assert_done(&store, &done).await;
    // Nothing was written of what was refused.
    assert!(claim(&store, "alone 0").await.unwrap().is_new());
    assert!(claim(&store, "many 499").await.unwrap().is_new());
    let (_copy, crashed) = files.after_a_crash().await;
    assert_done(&crashed, &done).await;
    drop(store);
    assert_done(&files.open().await, &done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fails_when_it_was_replaced_and_works_when_it_is_back() {
    let (files, others) = (Files::new(), Files::new());
    let (store, other) = (files.open().await, others.open().await);
    let done = do_some(&store).await;
    assert!(claim(&other, "of the other").await.unwrap().is_new());
    drop(other);
    files.rename("topper.db", "elsewhere.db");
    fs::copy(others.path("topper.db"), files.path("topper.db")).unwrap();
    assert_gone(&store).await;
    files.rename("topper.db", "other.db");
    files.rename("elsewhere.db", "topper.db");
    assert_done(&store, &done).await;
    assert!(claim(&store, "alone 0").await.unwrap().is_new());
    drop(store);
    assert_done(&files.open().await, &done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forgets_nothing_that_was_acknowledged_while_it_was_moved() {
    let files = Arc::new(Files::new());
    for round in 0..5 {
        let store = files.open().await;
        let tasks: JoinSet<_> =
            (0..20).map(|task| work(store.clone(), round * 20 + task)).collect();
        sleep(Duration::from_millis(150)).await;
        files.rename("topper.db", "elsewhere.db");
        let done: Vec<String> = tasks.join_all().await.concat();
        assert!(done.len() > 50, "only {} were done", done.len());
        files.rename("elsewhere.db", "topper.db");
        let (_copy, crashed) = files.after_a_crash().await;
        assert_done(&crashed, &done).await;
        assert_done(&store, &done).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forgets_nothing_when_its_wal_was_deleted() {
    let files = Files::new();
    let store = files.open().await;
    let mut done = do_some(&store).await;
    fs::remove_file(files.path("topper.db-wal")).unwrap();
    let error = claim(&store, "after").await.unwrap_err();
    let words =
        "topper.db-wal was deleted or replaced while it was in use; it is a part of the database";
    assert!(error.ends_with(words), "{error}");
    // It has been moved into the file.
    let (_copy, crashed) = files.after_a_crash().await;
    assert_done(&crashed, &done).await;
    // And what comes now goes into a new one.
    let lease = lease("after");
    assert!(store.claim(&lease, TERM).await.unwrap().is_new());
    store.complete(&lease).await.unwrap();
    done.push("after".to_owned());
    let (_copy, crashed) = files.after_a_crash().await;
    assert_done(&crashed, &done).await;
}
