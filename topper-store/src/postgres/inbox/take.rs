//! Taking what is due. One taker at a time, on whatever machine: so no two take events of one order.

use std::time::Duration;

use sqlx::{Row as _, postgres::PgRow};

use super::message::{self, Message, microseconds};
use crate::{
    EventKey,
    inbox::{InboxLease, Take, Taken},
    postgres::{
        batch::{Answers, Run, Session},
        error, literal,
    },
    queue::{Ask, Asked},
};

/// A look at what is due, from the front of the index on, or from a time on.
pub(super) enum Look {
    Take { owner: [u8; 16], most: usize, term: i64, from: Option<i64> },
    IsDue { from: Option<i64> },
}

/// What was seen.
pub(super) enum Seen {
    Take {
        take: Take,
        front: Front,
    },
    IsDue {
        is_due: bool,
        front: Front,
    },
    /// Another machine was taking all the time.
    Busy,
}

/// Where what is due begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Front {
    /// No event that was there was due before this; in microseconds since 1970.
    pub(super) first: i64,
    /// How long the server looked.
    pub(super) cost: Duration,
}

impl Ask for Look {
    type Answer = Seen;
}

impl Run for Look {
    /// Bodies take their time over a slow network. A worker waits for 5 s.
    const TIME: Duration = Duration::from_secs(4);
    /// What one has taken must not be lost because another's look fails.
    const MOST: usize = 1;

    async fn run(
        batch: &[Asked<Self>],
        session: &mut Session,
    ) -> Result<Answers<Self>, sqlx::Error> {
        let mut answers = Vec::with_capacity(batch.len());
        for asked in batch {
            let seen = match &asked.ask {
                Self::IsDue { from } => is_due(*from, session).await,
                Self::Take { owner, most, term, from } => {
                    take(owner, *most, *term, *from, session).await
                }
            };
            answers.push(match seen {
                Err(error) if error::is_locked(&error) => Some(Seen::Busy),
                seen => Some(seen?),
            });
        }
        Ok(answers)
    }
}

/// The index has the order that is wanted, so nothing need be sorted, nor the whole of it be read.
const IN_ORDER: &str = "SELECT set_config('enable_sort', 'off', true), \
    set_config('enable_bitmapscan', 'off', true)";
/// Waits for the lock in a statement of its own, so that the next sees what its holder before has taken.
const LOCK: &str = "SELECT pg_advisory_xact_lock(1953460336, 'topper_inbox'::regclass::oid::int)";

fn due_from(from: Option<i64>) -> String {
    let from = match from {
        Some(from) => literal::time(from),
        None => "'-infinity'".to_owned(),
    };
    format!("state = 0 AND due_at >= {from}")
}

/// A time of the server: the same for the whole message.
const NOW: &str = "statement_timestamp()";

fn statement(owner: &[u8; 16], most: usize, term: i64, from: Option<i64>) -> String {
    let (is_in_front, owner) = (due_from(from), literal::bytes(owner));
    let more = most.saturating_add(1);
    let clock = microseconds("clock_timestamp()");
    let first = microseconds("least(min(due_at), statement_timestamp())");
    format!(
        "WITH front AS MATERIALIZED ( \
            SELECT due_at FROM topper_inbox WHERE {is_in_front} ORDER BY due_at LIMIT {more} \
         ), due AS MATERIALIZED ( \
            SELECT row, due_at AS was_due_at, owner IS NOT NULL AS was_cut_off FROM topper_inbox e \
            WHERE {is_in_front} AND due_at <= {NOW} AND (order_id IS NULL OR NOT EXISTS ( \
                SELECT FROM topper_inbox o \
                WHERE substr(o.order_id, 1, 255) = substr(e.order_id, 1, 255) AND o.state = 0 \
                AND o.order_id = e.order_id AND o.label = e.label AND o.row <> e.row \
                AND (o.owner IS NOT NULL AND o.due_at > {NOW} OR o.due_at <= {NOW} \
                     AND (coalesce(o.updated_at, '{min}'::bigint), o.rank, o.row) \
                       < (coalesce(e.updated_at, '{min}'::bigint), e.rank, e.row)))) \
            ORDER BY due_at, row LIMIT {most} FOR NO KEY UPDATE SKIP LOCKED \
         ), taken AS ( \
            UPDATE topper_inbox SET owner = {owner}, \
                due_at = clock_timestamp() + '{term}'::bigint * interval '1 millisecond', \
                attempts = attempts + 1, tries = tries + 1 \
            WHERE row = ANY (ARRAY(SELECT row FROM due)) \
            RETURNING row, label, id, attempts, tries, tried_since \
         ) \
         SELECT due, first, {clock}, row, label, id, attempts, tries, \
            greatest({age}, 0), was_cut_off, \
            (SELECT set_config('topper.taken', coalesce(array_agg(row), '{{}}')::text, false) FROM due) \
         FROM (SELECT count(*) FILTER (WHERE due_at <= {NOW}) AS due, {first} AS first FROM front) f \
         LEFT JOIN (taken JOIN due USING (row)) ON true ORDER BY was_due_at, row",
        min = i64::MIN,
        age = microseconds("statement_timestamp() - tried_since"),
    )
}

