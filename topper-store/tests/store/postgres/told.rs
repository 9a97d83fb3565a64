//! What an error at run time, and a connection that is missing, look like to an operator.

use std::{
    error::Error as _,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, postgres::PgConnection};
use tokio::time::sleep;
use topper_store::{
    EventKey, Lease, PostgresInbox, PostgresStore, Store as _, inbox::InboxStore as _,
};

use crate::{
    log::{Lines, run},
    server::postgres::database,
};

const TERM: Duration = Duration::from_secs(60);

fn lease(id: &str) -> Lease {
    Lease::new(EventKey::new("default", id)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_server_has_no_line_number_of_its_source() {
    let Some(url) = database().await else { return };
    let (store, inbox) =
        (PostgresStore::connect(&url).await.unwrap(), PostgresInbox::connect(&url).await.unwrap());
    let mut admin = PgConnection::connect(&url).await.unwrap();
    admin.execute("DROP TABLE topper_event, topper_inbox").await.unwrap();
    for (error, table) in [
        (store.claim(&lease("id"), TERM).await.unwrap_err(), "topper_event"),
        (store.retrying(1).await.unwrap_err(), "topper_event"),
        (inbox.stats().await.unwrap_err(), "topper_inbox"),
        (inbox.is_due().await.unwrap_err(), "topper_inbox"),
    ] {
        assert_eq!(
            error.source().unwrap().to_string(),
            format!("PostgreSQL answered: relation \"{table}\" does not exist (SQLSTATE 42P01)")
        );
    }
}

#[test]
fn missing_connections_are_logged_once_until_all_are_there_again() {
    run(async |lines: Lines| {
        let Some(url) = database().await else { return };
        let (server, name) = url.rsplit_once('/').unwrap();
        let (_, host) = server.rsplit_once('@').unwrap();
        let mut admin = PgConnection::connect(&url).await.unwrap();
        for statement in [
            format!("CREATE ROLE short_{name} LOGIN"),
            format!("GRANT CREATE ON SCHEMA public TO short_{name}"),
        ] {
            admin.execute(AssertSqlSafe(statement)).await.unwrap();
        }
        let role = format!("postgres://short_{name}@{host}/{name}");
        let store = PostgresStore::connect(&role).await.unwrap();
        let logged = || {
            let short = lines.with("some connections to PostgreSQL are missing").len();
            (short, lines.with("all connections to PostgreSQL are there again").len())
        };
        let count =
            format!("SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'short_{name}'");
        let steps =
            [(-1, 4, (0, 0)), (2, 2, (1, 0)), (3, 3, (1, 0)), (-1, 4, (1, 1)), (2, 2, (2, 1))];
        for (limit, connections, expected) in steps {
            let set = format!("ALTER ROLE short_{name} CONNECTION LIMIT {limit}");
            admin.execute(AssertSqlSafe(set)).await.unwrap();
            if limit == 2 {
                let end = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE usename = 'short_{name}'"
                );
                admin.execute(AssertSqlSafe(end)).await.unwrap();
            }
            let started = Instant::now();
            loop {
                // A connection that has ended is noticed when it is used.
                drop(store.claim(&lease("id"), TERM).await);
                let count = AssertSqlSafe(count.clone());
                let open: i32 = sqlx::query_scalar(count).fetch_one(&mut admin).await.unwrap();
                if open == connections && logged() == expected {
                    break;
                }
                let elapsed = started.elapsed();
                assert!(elapsed < Duration::from_secs(20), "{open}, {:?}", lines.all());
                sleep(Duration::from_millis(50)).await;
            }
            sleep(Duration::from_millis(100)).await;
            assert_eq!(logged(), expected, "{:?}", lines.all());
        }
        // Attempts go on, each second; they are not logged again.
        sleep(Duration::from_millis(1500)).await;
        assert_eq!(logged(), (2, 1), "{:?}", lines.all());
    });
}
