//! The inbox in a SQLite file, as a URL names it.

use std::{path::PathBuf, time::Duration};

use tempfile::TempDir;
use topper_conformance::inbox::Backend;
use topper_core::{Envelope, EventName, Verifier, Webhook};
use topper_store::{
    AnyInbox, SqliteInbox, SqliteStore,
    inbox::{AttemptEnd, EventFilter, InboxStore as _, NewEvent, Taken},
    sqlx::{self, SqlitePool, sqlite::SqliteConnectOptions},
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

mod beside;
mod file;
mod mark;
mod transaction;

const LONG: Duration = Duration::from_secs(600);

struct Sqlite(TempDir);

impl Backend for Sqlite {
    type Store = AnyInbox;

    async fn empty() -> Option<Self> {
        Some(Self::new())
    }

    async fn connect(&self) -> AnyInbox {
        AnyInbox::connect(&self.url()).await.unwrap()
    }
}

topper_conformance::inbox_conformance!(Sqlite);

impl Sqlite {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.path("topper.db").display())
    }

    async fn inbox(&self) -> SqliteInbox {
        SqliteInbox::open(&self.url()).await.unwrap()
    }

    async fn once(&self) -> SqliteStore {
        SqliteStore::open(&self.url()).await.unwrap()
    }

    /// A pool as a program would have it.
    async fn pool(&self) -> SqlitePool {
        let file = self.path("topper.db");
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        SqlitePool::connect_with(options).await.unwrap()
    }
}

/// Verified events.
struct Signer(TestKey, Verifier);

impl Signer {
    fn new() -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        Self(key, verifier)
    }

    fn webhook(&self, id: &str) -> Webhook {
        let event = EventBuilder::new(EventName::UserCreated).id(id);
        Delivery::signed(&self.0, event.to_json()).verify(&self.1).unwrap()
    }

    fn event(&self, id: &str) -> NewEvent {
        NewEvent::from(&self.webhook(id))
    }
}

async fn take_one(inbox: &SqliteInbox) -> Taken {
    let mut take = inbox.take(&[7; 16], 10, LONG).await.unwrap();
    assert_eq!(take.events.len(), 1, "{take:?}");
    take.events.remove(0)
}

fn is_body_of(body: &[u8], id: &str) -> bool {
    Envelope::from_json(body).unwrap().id() == id
}

/// What was stored is parked then, as it does not match its signature.
#[tokio::test(flavor = "multi_thread")]
async fn gives_an_event_whose_body_was_deleted_without_a_body() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let inbox = sqlite.inbox().await;
    inbox.accept(&signer.event("id")).await.unwrap();
    let pool = sqlite.pool().await;
    sqlx::query("DELETE FROM topper_body").execute(&pool).await.unwrap();
    let events = inbox.list(&EventFilter::default(), 0, 10).await.unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert!(event.body.is_empty() && event.signature.is_empty() && event.public_key.is_empty());
    let taken = take_one(&inbox).await;
    assert!(taken.body.is_empty() && taken.signature.is_empty() && taken.public_key.is_empty());
    inbox.end(&taken.lease, &AttemptEnd::Done).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_yesterday_does_not_count_as_done_today() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let inbox = sqlite.inbox().await;
    inbox.accept(&signer.event("id")).await.unwrap();
    inbox.end(&take_one(&inbox).await.lease, &AttemptEnd::Done).await.unwrap();
    let earlier = "UPDATE topper_inbox SET done_at = done_at - 86400000";
    sqlx::query(earlier).execute(&sqlite.pool().await).await.unwrap();
    assert_eq!(inbox.stats().await.unwrap().done_today, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn cannot_be_written_to_without_its_table_of_bodies() {
    let sqlite = Sqlite::new();
    let inbox = sqlite.inbox().await;
    inbox.can_write().await.unwrap();
    sqlx::query("DROP TABLE topper_body").execute(&sqlite.pool().await).await.unwrap();
    inbox.can_write().await.unwrap_err();
}
