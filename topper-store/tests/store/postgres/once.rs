//! A statement that fails once, and why: whether it is tried again, and on which connection.

use std::{collections::BTreeSet, error::Error as _, time::Duration};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, postgres::PgConnection};
use tokio::time::sleep;
use topper_store::{Claim, EventKey, Lease, PostgresStore, Store as _};

use crate::server::postgres::database;

/// The processes of the server that the store's connections have.
async fn processes(admin: &mut PgConnection) -> BTreeSet<i32> {
    let processes = "SELECT pid FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query_scalar(processes).fetch_all(admin).await.unwrap().into_iter().collect()
}

/// Claims an event where the first insert of a row fails with this SQLSTATE: how many were tried, whether all
/// connections are the same after it, and the error.
async fn claim(code: &str) -> Option<(i64, bool, Option<String>)> {
    let url = database().await?;
    let store = PostgresStore::connect(&url).await.unwrap();
    let mut admin = PgConnection::connect(&url).await.unwrap();
    for statement in [
        "CREATE SEQUENCE tries".to_owned(),
        format!(
            "CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF nextval('tries') = 1 THEN RAISE EXCEPTION 'once' USING ERRCODE = '{code}'; END IF; \
             RETURN NEW; END $$"
        ),
        "CREATE TRIGGER fail_once BEFORE INSERT ON topper_event \
         FOR EACH ROW EXECUTE FUNCTION fail_once()"
            .to_owned(),
    ] {
        admin.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    // Some are made in the background.
    let mut before = BTreeSet::new();
    while before.len() < 4 {
        before = processes(&mut admin).await;
    }
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    let claimed = store.claim(&lease, Duration::from_secs(60)).await;
    let error = match claimed {
        Ok(claim) => {
            assert!(claim.is_new());
            None
        }
        Err(error) => Some(error.source().unwrap().to_string()),
    };
    let after = processes(&mut admin).await;
    let tries = sqlx::query_scalar("SELECT last_value FROM tries").fetch_one(&mut admin).await;
    Some((tries.unwrap(), before.is_subset(&after), error))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_tried_again_at_once_on_the_same_connection() {
    for code in ["40001", "40P01"] {
        let Some(claimed) = claim(code).await else { return };
        assert_eq!(claimed, (2, true, None), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_that_a_connection_is_of_no_use_is_tried_again_on_another() {
    for code in ["08006", "57P01", "25006"] {
        let Some(claimed) = claim(code).await else { return };
        assert_eq!(claimed, (2, false, None), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_answer_is_for_the_caller() {
    for code in ["P0001", "23514", "53100"] {
        let Some(claimed) = claim(code).await else { return };
        let error = format!("PostgreSQL answered: once (SQLSTATE {code})");
        assert_eq!(claimed, (1, true, Some(error)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_another_inserts_meanwhile_is_in_progress() {
    let Some(url) = database().await else { return };
    let store = PostgresStore::connect(&url).await.unwrap();
    let mut other = PgConnection::connect(&url).await.unwrap();
    for statement in [
        "BEGIN",
        "INSERT INTO topper_event (label, id, owner, expires_at) \
         VALUES ('default', 'id', 'other', now() + interval '1 minute')",
    ] {
        other.execute(statement).await.unwrap();
    }
    let claiming = tokio::spawn(async move {
        let lease = Lease::new(EventKey::new("default", "id")).unwrap();
        store.claim(&lease, Duration::from_secs(60)).await
    });
    // Longer than the cheap statement for one event waits, and shorter than the other.
    sleep(Duration::from_millis(120)).await;
    other.execute("COMMIT").await.unwrap();
    assert_eq!(claiming.await.unwrap().unwrap(), Claim::InProgress);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_of_a_row_that_stays_locked_says_so() {
    let Some(url) = database().await else { return };
    let store = PostgresStore::connect(&url).await.unwrap();
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    assert!(store.claim(&lease, Duration::from_secs(60)).await.unwrap().is_new());
    let mut other = PgConnection::connect(&url).await.unwrap();
    for statement in ["BEGIN", "SELECT FROM topper_event FOR UPDATE"] {
        other.execute(statement).await.unwrap();
    }
    let error = store.complete(&lease).await.unwrap_err();
    assert!(format!("{error:?}").contains("Locked"), "{error:?}");
    other.execute("COMMIT").await.unwrap();
    store.complete(&lease).await.unwrap();
    assert_eq!(store.claim(&lease, Duration::from_secs(60)).await.unwrap(), Claim::Done);
}
