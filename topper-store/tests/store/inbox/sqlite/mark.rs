//! The marks that an inbox shares with `Once`.

use std::time::Duration;

use topper_core::Reply;
use topper_store::{
    Claim, EventKey, Inbox, Lease, LeaseError, Store as _,
    inbox::{Acceptance, AttemptEnd, EventFilter, InboxStore as _},
    sqlx,
};

use super::{LONG, Signer, Sqlite, is_body_of, take_one};

const VERSION_1: &str = include_str!("../../../../migrations/sqlite/1.sql");

fn lease(id: &str) -> Lease {
    Lease::new(EventKey::new("default", id)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_duplicate_for_what_once_has_done() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let (inbox, once) = (sqlite.inbox().await, sqlite.once().await);
    let done = lease("id");
    assert!(matches!(once.claim(&done, LONG).await.unwrap(), Claim::New(_)));
    once.complete(&done).await.unwrap();
    assert_eq!(inbox.accept(&signer.event("id")).await.unwrap(), Acceptance::Duplicate);
    assert!(inbox.is_marked(done.key()).await.unwrap());
    assert!(inbox.list(&EventFilter::default(), 0, 10).await.unwrap().is_empty());
    let reply = Inbox::new(inbox).accept(&signer.webhook("id")).await;
    assert_eq!(reply, Reply::Duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_in_progress_while_once_has_the_event() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let (inbox, once) = (sqlite.inbox().await, sqlite.once().await);
    let (held, crashed) = (lease("held"), lease("crashed"));
    // The same id under another label.
    let done = Lease::new(EventKey::new("another", "held")).unwrap();
    assert!(matches!(once.claim(&done, LONG).await.unwrap(), Claim::New(_)));
    once.complete(&done).await.unwrap();
    assert!(matches!(once.claim(&held, LONG).await.unwrap(), Claim::New(_)));
    assert!(matches!(once.claim(&crashed, Duration::from_secs(1)).await.unwrap(), Claim::New(_)));
    for id in ["held", "crashed"] {
        assert_eq!(inbox.accept(&signer.event(id)).await.unwrap(), Acceptance::InProgress);
        assert!(!inbox.is_marked(&EventKey::new("default", id)).await.unwrap());
    }
    once.release(&held, None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    for id in ["held", "crashed"] {
        assert_eq!(inbox.accept(&signer.event(id)).await.unwrap(), Acceptance::Accepted, "{id}");
        assert_eq!(once.claim(&lease(id), LONG).await.unwrap(), Claim::Done, "{id}");
    }
    assert!(matches!(once.complete(&crashed).await, Err(LeaseError::Lost)));
    assert_eq!(inbox.list(&EventFilter::default(), 0, 10).await.unwrap().len(), 2);
}

/// All of it asked at once, so that it is answered by few statements.
#[tokio::test(flavor = "multi_thread")]
async fn answers_for_each_of_many_at_once() {
    const EACH: usize = 50;
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let (inbox, once) = (sqlite.inbox().await, sqlite.once().await);
    for number in 0..EACH {
        let done = lease(&format!("done {number}"));
        assert!(matches!(once.claim(&done, LONG).await.unwrap(), Claim::New(_)));
        once.complete(&done).await.unwrap();
        let held = lease(&format!("held {number}"));
        assert!(matches!(once.claim(&held, LONG).await.unwrap(), Claim::New(_)));
    }
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..EACH {
        for kind in ["new", "done", "held", "new"] {
            let (inbox, event) = (inbox.clone(), signer.event(&format!("{kind} {number}")));
            tasks.spawn(async move { (kind, inbox.accept(&event).await.unwrap()) });
        }
    }
    let answers = tasks.join_all().await;
    let count = |answer| answers.iter().filter(|other| **other == answer).count();
    assert_eq!(count(("new", Acceptance::Accepted)), EACH);
    assert_eq!(count(("new", Acceptance::Duplicate)), EACH);
    assert_eq!(count(("done", Acceptance::Duplicate)), EACH);
    assert_eq!(count(("held", Acceptance::InProgress)), EACH);
    let stored = inbox.list(&EventFilter::default(), 0, 1000).await.unwrap();
    assert_eq!(stored.len(), EACH);
    for event in stored {
        assert!(is_body_of(&event.body, event.key.id()), "the body of another event");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_marks_of_what_is_purged_and_uses_no_row_again() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let (inbox, once) = (sqlite.inbox().await, sqlite.once().await);
    for id in ["first", "second"] {
        assert_eq!(inbox.accept(&signer.event(id)).await.unwrap(), Acceptance::Accepted);
        inbox.end(&take_one(&inbox).await.lease, &AttemptEnd::Done).await.unwrap();
    }
    let last_row = inbox.list(&EventFilter::default(), 0, 10).await.unwrap().last().unwrap().row;
    assert_eq!(inbox.purge(LONG, 10).await.unwrap(), 0);
    assert_eq!(inbox.purge(Duration::ZERO, 10).await.unwrap(), 2);
    let pool = sqlite.pool().await;
    for (what, count) in [
        ("topper_inbox", 0),
        ("topper_body", 0),
        ("topper_event", 2),
        ("topper_event WHERE inbox IS NOT NULL", 0),
    ] {
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {what}"));
        let found: i64 = sqlx::query_scalar(query).fetch_one(&pool).await.unwrap();
        assert_eq!(found, count, "{what}");
    }
    assert_eq!(inbox.accept(&signer.event("first")).await.unwrap(), Acceptance::Duplicate);
    assert_eq!(once.claim(&lease("second"), LONG).await.unwrap(), Claim::Done);
    assert_eq!(inbox.accept(&signer.event("third")).await.unwrap(), Acceptance::Accepted);
    let rows = inbox.list(&EventFilter::default(), 0, 10).await.unwrap();
    assert!(rows.first().unwrap().row > last_row);
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_what_a_file_of_the_first_version_remembers() {
    let (sqlite, signer) = (Sqlite::new(), Signer::new());
    let held = lease("held");
    let pool = sqlite.pool().await;
    for statement in [
        "CREATE TABLE topper_store_version (version INTEGER NOT NULL) STRICT",
        VERSION_1,
        "INSERT INTO topper_store_version VALUES (1)",
        "INSERT INTO topper_event VALUES ('default', 'done', zeroblob(16), NULL, 1)",
        "INSERT INTO topper_event VALUES ('default', 'crashed', zeroblob(16), 1, NULL)",
    ] {
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
    }
    sqlx::query("INSERT INTO topper_event VALUES ('default', 'held', ?1, 9999999999999, NULL)")
        .bind(held.owner())
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let (inbox, once) = (sqlite.inbox().await, sqlite.once().await);
    for (id, acceptance) in [
        ("done", Acceptance::Duplicate),
        ("held", Acceptance::InProgress),
        ("crashed", Acceptance::Accepted),
        ("new", Acceptance::Accepted),
    ] {
        assert_eq!(inbox.accept(&signer.event(id)).await.unwrap(), acceptance, "{id}");
    }
    once.complete(&held).await.unwrap();
    assert_eq!(inbox.accept(&signer.event("held")).await.unwrap(), Acceptance::Duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn tells_how_long_an_event_of_the_first_version_is_tried() {
    let sqlite = Sqlite::new();
    let (once, pool) = (sqlite.once().await, sqlite.pool().await);
    // It has no time of its first claim.
    let row = "INSERT INTO topper_event (label, id, owner, expires_at) \
               VALUES ('default', 'id', zeroblob(16), 1)";
    sqlx::query(row).execute(&pool).await.unwrap();
    let first = lease("id");
    let Claim::New(seen) = once.claim(&first, LONG).await.unwrap() else { panic!("not new") };
    assert_eq!((seen.attempts, seen.since.as_secs()), (2, 0));
    once.release(&first, Some("the ledger is closed")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let Claim::New(seen) = once.claim(&lease("id"), LONG).await.unwrap() else { panic!("not new") };
    assert_eq!(seen.attempts, 3);
    assert!(seen.since >= Duration::from_millis(250), "{seen:?}");
}
