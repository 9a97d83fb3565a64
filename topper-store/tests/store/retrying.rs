//! What is being retried, as an operator lists it.

use std::time::{Duration, SystemTime};

use topper_core::{EventName, Outcome, Reply, Retry, Verifier, Webhook};
use topper_store::{AnyStore, Claim, EventKey, Inbox, Lease, Once, Retrying, Store as _};
use topper_testkit::{Delivery, EventBuilder, TestKey};

const LONG: Duration = Duration::from_secs(600);

fn webhook(id: &str) -> Webhook {
    let key = TestKey::generate();
    let verifier =
        Verifier::builder().public_key(&key.public_jwk()).label("sandbox").build().unwrap();
    let event = EventBuilder::new(EventName::UserCreated).id(id).to_json();
    Delivery::signed(&key, event).verify(&verifier).unwrap()
}

fn lease(id: &str) -> Lease {
    Lease::new(EventKey::new("sandbox", id)).unwrap()
}

async fn fail(store: &AnyStore, id: &str, error: &str) {
    let lease = lease(id);
    assert!(store.claim(&lease, LONG).await.unwrap().is_new());
    store.release(&lease, Some(error)).await.unwrap();
    // So that no two fail at the same time.
    tokio::time::sleep(Duration::from_millis(5)).await;
}

fn ids(retrying: &[Retrying]) -> Vec<&str> {
    retrying.iter().map(|event| event.key.id()).collect()
}

async fn lists_what_has_failed_and_is_not_done(store: AnyStore) {
    assert_eq!(store.retrying(10).await.unwrap(), []);
    let started = SystemTime::now();
    for (id, error) in [("one", "a"), ("two", "b"), ("three", "c"), ("one", "d")] {
        fail(&store, id, error).await;
    }
    let leased = lease("two");
    assert!(store.claim(&leased, LONG).await.unwrap().is_new());
    let never_failed = lease("never failed");
    assert!(store.claim(&never_failed, LONG).await.unwrap().is_new());

    let retrying = store.retrying(10).await.unwrap();
    assert_eq!(ids(&retrying), ["one", "three", "two"]);
    let of = |retrying: &Retrying| (retrying.attempts, retrying.last_error.clone());
    let expected = [(2, "d"), (1, "c"), (2, "b")].map(|(count, error)| (count, error.to_owned()));
    assert_eq!(retrying.iter().map(of).collect::<Vec<_>>(), expected);
    let second = Duration::from_secs(1);
    for Retrying { key, first_seen_at, failed_at, .. } in &retrying {
        assert_eq!(key.label(), "sandbox");
        assert!(*first_seen_at + second > started && *failed_at < SystemTime::now() + second);
        assert!(first_seen_at <= failed_at);
    }
    let one = retrying.first().unwrap();
    assert!(one.failed_at.duration_since(one.first_seen_at).unwrap() > Duration::from_millis(10));
    assert_eq!(ids(&store.retrying(2).await.unwrap()), ["one", "three"]);
    assert_eq!(store.retrying(0).await.unwrap(), []);

    // Without a failure what is known stays.
    store.release(&leased, None).await.unwrap();
    let given_back = store.retrying(10).await.unwrap().pop().unwrap();
    assert_eq!(of(&given_back), (1, "b".to_owned()));
    store.complete(&leased).await.unwrap();
    assert_eq!(ids(&store.retrying(10).await.unwrap()), ["one", "three"]);
    let done = lease("one");
    assert!(store.claim(&done, LONG).await.unwrap().is_new());
    store.complete(&done).await.unwrap();
    assert_eq!(ids(&store.retrying(10).await.unwrap()), ["three"]);
}

async fn keeps_any_error(store: AnyStore) {
    let longest = "\u{1F980}".repeat(500);
    let errors =
        ["", "'", "\"", "\\", "\\x00", "\0", "a\0b", "%s $1 ?1", "\u{e9}\u{202e}", &longest];
    for error in errors {
        fail(&store, "the\0id", error).await;
        let retrying = store.retrying(10).await.unwrap();
        assert_eq!(ids(&retrying), ["the\0id"]);
        assert_eq!(retrying.first().unwrap().last_error, error);
        assert!(error.is_empty() || !format!("{retrying:?}").contains(&format!("{error:?}")));
    }
}

