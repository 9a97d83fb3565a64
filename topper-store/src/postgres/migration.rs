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
const VERSION_TABLE: &str = "topper_store_version";
/// `ON CONFLICT` and all else that the statements need is older.
const LEAST_VERSION: i32 = 120_000;

/// What a user must be able to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// With the marks.
    Store,
    /// With the marks, and with the tables of the inbox.
    Inbox,
}

impl Needs {
    /// Each of what may do what with it.
    fn rights(self) -> &'static [(&'static str, &'static [&'static str])] {
        const ALL: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE"];
        match self {
            Self::Store => &[(VERSION_TABLE, &["SELECT"]), ("topper_event", ALL)],
            Self::Inbox => &[
                (VERSION_TABLE, &["SELECT"]),
                ("topper_event", ALL),
                ("topper_inbox", ALL),
                ("topper_body", ALL),
                ("SEQUENCE topper_inbox_row_seq", &["USAGE"]),
            ],
        }
    }

    fn names(self) -> &'static str {
        match self {
            Self::Store => "topper_event",
            Self::Inbox => "topper_event, topper_inbox and topper_body",
        }
    }
}

/// Makes the tables where they are missing, and reports what was found.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    needs: Needs,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let settings = format!(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'), \
         current_setting('synchronous_commit'), current_setting('fsync'), quote_ident(current_user), {}",
        has(VERSION_TABLE, "SELECT"),
    );
    let settings = raw_sql(AssertSqlSafe(settings)).fetch_one(&mut *connection).await?;
    let version: String = settings.try_get(1)?;
    if settings.try_get::<i32, _>(0)? < LEAST_VERSION {
        let advice = "PostgreSQL 12 or later is needed".to_owned();
        report.failed("version", format!("PostgreSQL {version}"), advice);
        return Ok(());
    }
    report.passed("version", format!("PostgreSQL {version}"));
    // Quoted where its name needs that.
    let user: String = settings.try_get(4)?;
    // Which migrations were applied is unknown without a right to see it; that is named with the others.
    if settings.try_get::<Option<bool>, _>(5)? != Some(false) {
        if let Err(error) = migrate(connection).await {
            let Some(database) = error.as_database_error() else { return Err(error) };
            // Tables in a schema that the user may not use look like tables that do not exist.
            let advice = format!(
                "if the tables exist, grant {user} USAGE on their schema and \
                 SELECT on {VERSION_TABLE}; otherwise run topper-store/migrations/postgres as a \
                 user who may create tables; see docs/guide/stores.md"
            );
            report.failed("tables", database.message(), advice);
            return Ok(());
        }
        let names = needs.names();
        report.passed("tables", format!("{names} and {VERSION_TABLE} exist"));
    }
    check_rights(connection, needs, &user, report).await?;
    check_durability(
        &settings.try_get::<String, _>(2)?,
        &settings.try_get::<String, _>(3)?,
        report,
    );
    Ok(())
}

/// Whether the user has a right to a table or sequence, in SQL; NULL when there is none of that name.
fn has(name: &str, right: &str) -> String {
    let (kind, name) = match name.strip_prefix("SEQUENCE ") {
        Some(name) => ("sequence", name),
        None => ("table", name),
    };
    format!("has_{kind}_privilege(to_regclass('{name}'), '{right}')")
}

async fn check_rights(
    connection: &mut PgConnection,
    needs: Needs,
    user: &str,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let each = |(name, rights): &(&str, &[&str])| -> Vec<String> {
        rights.iter().map(|right| has(name, right)).collect()
    };
    let all: Vec<_> = needs.rights().iter().flat_map(each).collect();
    let query = AssertSqlSafe(format!("SELECT {}", all.join(", ")));
    let row = raw_sql(query).fetch_one(connection).await?;
    let (mut missing, mut grants) = (Vec::new(), Vec::new());
    let mut columns = 0..;
    for (name, rights) in needs.rights() {
        let mut lacking = Vec::new();
        for (right, column) in rights.iter().zip(&mut columns) {
            if row.try_get::<Option<bool>, _>(column)? == Some(false) {
                lacking.push(*right);
            }
        }
        if !lacking.is_empty() {
            let lacking = lacking.join(", ");
            let plain = name.trim_start_matches("SEQUENCE ");
            missing.push(format!("no {lacking} on {plain}"));
            grants.push(format!("GRANT {lacking} ON {name} TO {user}"));
        }
    }
    if missing.is_empty() {
        let names = needs.names();
        report.passed("rights", format!("SELECT, INSERT, UPDATE and DELETE on {names}"));
    } else {
        report.failed("rights", missing.join("; "), grants.join("; "));
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
            "{setting} is off: if the server crashes it loses events, and they may be processed twice"
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
