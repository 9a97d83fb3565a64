//! The tables, and what a server and a user must be able to do.

use sqlx::{AssertSqlSafe, Connection as _, Row as _, postgres::PgConnection, raw_sql};

use crate::Report;

/// Each migration is applied once, in order; the number of the last is in `topper_store_version`.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../migrations/postgres/1.sql"),
    include_str!("../../migrations/postgres/2.sql"),
];
/// `topper` in ASCII: receivers that start at once migrate one after the other.
const MIGRATION_LOCK: i64 = 0x746f_7070_6572;
/// `ON CONFLICT` and all else that the statements need is older.
const LEAST_VERSION: i32 = 120_000;

/// Makes the tables where they are missing, and reports what was found.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let settings = raw_sql(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'), \
         current_setting('synchronous_commit'), current_setting('fsync'), current_user::text",
    )
    .fetch_one(&mut *connection)
    .await?;
    let version: String = settings.try_get(1)?;
    if settings.try_get::<i32, _>(0)? < LEAST_VERSION {
        let advice = "PostgreSQL 12 or later is needed".to_owned();
        report.failed("version", format!("PostgreSQL {version}"), advice);
        return Ok(());
    }
    report.passed("version", format!("PostgreSQL {version}"));
    if let Err(error) = migrate(connection).await {
        let Some(database) = error.as_database_error() else { return Err(error) };
        let advice = "run topper-store/migrations/postgres as a user who may make tables; \
                      see docs/guide/stores.md";
        report.failed("tables", database.message(), advice.to_owned());
        return Ok(());
    }
    report.passed("tables", "topper_event and topper_store_version are there");
    let user: String = settings.try_get(4)?;
    check_rights(connection, &user, report).await?;
    check_durability(
        &settings.try_get::<String, _>(2)?,
        &settings.try_get::<String, _>(3)?,
        report,
    );
    Ok(())
}

async fn check_rights(
    connection: &mut PgConnection,
    user: &str,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    const RIGHTS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];
    let row = raw_sql(
        "SELECT has_table_privilege('topper_event', 'SELECT'), \
         has_table_privilege('topper_event', 'INSERT'), \
         has_table_privilege('topper_event', 'UPDATE'), \
         has_table_privilege('topper_event', 'DELETE')",
    )
    .fetch_one(connection)
    .await?;
    let mut missing = Vec::new();
    for (index, right) in RIGHTS.into_iter().enumerate() {
        if !row.try_get::<bool, _>(index)? {
            missing.push(right);
        }
    }
    if missing.is_empty() {
        report.passed("rights", "SELECT, INSERT, UPDATE and DELETE on topper_event");
    } else {
        let missing = missing.join(", ");
        let advice = format!("GRANT {missing} ON topper_event TO \"{user}\"");
        report.failed("rights", format!("no {missing} on topper_event"), advice);
    }
    Ok(())
}

fn check_durability(synchronous_commit: &str, fsync: &str, report: &mut Report) {
    let setting = match (synchronous_commit, fsync) {
        (_, "off") => "fsync",
        ("off", _) => "synchronous_commit",
        _ => {
            let found = format!("synchronous_commit is {synchronous_commit}, fsync is on");
            return report.passed("durability", found);
        }
    };
    report.warned(
        "durability",
        format!(
            "{setting} is off: when the server crashes it forgets events, and they may run twice"
        ),
        format!("set {setting} to on"),
    );
}

async fn migrate(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Without a right to make tables a receiver can start, once they are there.
    if version(connection).await? >= MIGRATIONS.len() {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
    raw_sql(AssertSqlSafe(lock)).execute(&mut *transaction).await?;
    raw_sql("CREATE TABLE IF NOT EXISTS topper_store_version (version bigint NOT NULL)")
        .execute(&mut *transaction)
        .await?;
    let version = version(&mut transaction).await?;
    for (number, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > version) {
        raw_sql(migration).execute(&mut *transaction).await?;
        let insert = format!("INSERT INTO topper_store_version VALUES ({number})");
        raw_sql(AssertSqlSafe(insert)).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// How many migrations were applied.
async fn version(connection: &mut PgConnection) -> Result<usize, sqlx::Error> {
    let is_there = raw_sql("SELECT to_regclass('topper_store_version') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !is_there.try_get::<bool, _>(0)? {
        return Ok(0);
    }
    let row = raw_sql("SELECT coalesce(max(version), 0) FROM topper_store_version")
        .fetch_one(connection)
        .await?;
    Ok(usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or(usize::MAX))
}
