//! A file that is deleted while it is in use.

use std::{error::Error as _, fs};

use topper_core::Reply;
use topper_store::{
    Inbox, SqliteInbox, StoreError,
    inbox::{Acceptance, EventFilter, InboxStore as _, TransactionalInbox as _},
};

use super::{LONG, Signer, Sqlite};

const GONE: &str = "topper.db was deleted or replaced while it was in use; put the file back, or \
                    restart the program to start without its events";

fn assert_gone<T>(result: Result<T, StoreError>) {
    let error = result.err().unwrap();
    let error = error.source().unwrap().to_string();
    assert!(error.ends_with(GONE), "{error}");
}

async fn ids(inbox: &SqliteInbox) -> Vec<String> {
    let stored = inbox.list(&EventFilter::default(), 0, 100).await.unwrap();
    stored.iter().map(|event| event.key.id().to_owned()).collect()
}

/// What a program that starts after a crash finds: what is in the files now.
async fn after_a_crash(sqlite: &Sqlite) -> Vec<String> {
    let copy = Sqlite::new();
    for name in ["topper.db", "topper.db-wal"] {
        if sqlite.path(name).exists() {
            fs::copy(sqlite.path(name), copy.path(name)).unwrap();
        }
    }
    ids(&copy.inbox().await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn accepts_nothing_into_a_file_that_was_deleted() {
    for names in [&["topper.db"][..], &["topper.db", "topper.db-wal", "topper.db-shm"]] {
        let (sqlite, signer) = (Sqlite::new(), Signer::new());
        let inbox = sqlite.inbox().await;
        assert_eq!(inbox.accept(&signer.event("before")).await.unwrap(), Acceptance::Accepted);
        assert_eq!(ids(&inbox).await, ["before"]);
        for name in names {
            fs::remove_file(sqlite.path(name)).unwrap();
        }
        for id in ["before", "after", "later"] {
            assert_gone(inbox.accept(&signer.event(id)).await);
        }
        assert_gone(inbox.take(&[7; 16], 10, LONG).await);
        assert_gone(inbox.is_due().await);
        assert_gone(inbox.stats().await);
        assert_gone(inbox.list(&EventFilter::default(), 0, 10).await);
        assert_gone(inbox.begin().await);
        let reply = Inbox::new(inbox).accept(&signer.webhook("after")).await;
        assert_eq!(reply, Reply::Retry);
        assert!(!sqlite.path("topper.db").exists(), "an empty one was made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_when_a_file_that_was_moved_away_is_back() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let inbox = sqlite.inbox().await;
    assert_eq!(inbox.accept(&signer.event("before")).await.unwrap(), Acceptance::Accepted);
    fs::rename(sqlite.path("topper.db"), sqlite.path("elsewhere.db")).unwrap();
    assert_gone(inbox.accept(&signer.event("refused")).await);
    assert_gone(inbox.is_due().await);
    fs::rename(sqlite.path("elsewhere.db"), sqlite.path("topper.db")).unwrap();
    assert!(inbox.is_due().await.unwrap());
    assert_eq!(inbox.accept(&signer.event("after")).await.unwrap(), Acceptance::Accepted);
    assert_eq!(ids(&inbox).await, ["before", "after"]);
    assert_eq!(after_a_crash(&sqlite).await, ["before", "after"]);
}

/// The connections that read and that of transactions have the deleted one open, too.
#[tokio::test(flavor = "multi_thread")]
async fn forgets_nothing_when_its_wal_was_deleted() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let inbox = sqlite.inbox().await;
    assert_eq!(inbox.accept(&signer.event("before")).await.unwrap(), Acceptance::Accepted);
    assert!(inbox.is_due().await.unwrap());
    let mut transaction = inbox.begin().await.unwrap();
    let acceptance = SqliteInbox::accept_in(&mut transaction, &signer.event("within")).await;
    assert_eq!(acceptance.unwrap(), Acceptance::Accepted);
    transaction.commit().await.unwrap();

    fs::remove_file(sqlite.path("topper.db-wal")).unwrap();
    let error = inbox.accept(&signer.event("refused")).await.unwrap_err();
    let error = error.source().unwrap().to_string();
    let words = "-wal was deleted or replaced while it was in use; it is a part of the database";
    assert!(error.ends_with(words), "{error}");
    assert_eq!(after_a_crash(&sqlite).await, ["before", "within"]);

    assert_eq!(inbox.accept(&signer.event("after")).await.unwrap(), Acceptance::Accepted);
    assert_eq!(ids(&inbox).await, ["before", "within", "after"]);
    assert_eq!(after_a_crash(&sqlite).await, ["before", "within", "after"]);
    drop(inbox.begin().await.unwrap());
}