async fn take(
    owner: &[u8; 16],
    most: usize,
    term: i64,
    from: Option<i64>,
    session: &mut Session,
) -> Result<Seen, sqlx::Error> {
    let mut message = Message::begin();
    message.add(IN_ORDER);
    message.add(&format!("{LOCK}, {}", microseconds("clock_timestamp()")));
    message.add(&statement(owner, most, term, from));
    message.add("COMMIT");
    message.add(AFTER_COMMIT);
    message.add(BODIES);
    let results = message.run(&mut session.connection).await?;
    let [_, locked, rows, _, _, bodies] = results.as_slice() else { return Ok(Seen::Busy) };
    let (Some(locked), Some(first)) = (locked.first(), rows.first()) else { return Ok(Seen::Busy) };
    let cost = first.try_get::<i64, _>(2)?.saturating_sub(locked.try_get(1)?);
    let front = Front { first: first.try_get(1)?, cost: duration(cost) };
    let mut take = Take::default();
    for row in rows {
        take.events.extend(taken(row, owner)?);
    }
    let due = usize::try_from(first.try_get::<i64, _>(0)?).unwrap_or(0);
    take.is_more = due > take.events.len();
    add_bodies(&mut take.events, bodies)?;
    Ok(Seen::Take { take, front })
}

/// The event of a row, without its body.
fn taken(row: &PgRow, owner: &[u8; 16]) -> Result<Option<Taken>, sqlx::Error> {
    let Some(number) = row.try_get::<Option<i64>, _>(3)? else { return Ok(None) };
    let key = EventKey::new(&message::text(row, 4)?, &message::text(row, 5)?);
    Ok(Some(Taken {
        lease: InboxLease::new(key, number, *owner),
        body: Vec::new(),
        signature: String::new(),
        public_key: String::new(),
        attempts: u32::try_from(row.try_get::<i32, _>(6)?).unwrap_or(0),
        tries: u32::try_from(row.try_get::<i32, _>(7)?).unwrap_or(0),
        age: duration(row.try_get(8)?),
        was_cut_off: row.try_get(9)?,
    }))
}

/// They are read after the transaction that holds the lock: a client that is slow to read them must not
/// keep the others waiting.
const AFTER_COMMIT: &str =
    "SELECT set_config('bytea_output', 'hex', true), set_config('enable_seqscan', 'off', true)";
const BODIES: &str = "SELECT row, body, signature, public_key FROM topper_body \
    WHERE row = ANY (current_setting('topper.taken')::bigint[])";

fn add_bodies(events: &mut [Taken], bodies: &[PgRow]) -> Result<(), sqlx::Error> {
    for row in bodies {
        let number: i64 = row.try_get(0)?;
        let Some(taken) = events.iter_mut().find(|taken| taken.lease.row() == number) else {
            continue;
        };
        taken.body = row.try_get(1)?;
        taken.signature = message::text(row, 2)?;
        taken.public_key = message::text(row, 3)?;
    }
    Ok(())
}

async fn is_due(from: Option<i64>, session: &mut Session) -> Result<Seen, sqlx::Error> {
    let is_in_front = due_from(from);
    let mut message = Message::of(IN_ORDER);
    message.add(&format!(
        "SELECT coalesce(due_at <= {NOW}, false), {first}, {cost} FROM (SELECT \
            (SELECT due_at FROM topper_inbox WHERE {is_in_front} ORDER BY due_at LIMIT 1) AS due_at) f",
        first = microseconds("least(due_at, statement_timestamp())"),
        cost = microseconds("clock_timestamp() - statement_timestamp()"),
    ));
    let results = message.run(&mut session.connection).await?;
    let Some(row) = results.get(1).and_then(|rows| rows.first()) else { return Ok(Seen::Busy) };
    let front = Front { first: row.try_get(1)?, cost: duration(row.try_get(2)?) };
    Ok(Seen::IsDue { is_due: row.try_get(0)?, front })
}

fn duration(microseconds: i64) -> Duration {
    Duration::from_micros(u64::try_from(microseconds).unwrap_or(0))
}
