//! Statements that are sent together, by the simple query protocol, and so are one transaction.

use std::time::{Duration, SystemTime};

use futures_util::{StreamExt as _, pin_mut};
use sqlx::{
    AssertSqlSafe, Either, Row as _,
    postgres::{PgConnection, PgRow},
};

use crate::postgres::literal;

/// For this transaction: each statement sees what was committed before it, no lock is waited for
/// longer than 0.25 s, and no table is read as a whole while there is an index, whatever the server knows
/// of the table. What does the work is too short to be compiled first.
const SETTINGS: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;\
    SELECT set_config('lock_timeout', '250', true), set_config('bytea_output', 'hex', true), \
    set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";
/// How many results the settings have.
const SETTINGS_RESULTS: usize = 2;

pub(super) struct Message {
    text: String,
    statements: usize,
    begins: bool,
}

impl Message {
    pub(super) fn new() -> Self {
        Self { text: SETTINGS.to_owned(), statements: 0, begins: false }
    }

    /// One that begins a transaction, to commit it with a statement of its own.
    pub(super) fn begin() -> Self {
        Self { text: format!("BEGIN;{SETTINGS}"), statements: 0, begins: true }
    }

    pub(super) fn of(statement: &str) -> Self {
        let mut message = Self::new();
        message.add(statement);
        message
    }

    pub(super) fn add(&mut self, statement: &str) {
        self.text.push(';');
        self.text.push_str(statement);
        self.statements += 1;
    }

    /// The rows of each statement.
    pub(super) async fn run(
        self,
        connection: &mut PgConnection,
    ) -> Result<Vec<Vec<PgRow>>, sqlx::Error> {
        let begins = self.begins;
        let result = self.send(connection).await;
        if begins && matches!(result, Err(sqlx::Error::Database(_))) {
            sqlx::raw_sql("ROLLBACK").execute(connection).await?;
        }
        result
    }

    async fn send(self, connection: &mut PgConnection) -> Result<Vec<Vec<PgRow>>, sqlx::Error> {
        let settings = SETTINGS_RESULTS + usize::from(self.begins);
        let mut rows: Vec<Vec<PgRow>> = Vec::new();
        rows.resize_with(settings + self.statements, Vec::new);
        let mut number = 0;
        let results = sqlx::raw_sql(AssertSqlSafe(self.text)).fetch_many(connection);
        pin_mut!(results);
        // To the end, or the connection is left in the midst of it.
        while let Some(result) = results.next().await {
            match result? {
                Either::Right(row) => {
                    if let Some(rows) = rows.get_mut(number) {
                        rows.push(row);
                    }
                }
                // The end of a statement.
                Either::Left(_) => number += 1,
            }
        }
        drop(rows.drain(..settings));
        Ok(rows)
    }
}

/// A time in SQL as a number, to read it by [`time`].
pub(super) fn microseconds(time: &str) -> String {
    format!("(extract(epoch FROM {time}) * 1000000)::bigint")
}

pub(super) fn time(microseconds: i64) -> SystemTime {
    let distance = Duration::from_micros(microseconds.unsigned_abs());
    let time = if microseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// A time as a literal. No event is from before the year 1 or after 9999.
pub(super) fn literal_of(time: SystemTime) -> String {
    const FIRST: i64 = -62_135_596_800_000_000;
    const LAST: i64 = 253_402_300_799_000_000;
    let signed = |distance: Duration| i64::try_from(distance.as_micros()).unwrap_or(i64::MAX);
    let microseconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    };
    literal::time(microseconds.clamp(FIRST, LAST))
}

/// Bytes that are text.
pub(in crate::postgres) fn text(row: &PgRow, column: usize) -> Result<String, sqlx::Error> {
    Ok(lossy(row.try_get(column)?))
}

pub(super) fn some_text(row: &PgRow, column: usize) -> Result<Option<String>, sqlx::Error> {
    Ok(row.try_get::<Option<Vec<u8>>, _>(column)?.map(lossy))
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A count, which is never negative.
pub(super) fn count(row: &PgRow, column: usize) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_can_be_before_1970() {
        let distance = Duration::from_micros(1_500_000);
        for (microseconds, expected) in [
            (1_500_000, SystemTime::UNIX_EPOCH + distance),
            (0, SystemTime::UNIX_EPOCH),
            (-1_500_000, SystemTime::UNIX_EPOCH - distance),
        ] {
            assert_eq!(time(microseconds), expected);
            assert_eq!(literal_of(expected), literal::time(microseconds));
        }
    }

    #[test]
    fn a_literal_is_from_the_year_1_to_9999() {
        let years = |count: u64| Duration::from_secs(count * 366 * 24 * 3600);
        let first = literal_of(SystemTime::UNIX_EPOCH - years(1980));
        assert_eq!(first, literal::time(-62_135_596_800_000_000));
        let last = literal_of(SystemTime::UNIX_EPOCH + years(9000));
        assert_eq!(last, literal::time(253_402_300_799_000_000));
    }
}
