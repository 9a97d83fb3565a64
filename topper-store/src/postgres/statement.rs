//! The statements, over all that is asked at the same time. Each tells time by the server's clock, and
//! waits for no lock longer than 0.25 s.
//!
//! All goes by the simple query protocol, which needs nothing of the connection before it: a pooler may
//! take another for each transaction. What is sent is hexadecimal, or a number.

use std::fmt::Write as _;

use sqlx::{Row as _, postgres::PgRow};

use super::literal;
use crate::{
    Lease, Seen,
    queue::{Asked, Step, Verdict},
    term::milliseconds,
};

/// A statement without its rows: what stands before them, and after.
#[derive(Clone, Copy)]
pub(super) struct Statement(&'static str, &'static str);

/// A statement on one event, prepared by SQL: it need not be parsed each time.
#[derive(Clone, Copy)]
pub(super) struct Prepared(&'static str);

const ASKED: &str = "WITH asked (label, id, owner, term) AS (VALUES ";

/// Claims what is new. Says nothing of what is there already.
pub(super) const INSERT: Statement = Statement(
    ASKED,
    ") INSERT INTO topper_event (label, id, owner, first_seen_at, expires_at) \
     SELECT label, id, owner, clock_timestamp(), \
            clock_timestamp() + term * interval '1 millisecond' FROM asked a \
     WHERE NOT EXISTS (SELECT FROM topper_event e WHERE e.label = a.label AND e.id = a.id) \
     AND (SELECT set_config('lock_timeout', '250', true)) <> '' \
     ORDER BY label, id \
     ON CONFLICT DO NOTHING RETURNING owner, 5, 1, 0::bigint",
);

/// [`INSERT`] for one event, as cheap as it can be: a row if it is new. Where a row is there it waits for
/// a transaction that marks it, but not for long.
pub(super) const INSERT_ONE: Prepared = Prepared(
    "INSERT INTO topper_event (label, id, owner, first_seen_at, expires_at) \
     SELECT $1, $2, $3, clock_timestamp(), clock_timestamp() + $4 * interval '1 millisecond' \
     WHERE set_config('lock_timeout', '20', true) <> '' \
     ON CONFLICT DO NOTHING",
);

/// Marks one event that this owner leases: a row if there is such a lease.
pub(super) const COMPLETE_ONE: Prepared = Prepared(
    "UPDATE topper_event SET done_at = clock_timestamp(), expires_at = NULL, failed_at = NULL, \
     last_error = NULL WHERE label = $1 AND id = $2 AND owner = $3 AND done_at IS NULL AND $4 = 0 \
     AND (SELECT set_config('lock_timeout', '250', true)) <> ''",
);

/// Claims whatever may be claimed, and says how all the others are.
///
/// What is done or leased is only read: that makes no dead row, and waits for no lock of a handler's
/// transaction. A row that is locked is being taken over, or marked.
pub(super) const CLAIM: Statement = Statement(
    ASKED,
    "), seen AS ( \
        SELECT a.owner AS asker, e.done_at IS NOT NULL AS is_done, \
               e.done_at IS NULL AND (e.owner = a.owner OR e.expires_at <= clock_timestamp()) AS is_free \
        FROM asked a JOIN topper_event e USING (label, id) \
     ), inserted AS ( \
        INSERT INTO topper_event (label, id, owner, first_seen_at, expires_at) \
        SELECT label, id, owner, clock_timestamp(), \
               clock_timestamp() + term * interval '1 millisecond' FROM asked a \
        WHERE NOT EXISTS (SELECT FROM seen WHERE asker = a.owner) \
        AND (SELECT set_config('lock_timeout', '250', true)) <> '' \
        ORDER BY label, id \
        ON CONFLICT DO NOTHING RETURNING owner \
     ), free AS ( \
        SELECT e.label, e.id FROM topper_event e WHERE (e.label, e.id) IN \
            (SELECT a.label, a.id FROM asked a JOIN seen ON asker = a.owner WHERE is_free) \
        FOR NO KEY UPDATE SKIP LOCKED \
     ), taken AS ( \
        UPDATE topper_event e SET owner = a.owner, \
            attempts = e.attempts + (e.owner <> a.owner)::int, \
            first_seen_at = coalesce(e.first_seen_at, clock_timestamp()), \
            expires_at = clock_timestamp() + a.term * interval '1 millisecond' \
        FROM asked a JOIN free USING (label, id) \
        WHERE e.label = a.label AND e.id = a.id AND e.done_at IS NULL \
        AND (e.owner = a.owner OR e.expires_at <= clock_timestamp()) \
        RETURNING e.owner AS taker, e.attempts, \
            (extract(epoch FROM clock_timestamp() - e.first_seen_at) * 1000)::bigint AS since \
     ) \
     SELECT a.owner, CASE \
        WHEN taker IS NOT NULL OR a.owner IN (SELECT owner FROM inserted) THEN 5 \
        WHEN is_done THEN 2 ELSE 1 END, coalesce(attempts, 1), coalesce(since, 0) \
     FROM asked a LEFT JOIN seen ON asker = a.owner LEFT JOIN taken ON taker = a.owner",
);

/// What a handler's transaction has locked is being marked, and no one can take over meanwhile.
pub(super) const RENEW: Statement = Statement(
    ASKED,
    "), held AS ( \
        SELECT label, id FROM topper_event \
        WHERE (label, id, owner) IN (SELECT label, id, owner FROM asked) AND done_at IS NULL \
        FOR NO KEY UPDATE SKIP LOCKED \
     ), renewed AS ( \
        UPDATE topper_event e SET expires_at = clock_timestamp() + a.term * interval '1 millisecond' \
        FROM asked a JOIN held USING (label, id) \
        WHERE e.label = a.label AND e.id = a.id AND e.owner = a.owner AND e.done_at IS NULL \
     ) \
     SELECT a.owner, CASE WHEN e.owner IS NULL THEN 3 ELSE 0 END \
     FROM asked a LEFT JOIN topper_event e \
     ON e.label = a.label AND e.id = a.id AND e.owner = a.owner AND e.done_at IS NULL",
);

/// Marks what this owner leases, or no one; what this owner has done before is done. After a failure
/// no one owns the row.
pub(super) const COMPLETE: Statement = Statement(
    ASKED,
    "), seen AS ( \
        SELECT a.owner AS asker, e.done_at IS NOT NULL AS is_done, \
               e.owner = a.owner OR e.owner = '' AND e.done_at IS NULL AS is_own \
        FROM asked a JOIN topper_event e USING (label, id) \
     ), held AS ( \
        SELECT e.label, e.id FROM topper_event e WHERE (e.label, e.id) IN \
            (SELECT a.label, a.id FROM asked a JOIN seen ON asker = a.owner WHERE is_own) \
        AND done_at IS NULL \
        FOR NO KEY UPDATE SKIP LOCKED \
     ), updated AS ( \
        UPDATE topper_event e SET owner = a.owner, done_at = clock_timestamp(), \
            expires_at = NULL, failed_at = NULL, last_error = NULL \
        FROM asked a JOIN held USING (label, id) \
        WHERE e.label = a.label AND e.id = a.id AND e.owner IN (a.owner, '') AND e.done_at IS NULL \
        RETURNING e.owner \
     ), inserted AS ( \
        INSERT INTO topper_event (label, id, owner, done_at) \
        SELECT label, id, owner, clock_timestamp() FROM asked a \
        WHERE NOT EXISTS (SELECT FROM seen WHERE asker = a.owner) \
        AND (SELECT set_config('lock_timeout', '250', true)) <> '' \
        ORDER BY label, id \
        ON CONFLICT DO NOTHING RETURNING owner \
     ) \
     SELECT a.owner, CASE \
        WHEN a.owner IN (SELECT owner FROM updated) OR a.owner IN (SELECT owner FROM inserted) \
             OR is_own AND is_done THEN 0 \
        WHEN coalesce(is_own, true) THEN 4 ELSE 3 END \
     FROM asked a LEFT JOIN seen ON asker = a.owner",
);

/// Sets events free. What is known of them stays, unless the handler did not run in the first attempt.
pub(super) const RELEASE: Statement = Statement(
    "WITH asked (label, id, owner, term, error) AS (VALUES ",
    "), deleted AS ( \
        DELETE FROM topper_event e USING asked a \
        WHERE e.label = a.label AND e.id = a.id AND e.owner = a.owner AND e.done_at IS NULL \
        AND a.error IS NULL AND e.attempts = 1 \
        AND (SELECT set_config('lock_timeout', '250', true)) <> '' \
        RETURNING a.owner \
     ), freed AS ( \
        UPDATE topper_event e SET owner = '', expires_at = '-infinity', \
            attempts = e.attempts - (a.error IS NULL)::int, \
            failed_at = CASE WHEN a.error IS NULL THEN e.failed_at ELSE clock_timestamp() END, \
            last_error = coalesce(a.error, e.last_error) \
        FROM asked a \
        WHERE e.label = a.label AND e.id = a.id AND e.owner = a.owner AND e.done_at IS NULL \
        AND (a.error IS NOT NULL OR e.attempts > 1) \
        AND (SELECT set_config('lock_timeout', '250', true)) <> '' \
        RETURNING a.owner \
     ) \
     SELECT owner, 0 FROM deleted UNION ALL SELECT owner, 0 FROM freed",
);

/// A row if it was not done. The owner of a lease stays, so that it can complete.
const CLAIM_IN: Statement = Statement(
    ASKED,
    ") INSERT INTO topper_event AS event (label, id, owner, first_seen_at, done_at) \
     SELECT label, id, owner, clock_timestamp(), clock_timestamp() FROM asked \
     ON CONFLICT (label, id) DO UPDATE SET done_at = excluded.done_at, expires_at = NULL, \
        attempts = event.attempts + (event.owner = '')::int, failed_at = NULL, last_error = NULL \
     WHERE event.done_at IS NULL RETURNING attempts, \
        coalesce((extract(epoch FROM done_at - first_seen_at) * 1000)::bigint, 0)",
);

pub(super) fn claim_in(lease: &Lease) -> String {
    let mut text = CLAIM_IN.0.to_owned();
    row(&mut text, lease, &Step::Complete);
    text.push_str(CLAIM_IN.1);
    text
}

/// What the second column of an answer says; of a claim there are two more. `None`: the row is locked,
/// which will pass.
pub(super) fn verdict(row: &PgRow) -> Result<Option<Verdict>, sqlx::Error> {
    Ok(match row.try_get(1)? {
        0_i32 => Some(Verdict::Held),
        1 => Some(Verdict::InProgress),
        2 => Some(Verdict::Done),
        3 => Some(Verdict::Lost),
        5 => Some(Verdict::New(seen(row, 2)?)),
        _ => None,
    })
}

/// In two columns.
pub(super) fn seen(row: &PgRow, from: usize) -> Result<Seen, sqlx::Error> {
    Ok(Seen::of(row.try_get::<i32, _>(from)?.into(), row.try_get(from + 1)?))
}

impl Statement {
    /// With a row for each of these.
    pub(super) fn over<'a>(self, asked: impl Iterator<Item = &'a Asked>) -> String {
        let mut text = self.0.to_owned();
        for (number, asked) in asked.enumerate() {
            if number > 0 {
                text.push(',');
            }
            row(&mut text, &asked.ask.lease, &asked.ask.step);
        }
        text.push_str(self.1);
        text
    }
}

