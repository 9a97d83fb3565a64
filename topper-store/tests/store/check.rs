//! What `AnyStore::check` reports, point by point.

use sqlx::{AssertSqlSafe, Executor as _, postgres::PgConnection};
use topper_store::{AnyStore, Level, Point, Report};

use crate::server::secure::{Database, Secure};

/// A role that may connect to a database, and do nothing else.
async fn role(database: &Database, admin: &mut PgConnection, name: &str) -> String {
    execute(admin, &format!("CREATE ROLE \"{name}\" LOGIN")).await;
    database.url(&name.replace(' ', "%20"), "localhost", "")
}

async fn execute(admin: &mut PgConnection, statement: &str) {
    admin.execute(AssertSqlSafe(statement)).await.unwrap();
}

fn levels(report: &Report) -> Vec<(&'static str, Level)> {
    report.points().iter().map(|point| (point.name, point.level)).collect()
}

/// The only point that has not passed.
fn remarkable(report: &Report) -> &Point {
    let mut points = report.points().iter().filter(|point| point.level != Level::Passed);
    let point = points.next().unwrap();
    assert!(points.next().is_none(), "{report:?}");
    point
}

/// What connecting says is what the check says.
async fn assert_refused(url: &str, point: &Point) {
    use std::error::Error as _;
    let error = AnyStore::connect(url).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), point.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_all_points_of_a_good_server_in_order() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, _) = secure.database().await;
    let report = AnyStore::check(&database.url("postgres", "localhost", "")).await;
    let names = ["URL", "connection", "version", "tables", "rights", "durability"];
    assert_eq!(levels(&report), names.map(|name| (name, Level::Passed)));
    assert!(report.is_usable());
    let found: Vec<_> = report.points().iter().map(ToString::to_string).collect();
    let version = found.get(2).unwrap();
    assert!(version.starts_with("version: PostgreSQL 1"), "{version}");
    assert_eq!(found.get(3).unwrap(), "tables: topper_event and topper_store_version exist");
    assert_eq!(found.get(4).unwrap(), "rights: SELECT, INSERT, UPDATE and DELETE on topper_event");
    assert_eq!(found.last().unwrap(), "durability: synchronous_commit is on, fsync is on");
}

#[tokio::test(flavor = "multi_thread")]
async fn warns_of_a_server_that_forgets() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, mut admin) = secure.database().await;
    let set = format!("ALTER DATABASE {} SET synchronous_commit = off", database.name);
    execute(&mut admin, &set).await;
    let url = database.url("postgres", "localhost", "");
    let report = AnyStore::check(&url).await;
    assert!(report.is_usable());
    let point = remarkable(&report);
    assert_eq!((point.level, point.name), (Level::Warned, "durability"));
    assert_eq!(
        point.to_string(),
        "durability: synchronous_commit is off: if the server crashes it loses events, and they may be \
         processed twice; set synchronous_commit to on"
    );
    AnyStore::connect(&url).await.unwrap();
    // As its advice says.
    execute(&mut admin, &set.replace("off", "on")).await;
    let report = AnyStore::check(&url).await;
    assert!(report.points().iter().all(|point| point.level == Level::Passed), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn warns_of_a_server_that_never_waits_for_its_disk() {
    // So is the server of the tests.
    let Some(url) = crate::server::postgres::database().await else { return };
    let report = AnyStore::check(&url).await;
    assert!(report.is_usable());
    assert_eq!(
        remarkable(&report).to_string(),
        "durability: fsync is off: if the server crashes it loses events, and they may be processed twice; set fsync to on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn says_which_rights_are_missing_and_how_to_give_them() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, mut admin) = secure.database().await;
    AnyStore::connect(&database.url("postgres", "localhost", "")).await.unwrap();
    // A name that needs its quotes.
    let url = role(&database, &mut admin, "No Rights").await;
    for (given, found, advice) in [
        (
            "GRANT SELECT ON topper_store_version TO \"No Rights\"",
            "no SELECT, INSERT, UPDATE, DELETE on topper_event",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON topper_event TO \"No Rights\"",
        ),
        (
            "REVOKE UPDATE, DELETE ON topper_event FROM \"No Rights\"",
            "no UPDATE, DELETE on topper_event",
            "GRANT UPDATE, DELETE ON topper_event TO \"No Rights\"",
        ),
    ] {
        execute(&mut admin, given).await;
        let report = AnyStore::check(&url).await;
        assert!(!report.is_usable());
        let point = remarkable(&report);
        assert_eq!((point.level, point.name), (Level::Failed, "rights"));
        assert_eq!((point.found.as_str(), point.advice.as_deref()), (found, Some(advice)));
        assert_refused(&url, point).await;
        execute(&mut admin, advice).await;
        let report = AnyStore::check(&url).await;
        assert!(report.points().iter().all(|point| point.level == Level::Passed), "{report:?}");
        AnyStore::connect(&url).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn says_who_must_make_the_tables() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, mut admin) = secure.database().await;
    let url = role(&database, &mut admin, "no_tables").await;
    let report = AnyStore::check(&url).await;
    assert!(!report.is_usable());
    let point = remarkable(&report);
    assert_eq!((point.level, point.name), (Level::Failed, "tables"));
    assert_eq!(
        point.to_string(),
        "tables: permission denied for schema public; if the tables exist, grant no_tables USAGE on their \
         schema and SELECT on topper_store_version; otherwise run topper-store/migrations/postgres as a \
         user who may create tables; see docs/guide/stores.md"
    );
    assert_refused(&url, point).await;
}

#[tokio::test]
async fn passes_a_file_and_warns_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/topper.db", folder.path().display());
    for _ in 0..2 {
        let report = AnyStore::check(&url).await;
        assert_eq!(levels(&report), ["URL", "file"].map(|name| (name, Level::Passed)));
    }
    let report = AnyStore::check("memory:").await;
    assert!(report.is_usable());
    assert_eq!(
        remarkable(&report).to_string(),
        "durability: in memory: all events are lost when the program ends; use it for tests only"
    );
    assert_eq!(remarkable(&report).level, Level::Warned);
}

#[tokio::test]
async fn fails_at_the_point_that_a_file_or_a_url_is_wrong_at() {
    for (url, names) in [
        ("", &["URL"][..]),
        ("mysql://host/db", &["URL"]),
        ("sqlite://", &["URL"]),
        ("sqlite:///no-such-folder/topper.db", &["URL", "file"]),
        ("postgres://host/db?a=b", &["URL"]),
    ] {
        let report = AnyStore::check(url).await;
        assert!(!report.is_usable());
        let (last, others) = names.split_last().unwrap();
        let others = others.iter().map(|name| (*name, Level::Passed));
        let expected: Vec<_> = others.chain([(*last, Level::Failed)]).collect();
        assert_eq!(levels(&report), expected, "{url}");
    }
}
