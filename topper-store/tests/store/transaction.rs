//! Claims in a transaction of the caller.

use std::time::{Duration, Instant};

use topper_core::{EventName, Outcome, Reply, Retry, Verifier, Webhook};
use topper_store::{Claim, EventKey, Lease, LeaseError, Once, Store};
use topper_testkit::{Delivery, EventBuilder, TestKey};

const LONG: Duration = Duration::from_secs(600);

fn webhook() -> Webhook {
    let key = TestKey::generate();
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id("id");
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    Delivery::signed(&key, event.to_json()).verify(&verifier).unwrap()
}

fn lease() -> Lease {
    Lease::new(EventKey::new("default", "id")).unwrap()
}

/// The same for both databases.
macro_rules! claims_in_transactions {
    ($store:ty, $begin:literal) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn holds_when_it_commits_and_not_when_it_rolls_back() {
            let Some((store, pool, _guard)) = open().await else { return };
            let mut transaction = pool.begin_with($begin).await.unwrap();
            let claim = <$store>::claim_in(&mut transaction, &webhook()).await.unwrap();
            assert!(claim.is_new());
            let claim = <$store>::claim_in(&mut transaction, &webhook()).await.unwrap();
            assert_eq!(claim, Claim::Done);
            transaction.rollback().await.unwrap();

            let mut transaction = pool.begin_with($begin).await.unwrap();
            let claim = <$store>::claim_in(&mut transaction, &webhook()).await.unwrap();
            assert!(claim.is_new());
            transaction.commit().await.unwrap();

            let mut transaction = pool.begin_with($begin).await.unwrap();
            let claim = <$store>::claim_in(&mut transaction, &webhook()).await.unwrap();
            assert_eq!(claim, Claim::Done);
            drop(transaction);
            assert_eq!(store.claim(&lease(), LONG).await.unwrap(), Claim::Done);
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn is_new_to_one_of_many() {
            let Some((_store, pool, _guard)) = open().await else { return };
            let tasks: Vec<_> = (0..8)
                .map(|_| {
                    let pool = pool.clone();
                    tokio::spawn(async move {
                        let mut transaction = pool.begin_with($begin).await.unwrap();
                        let claim = <$store>::claim_in(&mut transaction, &webhook()).await.unwrap();
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        transaction.commit().await.unwrap();
                        claim
                    })
                })
                .collect();
            let mut new = 0;
            for task in tasks {
                new += usize::from(task.await.unwrap().is_new());
            }
            assert_eq!(new, 1);
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn belongs_to_the_lease_around_it() {
            let Some((store, pool, _guard)) = open().await else { return };
            let once = Once::new(store);
            let inner = pool.clone();
            let reply = once
                .run(webhook(), move |webhook| async move {
                    let mut transaction = inner.begin_with($begin).await?;
                    let claim = <$store>::claim_in(&mut transaction, &webhook).await?;
                    assert!(claim.is_new());
                    transaction.commit().await?;
                    Ok(Outcome::Processed)
                })
                .await;
            assert_eq!(reply, Reply::Processed);
            let never = |_| async { Err::<Outcome, _>(Retry::because("it ran again")) };
            assert_eq!(once.run(webhook(), never).await, Reply::Duplicate);
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn takes_what_was_given_back() {
            let Some((store, pool, _guard)) = open().await else { return };
            let failed = lease();
            assert!(store.claim(&failed, LONG).await.unwrap().is_new());
            store.release(&failed, Some("the ledger is closed")).await.unwrap();
            let mut transaction = pool.begin_with($begin).await.unwrap();
            let claim = <$store>::claim_in(&mut transaction, &webhook()).await.unwrap();
            let Claim::New(seen) = claim else { panic!("{claim:?}") };
            assert_eq!(seen.attempts, 2);
            assert!(seen.since < LONG, "{seen:?}");
            transaction.commit().await.unwrap();
            assert_eq!(store.claim(&lease(), LONG).await.unwrap(), Claim::Done);
            assert!(matches!(store.complete(&failed).await, Err(LeaseError::Lost)));
            assert!(store.retrying(10).await.unwrap().is_empty());
            let kept: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM topper_event \
                 WHERE failed_at IS NOT NULL OR last_error IS NOT NULL",
            )
            .fetch_one(&pool)
            .await
            .unwrap();
            assert_eq!(kept, 0);
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn is_done_once_when_the_lease_around_it_is_lost() {
            let Some((store, pool, _guard)) = open().await else { return };
            let (stale, owner) = (lease(), lease());
            assert!(store.claim(&stale, Duration::ZERO).await.unwrap().is_new());
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert!(store.claim(&owner, LONG).await.unwrap().is_new());
            for is_first in [true, false] {
                let mut transaction = pool.begin_with($begin).await.unwrap();
                let claimed = <$store>::claim_in(&mut transaction, &webhook()).await.unwrap();
                assert_eq!(claimed.is_new(), is_first);
                assert_eq!(claimed == Claim::Done, !is_first);
                transaction.commit().await.unwrap();
            }
            assert!(matches!(store.complete(&stale).await, Err(LeaseError::Lost)));
            assert!(matches!(store.release(&owner, None).await, Err(LeaseError::Lost)));
            store.complete(&owner).await.unwrap();
        }
    };
}

mod sqlite {
    use super::*;
    use topper_store::SqliteStore;

    async fn open() -> Option<(SqliteStore, sqlx::SqlitePool, tempfile::TempDir)> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("topper.db").display());
        let store = SqliteStore::open(&url).await.unwrap();
        Some((store, sqlx::SqlitePool::connect(&url).await.unwrap(), folder))
    }

    claims_in_transactions!(SqliteStore, "BEGIN IMMEDIATE");
}

mod postgres {
    use super::*;
    use topper_store::PostgresStore;

    async fn open() -> Option<(PostgresStore, sqlx::PgPool, ())> {
        let url = crate::server::postgres::database().await?;
        let store = PostgresStore::connect(&url).await.unwrap();
        Some((store, sqlx::PgPool::connect(&url).await.unwrap(), ()))
    }

    claims_in_transactions!(PostgresStore, "BEGIN");

    #[tokio::test(flavor = "multi_thread")]
    async fn keeps_nobody_waiting_while_it_is_open() {
        let Some((store, pool, ())) = open().await else { return };
        let owner = lease();
        assert!(store.claim(&owner, LONG).await.unwrap().is_new());
        let mut transaction = pool.begin().await.unwrap();
        let claim = PostgresStore::claim_in(&mut transaction, &webhook()).await.unwrap();
        assert!(claim.is_new());

        let started = Instant::now();
        assert_eq!(store.claim(&lease(), LONG).await.unwrap(), Claim::InProgress);
        store.renew(&owner, LONG).await.unwrap();
        let elapsed = started.elapsed();
        assert!(elapsed < Duration::from_millis(400), "it took {elapsed:?}");

        transaction.commit().await.unwrap();
        store.complete(&owner).await.unwrap();
        assert_eq!(store.claim(&lease(), LONG).await.unwrap(), Claim::Done);
    }
}