/// An expired lease is an attempt, too.
async fn counts_a_crash(store: AnyStore) {
    assert!(store.claim(&lease("id"), Duration::from_millis(100)).await.unwrap().is_new());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let owner = lease("id");
    let claim = store.claim(&owner, LONG).await.unwrap();
    let Claim::New(seen) = claim else { panic!("{claim:?}") };
    assert_eq!(seen.attempts, 2);
    assert!(seen.since >= Duration::from_millis(250), "{seen:?}");
}

async fn keeps_the_failure_of_a_handler_in_one_line(store: AnyStore) {
    let once = Once::new(store);
    let fails = |_| async { Err(Retry::because(format!("line\nafter line{}", "x".repeat(600)))) };
    assert_eq!(once.run(webhook("failed"), fails).await, Reply::Retry);
    let panics = |_| async { panic!("a panic that the test wants") };
    assert_eq!(once.run(webhook("panicked"), panics).await, Reply::Panicked);
    let waits = |_| async { Ok(Outcome::InProgress) };
    assert_eq!(once.run(webhook("in progress"), waits).await, Reply::InProgress);

    let mut retrying = once.store().retrying(10).await.unwrap();
    retrying.sort_by(|one, other| one.key.cmp(&other.key));
    assert_eq!(ids(&retrying), ["failed", "in progress", "panicked"]);
    let errors: Vec<&str> = retrying.iter().map(|event| event.last_error.as_str()).collect();
    let [failed, in_progress, panicked] = errors.try_into().unwrap();
    assert!(failed.contains("line\\nafter line") && !failed.contains('\n'), "{failed}");
    assert!(failed.ends_with("x\u{2026}") && failed.chars().count() <= 502, "{failed}");
    assert!(in_progress.contains("returned in_progress"), "{in_progress}");
    assert_eq!(panicked, "the handler panicked");

    for id in ["failed", "panicked", "in progress"] {
        let processes = |_| async { Ok(Outcome::Processed) };
        assert_eq!(once.run(webhook(id), processes).await, Reply::Processed);
    }
    assert_eq!(once.store().retrying(10).await.unwrap(), []);
}

const KEPT: &str = "SELECT failed_at IS NOT NULL OR last_error IS NOT NULL FROM topper_event";

async fn fail_and_accept(store: &AnyStore, url: &str) {
    fail(store, "id", "the ledger is closed").await;
    let inbox = Inbox::open(url).await.unwrap();
    assert_eq!(inbox.accept(&webhook("id")).await, Reply::Accepted);
    assert_eq!(store.retrying(10).await.unwrap(), []);
}

/// After another attempt, and after an answer that got lost.
async fn fail_and_complete(store: &AnyStore) {
    fail(store, "again", "the ledger is closed").await;
    let again = lease("again");
    assert!(store.claim(&again, LONG).await.unwrap().is_new());
    store.complete(&again).await.unwrap();
    let back = lease("back");
    assert!(store.claim(&back, LONG).await.unwrap().is_new());
    store.release(&back, Some("the ledger is closed")).await.unwrap();
    store.complete(&back).await.unwrap();
}

const ALL_KEPT: &str =
    "SELECT count(*) FROM topper_event WHERE failed_at IS NOT NULL OR last_error IS NOT NULL";

/// One test of each.
macro_rules! retries {
    () => {
        retries! {
            lists_what_has_failed_and_is_not_done
            keeps_any_error
            counts_a_crash
            keeps_the_failure_of_a_handler_in_one_line
        }
    };
    ($($case:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            let Some((store, _guard)) = open().await else { return };
            super::$case(store).await;
        })*
    };
}

mod memory {
    use super::*;

    async fn open() -> Option<(AnyStore, ())> {
        Some((AnyStore::connect("memory:").await.unwrap(), ()))
    }

    retries!();
}

mod sqlite {
    use super::*;

    async fn open() -> Option<(AnyStore, tempfile::TempDir)> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("topper.db").display());
        Some((AnyStore::connect(&url).await.unwrap(), folder))
    }

    retries!();

    #[tokio::test(flavor = "multi_thread")]
    async fn lists_no_event_that_an_inbox_has_accepted_since() {
        let Some((store, folder)) = open().await else { return };
        let url = format!("sqlite://{}", folder.path().join("topper.db").display());
        fail_and_accept(&store, &url).await;
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        let kept: bool = sqlx::query_scalar(KEPT).fetch_one(&pool).await.unwrap();
        assert!(!kept);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn forgets_the_failure_of_what_is_done() {
        let Some((store, folder)) = open().await else { return };
        fail_and_complete(&store).await;
        let url = format!("sqlite://{}", folder.path().join("topper.db").display());
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        let kept: i64 = sqlx::query_scalar(ALL_KEPT).fetch_one(&pool).await.unwrap();
        assert_eq!(kept, 0);
    }
}

