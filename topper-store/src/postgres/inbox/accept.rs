//! Storing events, each unless it is known.

use sqlx::{Row as _, postgres::PgRow};

use crate::{
    StoreError,
    inbox::{Acceptance, NewEvent},
    postgres::literal,
    random,
};

/// An event to store.
pub(super) struct New {
    pub(super) event: NewEvent,
    /// Of its mark: 16 random bytes.
    owner: [u8; 16],
    /// Whether other programs are to be told in the same transaction.
    pub(super) notifies: bool,
}

impl New {
    pub(super) fn of(event: &NewEvent, notifies: bool) -> Result<Self, StoreError> {
        Ok(Self { event: event.clone(), owner: random::bytes()?, notifies })
    }
}

/// Most events are new. The answer has the numbers of those that were; the others are asked by [`ACCEPT`].
const INSERT: (&str, &str) = (
    "WITH asked (n, label, id, owner, name, order_id, updated_at, rank, body, signature, public_key) \
     AS (VALUES ",
    "), marked AS ( \
        INSERT INTO topper_event (label, id, owner, done_at, inbox) \
        SELECT label, id, owner, statement_timestamp(), nextval('topper_inbox_row_seq') \
        FROM asked ORDER BY label, id \
        ON CONFLICT DO NOTHING RETURNING owner, inbox AS row \
     ), kept AS ( \
        INSERT INTO topper_inbox (row, label, id, name, order_id, updated_at, rank, \
            received_at, state, due_at, tried_since) \
        SELECT row, label, id, name, order_id, updated_at, rank, \
            statement_timestamp(), 0, statement_timestamp(), statement_timestamp() \
        FROM marked JOIN asked USING (owner) \
     ), filled AS ( \
        INSERT INTO topper_body (row, body, signature, public_key) \
        SELECT row, body, signature, public_key FROM marked JOIN asked USING (owner) \
     ) \
     SELECT n, 0",
);

/// What is marked or leased is only read. An event of a lease that has expired is taken over.
///
/// The answer has a number for each: 0 it is stored, 1 it is leased, 2 it was known, 3 it was stored when
/// this was asked before, 4 it was marked or leased meanwhile.
const ACCEPT: (&str, &str) = (
    "WITH asked (n, label, id, owner, name, order_id, updated_at, rank, body, signature, public_key) \
     AS (VALUES ",
    "), seen AS MATERIALIZED ( \
        SELECT a.*, nextval('topper_inbox_row_seq') AS row, \
            (SELECT CASE WHEN e.owner = a.owner THEN 3 \
                         WHEN e.done_at IS NOT NULL THEN 2 \
                         WHEN e.expires_at > clock_timestamp() THEN 1 ELSE 0 END \
             FROM topper_event e WHERE e.label = a.label AND e.id = a.id) AS found \
        FROM asked a \
     ), marked AS ( \
        INSERT INTO topper_event AS event (label, id, owner, done_at, inbox) \
        SELECT label, id, owner, statement_timestamp(), row FROM seen \
        WHERE coalesce(found, 0) = 0 ORDER BY label, id \
        ON CONFLICT (label, id) DO UPDATE SET owner = excluded.owner, done_at = excluded.done_at, \
            expires_at = NULL, inbox = excluded.inbox, failed_at = NULL, last_error = NULL \
        WHERE event.done_at IS NULL AND event.expires_at <= clock_timestamp() \
        RETURNING inbox \
     ), kept AS ( \
        INSERT INTO topper_inbox (row, label, id, name, order_id, updated_at, rank, \
            received_at, state, due_at, tried_since) \
        SELECT row, label, id, name, order_id, updated_at, rank, \
            statement_timestamp(), 0, statement_timestamp(), statement_timestamp() \
        FROM seen WHERE row IN (SELECT inbox FROM marked) \
     ), filled AS ( \
        INSERT INTO topper_body (row, body, signature, public_key) \
        SELECT row, body, signature, public_key FROM seen WHERE row IN (SELECT inbox FROM marked) \
     ) \
     SELECT n, CASE WHEN row IN (SELECT inbox FROM marked) THEN 0 \
                    WHEN found > 0 THEN found ELSE 4 END",
);
const NOTIFY_TOO: &str = ", (SELECT pg_notify('topper_inbox', '') FROM marked LIMIT 1)";

/// Tells the workers of other programs to look.
pub(super) const NOTIFY: &str = "SELECT pg_notify('topper_inbox', '')";

/// Over events of different keys, each with a number that the answer has if the event was new.
pub(super) fn insert<'a>(events: impl Iterator<Item = (usize, &'a New)>) -> String {
    over(INSERT, "marked JOIN asked USING (owner)", events)
}

/// Over events of different keys, each with a number that its answer has.
pub(super) fn statement<'a>(events: impl Iterator<Item = (usize, &'a New)>) -> String {
    over(ACCEPT, "seen", events)
}

fn over<'a>(
    (before, after): (&str, &str),
    answers: &str,
    events: impl Iterator<Item = (usize, &'a New)>,
) -> String {
    let mut text = before.to_owned();
    let mut notifies = false;
    for (place, (number, new)) in events.enumerate() {
        if place > 0 {
            text.push(',');
        }
        row(&mut text, number, new);
        notifies |= new.notifies;
    }
    text.push_str(after);
    if notifies {
        text.push_str(NOTIFY_TOO);
    }
    text.push_str(" FROM ");
    text.push_str(answers);
    text
}

fn row(text: &mut String, number: usize, New { event, owner, .. }: &New) {
    let order = event.order();
    text.push_str(&format!("({number},"));
    let (label, id, name) = (event.key().label(), event.key().id(), event.name());
    for bytes in [label.as_bytes(), id.as_bytes(), owner, name.as_bytes()] {
        literal::push_bytes(text, bytes);
        text.push(',');
    }
    literal::push_some_bytes(text, order.map(|place| place.order_id.as_bytes()));
    text.push(',');
    literal::push_number(text, order.and_then(|place| place.updated_at));
    text.push_str(&format!(",{}::smallint", order.map_or(0, |place| place.rank)));
    for bytes in [event.body(), event.signature().as_bytes(), event.public_key().as_bytes()] {
        text.push(',');
        literal::push_bytes(text, bytes);
    }
    text.push(')');
}

/// Of one event: its number, and what became of it; `None` when it is to be asked once more.
pub(super) fn read(row: &PgRow) -> Result<(usize, Option<Acceptance>), sqlx::Error> {
    let number = usize::try_from(row.try_get::<i32, _>(0)?).unwrap_or(usize::MAX);
    let acceptance = match row.try_get::<i32, _>(1)? {
        0 | 3 => Some(Acceptance::Accepted),
        1 => Some(Acceptance::InProgress),
        2 => Some(Acceptance::Duplicate),
        _ => None,
    };
    Ok((number, acceptance))
}
