//! Ten receivers that start at once, on a store without a table.

use std::time::Duration;

use topper_store::{AnyStore, EventKey, Lease, Store as _};

async fn start_at_once(url: &str) {
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let url = url.to_owned();
            tokio::spawn(async move { AnyStore::connect(&url).await.unwrap() })
        })
        .collect();
    let mut claims = Vec::new();
    for task in tasks {
        let lease = Lease::new(EventKey::new("default", "id")).unwrap();
        let store = task.await.unwrap();
        claims.push(store.claim(&lease, Duration::from_secs(60)).await.unwrap());
    }
    assert_eq!(claims.iter().filter(|claim| claim.is_new()).count(), 1);
    // And once more, when the table is there.
    AnyStore::connect(url).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn makes_the_table_of_sqlite_once() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("topper.db").display());
        start_at_once(&url).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn makes_the_table_of_postgres_once() {
    for _ in 0..5 {
        let Some(url) = crate::server::postgres::database().await else { return };
        start_at_once(&url).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accepts_tables_that_were_made_by_hand_as_the_guide_says() {
    use sqlx::{Connection as _, Executor as _};
    const STORES: &str = include_str!("../../../docs/guide/stores.md");
    let Some(url) = crate::server::postgres::database().await else { return };
    let mut admin = sqlx::postgres::PgConnection::connect(&url).await.unwrap();
    let (_, version) = STORES.split_once("```sql\nCREATE TABLE topper_store_version").unwrap();
    let (version, _) = version.split_once("```").unwrap();
    for statements in [
        include_str!("../../migrations/postgres/1.sql").to_owned(),
        include_str!("../../migrations/postgres/2.sql").to_owned(),
        format!("CREATE TABLE topper_store_version{version}"),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
    ] {
        admin.execute(sqlx::AssertSqlSafe(statements)).await.unwrap();
    }
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    let before: i64 = sqlx::query_scalar(tables).fetch_one(&mut admin).await.unwrap();
    AnyStore::connect(&url).await.unwrap();
    topper_store::AnyInbox::connect(&url).await.unwrap();
    let after: i64 = sqlx::query_scalar(tables).fetch_one(&mut admin).await.unwrap();
    assert_eq!((before, after), (4, 4));
}

#[tokio::test]
async fn needs_no_right_to_make_tables_once_they_are_there() {
    use sqlx::{Connection as _, Executor as _};
    let Some(url) = crate::server::postgres::database().await else { return };
    let Some((server, name)) = url.rsplit_once('/') else { return };
    let user = format!("limited_{name}");
    AnyStore::connect(&url).await.unwrap();
    let mut admin = sqlx::postgres::PgConnection::connect(&url).await.unwrap();
    for statement in [
        format!("CREATE ROLE {user} LOGIN"),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
        format!("GRANT SELECT ON topper_store_version TO {user}"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON topper_event TO {user}"),
    ] {
        admin.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
    let (_, host) = server.rsplit_once('@').unwrap();
    let store = AnyStore::connect(&format!("postgres://{user}@{host}/{name}")).await.unwrap();
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    assert!(store.claim(&lease, Duration::from_secs(60)).await.unwrap().is_new());
    store.renew(&lease, Duration::from_secs(60)).await.unwrap();
    store.release(&lease, None).await.unwrap();
    store.complete(&lease).await.unwrap();
    drop(store);
    admin.execute(sqlx::AssertSqlSafe(format!("DROP OWNED BY {user}"))).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("DROP ROLE {user}"))).await.unwrap();
}