mod postgres {
    use super::*;

    async fn open() -> Option<(AnyStore, ())> {
        let url = crate::server::postgres::database().await?;
        Some((AnyStore::connect(&url).await.unwrap(), ()))
    }

    retries!();

    #[tokio::test(flavor = "multi_thread")]
    async fn lists_no_event_that_an_inbox_has_accepted_since() {
        let Some(url) = crate::server::postgres::database().await else { return };
        fail_and_accept(&AnyStore::connect(&url).await.unwrap(), &url).await;
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let kept: bool = sqlx::query_scalar(KEPT).fetch_one(&pool).await.unwrap();
        assert!(!kept);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn forgets_the_failure_of_what_is_done() {
        let Some(url) = crate::server::postgres::database().await else { return };
        fail_and_complete(&AnyStore::connect(&url).await.unwrap()).await;
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let kept: i64 = sqlx::query_scalar(ALL_KEPT).fetch_one(&pool).await.unwrap();
        assert_eq!(kept, 0);
    }

    /// An index that names a column that marking changes would double its cost.
    #[tokio::test(flavor = "multi_thread")]
    async fn touches_no_index_when_it_marks_an_event() {
        let Some(url) = crate::server::postgres::database().await else { return };
        let store = AnyStore::connect(&url).await.unwrap();
        for number in 0..50 {
            let lease = lease(&number.to_string());
            assert!(store.claim(&lease, LONG).await.unwrap().is_new());
            store.complete(&lease).await.unwrap();
        }
        // A connection reports what it did when it ends.
        drop(store);
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let mut counts = (0, 0);
        for _ in 0..200 {
            counts = sqlx::query_as(
                "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables \
                 WHERE relname = 'topper_event'",
            )
            .fetch_one(&pool)
            .await
            .unwrap();
            if counts.0 == 50_i64 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(counts, (50, 50_i64));
    }
}

mod in_redis {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn says_that_it_keeps_no_list() {
        let Some(url) = crate::server::redis::database().await else { return };
        let store = AnyStore::connect(&url).await.unwrap();
        fail(&store, "id", "the ledger is closed").await;
        let error = store.retrying(10).await.unwrap_err();
        let text = std::error::Error::source(&error).unwrap().to_string();
        assert!(text.starts_with("Redis keeps no list"), "{text}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn forgets_what_is_done_in_the_end() {
        let Some(url) = crate::server::redis::database().await else { return };
        let store = AnyStore::connect(&url).await.unwrap();
        let lease = lease("id");
        assert!(store.claim(&lease, LONG).await.unwrap().is_new());
        store.complete(&lease).await.unwrap();
        let client = ::redis::Client::open(url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let left: i64 = ::redis::cmd("PTTL")
            .arg("topper:7:sandbox:id")
            .query_async(&mut connection)
            .await
            .unwrap();
        let day = 24 * 3_600_000;
        assert!((29 * day..400 * day).contains(&left), "{left} ms");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn forgets_what_was_given_back_after_some_hours() {
        let Some(url) = crate::server::redis::database().await else { return };
        let store = AnyStore::connect(&url).await.unwrap();
        fail(&store, "failed", "the ledger is closed").await;
        fail(&store, "interrupted", "the ledger is closed").await;
        // The second attempt did not run.
        let second = lease("interrupted");
        assert!(store.claim(&second, LONG).await.unwrap().is_new());
        store.release(&second, None).await.unwrap();
        let client = ::redis::Client::open(url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let hour = 3_600_000;
        for id in ["failed", "interrupted"] {
            let left: i64 = ::redis::cmd("PTTL")
                .arg(format!("topper:7:sandbox:{id}"))
                .query_async(&mut connection)
                .await
                .unwrap();
            assert!((3 * hour..=5 * hour).contains(&left), "{id}: {left} ms");
        }
        // Without a failure nothing is left.
        let lease = lease("never ran");
        assert!(store.claim(&lease, LONG).await.unwrap().is_new());
        store.release(&lease, None).await.unwrap();
        let exists: bool = ::redis::cmd("EXISTS")
            .arg("topper:7:sandbox:never ran")
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(!exists);
    }
}