impl Prepared {
    /// It is derived from the text, so that a statement of this name always does the same.
    fn name(self) -> String {
        // FNV-1a
        let hash = self.0.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("topper_{hash:016x}")
    }

    pub(super) fn prepare(self) -> String {
        format!("PREPARE {} (bytea, bytea, bytea, bigint) AS {}", self.name(), self.0)
    }

    pub(super) fn execute(self, asked: &Asked) -> String {
        let mut text = format!("EXECUTE {}", self.name());
        row(&mut text, &asked.ask.lease, &asked.ask.step);
        text
    }
}

fn row(text: &mut String, lease: &Lease, step: &Step) {
    text.push('(');
    for value in [lease.key().label().as_bytes(), lease.key().id().as_bytes(), lease.owner()] {
        literal::push_bytes(text, value);
        text.push(',');
    }
    let term = match step {
        Step::Claim(term) | Step::Renew(term) => milliseconds(*term),
        Step::Complete | Step::Release(_) => 0,
    };
    // Writing to a string does not fail.
    let _ = write!(text, "{term}::bigint");
    if let Step::Release(failure) = step {
        text.push(',');
        literal::push_some_bytes(text, failure.as_deref().map(str::as_bytes));
    }
    text.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_hash_of_its_statement() {
        // A published vector of FNV-1a.
        assert_eq!(Prepared("foobar").name(), "topper_85944171f73967e8");
        assert_ne!(INSERT_ONE.name(), COMPLETE_ONE.name());
    }
}
