//! What an operator does, and what stays.

use std::time::Duration;

use sqlx::PgPool;
use topper_store::{
    Claim, EventKey, Lease, LeaseError, PostgresInbox, PostgresStore, Store as _,
    inbox::{Acceptance, AttemptEnd, Change, EventFilter, EventState, InboxStore as _, OrderPlace},
};

use super::{LONG, Sender, database, execute, number, open, take, take_one};

const MIGRATION_1: &str = include_str!("../../../../migrations/postgres/1.sql");

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_marks_of_a_store_from_before_there_was_an_inbox() {
    let Some(url) = database().await else { return };
    execute(
        &url,
        &format!(
            "{MIGRATION_1}; CREATE TABLE topper_store_version (version bigint NOT NULL); \
             INSERT INTO topper_store_version VALUES (1); \
             INSERT INTO topper_event VALUES \
                 ('default', 'done', 'owner', NULL, now()), \
                 ('default', 'held', 'owner', now() + interval '1 hour', NULL)"
        ),
    )
    .await;
    let (inbox, sender) = (PostgresInbox::connect(&url).await.unwrap(), Sender::new());
    let done = inbox.accept(&sender.event("done")).await.unwrap();
    let held = inbox.accept(&sender.event("held")).await.unwrap();
    let new = inbox.accept(&sender.event("new")).await.unwrap();
    assert_eq!(
        [done, held, new],
        [Acceptance::Duplicate, Acceptance::InProgress, Acceptance::Accepted]
    );
    assert_eq!(number(&url, "SELECT max(version) FROM topper_store_version").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn purges_the_content_and_keeps_the_mark() {
    let Some((inbox, url)) = open().await else { return };
    let (store, sender) = (PostgresStore::connect(&url).await.unwrap(), Sender::new());
    for number in 0..5 {
        inbox.accept(&sender.event(&number.to_string())).await.unwrap();
        inbox.end(&take_one(&inbox).await, &AttemptEnd::Done).await.unwrap();
    }
    inbox.accept(&sender.event("pending")).await.unwrap();
    assert_eq!(inbox.purge(LONG, 100).await.unwrap(), 0);
    tokio::time::sleep(Duration::from_millis(10)).await;
    let purge = async || inbox.purge(Duration::ZERO, 3).await.unwrap();
    assert_eq!([purge().await, purge().await, purge().await], [3, 2, 0]);
    for table in ["topper_inbox", "topper_body"] {
        assert_eq!(number(&url, &format!("SELECT count(*) FROM {table}")).await, 1, "{table}");
    }
    let kept = "SELECT count(*) FROM topper_event WHERE inbox IS NOT NULL";
    assert_eq!(number(&url, kept).await, 1);
    let again = inbox.accept(&sender.event("3")).await.unwrap();
    assert_eq!(again, Acceptance::Duplicate);
    let lease = Lease::new(EventKey::new("default", "3")).unwrap();
    assert_eq!(store.claim(&lease, LONG).await.unwrap(), Claim::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_an_event_by_its_id_under_every_label() {
    let Some((inbox, url)) = open().await else { return };
    let sender = Sender::new();
    inbox.accept(&sender.event("id")).await.unwrap();
    inbox.accept(&sender.event("another")).await.unwrap();
    // As of other webhooks.
    execute(
        &url,
        "INSERT INTO topper_event (label, id, owner, done_at) \
             SELECT ('label ' || n)::bytea, 'id', 'owner', now() FROM generate_series(1, 5) n; \
         INSERT INTO topper_event (label, id, owner, done_at, inbox) \
             VALUES ('widget', 'id', 'owner', now(), 1000); \
         INSERT INTO topper_inbox SELECT 1000, 'widget', id, name, order_id, updated_at, rank, \
             received_at, state, due_at, owner, attempts, tries, tried_since FROM topper_inbox \
             WHERE id = 'id'",
    )
    .await;
    let filter = EventFilter { id: Some("id".to_owned()), ..EventFilter::default() };
    let found = inbox.list(&filter, 0, 10).await.unwrap();
    let labels: Vec<_> = found.iter().map(|event| event.key.label()).collect();
    assert_eq!(labels, ["default", "widget"]);
    let filter = EventFilter { label: Some("widget".to_owned()), ..filter };
    assert_eq!(inbox.list(&filter, 0, 10).await.unwrap().len(), 1);
    assert_eq!(inbox.change(&filter, Change::Bury, 0, 10).await.unwrap().count, 1);
    let states = inbox.list(&EventFilter::default(), 0, 10).await.unwrap();
    let states: Vec<_> = states.iter().map(|event| event.state).collect();
    assert_eq!(states, [EventState::Pending, EventState::Pending, EventState::Buried]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unparks_with_the_place_that_can_be_read_now() {
    let Some((inbox, url)) = open().await else { return };
    let event = Sender::new().event("id");
    inbox.accept(&event).await.unwrap();
    let lease = take_one(&inbox).await;
    let parked = AttemptEnd::Parked { error: "new".to_owned(), reader: Some("0.0.1") };
    inbox.end(&lease, &parked).await.unwrap();
    assert_eq!(inbox.parked("0.0.1", 0, 10).await.unwrap().len(), 0);
    let [parked] = &*inbox.parked("0.0.2", 0, 10).await.unwrap() else { panic!("not parked") };
    assert_eq!(parked.last_error.as_deref(), Some("new"));
    assert!(inbox.parked("0.0.2", parked.row, 10).await.unwrap().is_empty());
    execute(&url, "UPDATE topper_inbox SET order_id = NULL, updated_at = NULL, rank = 99").await;
    let place: Option<&OrderPlace> = event.order();
    assert!(inbox.unpark(event.key(), place).await.unwrap());
    assert!(!inbox.unpark(event.key(), place).await.unwrap());
    let filter = EventFilter {
        order_id: place.map(|place| place.order_id.clone()),
        ..EventFilter::default()
    };
    assert_eq!(inbox.list(&filter, 0, 10).await.unwrap().len(), 1);
    assert_eq!(take_one(&inbox).await.key().id(), "id");
}

/// By a transaction of an operator, or of the event's own handler.
#[tokio::test(flavor = "multi_thread")]
async fn loses_no_lease_while_its_row_is_locked() {
    let Some((inbox, url)) = open().await else { return };
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    let lease = take_one(&inbox).await;
    let pool = PgPool::connect(&url).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let lock = "SELECT 1 FROM topper_inbox FOR NO KEY UPDATE";
    sqlx::query(lock).execute(&mut *transaction).await.unwrap();
    // It is held as long as the row is being changed.
    inbox.renew(&lease, LONG).await.unwrap();
    let error = inbox.end(&lease, &AttemptEnd::Done).await.unwrap_err();
    assert!(matches!(error, LeaseError::Store(_)), "{error:?}");
    transaction.rollback().await.unwrap();
    inbox.end(&lease, &AttemptEnd::Done).await.unwrap();
    assert_eq!(number(&url, "SELECT count(*) FROM topper_inbox WHERE state = 3").await, 1);
}

/// What was stored is parked then, as it does not match its signature.
#[tokio::test(flavor = "multi_thread")]
async fn gives_an_event_whose_body_was_deleted_without_a_body() {
    let Some((inbox, url)) = open().await else { return };
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    execute(&url, "DELETE FROM topper_body").await;
    let events = inbox.list(&EventFilter::default(), 0, 10).await.unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert!(event.body.is_empty() && event.signature.is_empty() && event.public_key.is_empty());
    let taken = take(&inbox, 10).await;
    let [taken] = taken.as_slice() else { panic!("{taken:?}") };
    assert!(taken.body.is_empty() && taken.signature.is_empty() && taken.public_key.is_empty());
    inbox.end(&taken.lease, &AttemptEnd::Done).await.unwrap();
}
