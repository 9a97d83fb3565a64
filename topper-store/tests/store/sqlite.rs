//! The store in a SQLite file, as a URL names it.

use std::{str::FromStr as _, time::Duration};

use tempfile::TempDir;
use tokio::{task::JoinSet, time::timeout};
use topper_conformance::store::Backend;
use topper_store::{
    AnyStore, Claim, EventKey, Lease, SqliteStore, Store as _,
    sqlx::{SqlitePool, sqlite::SqliteConnectOptions},
};

mod file;
mod start;
mod temporary;

struct Sqlite(TempDir);

impl Backend for Sqlite {
    type Store = AnyStore;

    async fn empty() -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }

    async fn connect(&self) -> AnyStore {
        AnyStore::connect(&self.url()).await.unwrap()
    }
}

impl Sqlite {
    fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("topper.db").display())
    }
}

topper_conformance::store_conformance!(Sqlite);

async fn claim(store: &AnyStore, id: &str) {
    let lease = Lease::new(EventKey::new("default", id)).unwrap();
    assert!(store.claim(&lease, Duration::from_secs(60)).await.unwrap().is_new());
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_events_from_the_wal_into_the_file_while_it_works() {
    let sqlite = Sqlite(tempfile::tempdir().unwrap());
    let file = sqlite.0.path().join("topper.db");
    let store = sqlite.connect().await;
    let claiming = (0..50).map(|task| {
        let store = store.clone();
        async move {
            for number in 0..200 {
                claim(&store, &format!("{task}-{number}")).await;
            }
        }
    });
    claiming.collect::<JoinSet<_>>().join_all().await;
    // This is done beside it. What fails is left to the next, so the work goes on.
    let is_moved = async {
        for number in 0.. {
            if std::fs::metadata(&file).unwrap().len() >= 100_000 {
                break;
            }
            claim(&store, &format!("more-{number}")).await;
        }
    };
    assert!(timeout(Duration::from_secs(30), is_moved).await.is_ok());
    let wal = std::fs::metadata(file.with_extension("db-wal")).unwrap().len();
    assert!(wal < 128_000_000, "a commit may have done it");
    drop(store);
}

#[tokio::test(flavor = "multi_thread")]
async fn is_in_the_file_of_a_pool_of_the_programs_own() {
    let sqlite = Sqlite(tempfile::tempdir().unwrap());
    let options = SqliteConnectOptions::from_str(&sqlite.url()).unwrap().create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let store = SqliteStore::new(&pool).await.unwrap();

    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let key = EventKey::new("default", "in a transaction");
    let claim = SqliteStore::claim_in(&mut transaction, key.clone()).await.unwrap();
    assert!(claim.is_new());
    transaction.commit().await.unwrap();
    let claim = store.claim(&Lease::new(key).unwrap(), Duration::from_secs(60)).await.unwrap();
    assert_eq!(claim, Claim::Done);
}
