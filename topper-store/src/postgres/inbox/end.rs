//! Ending attempts, and renewing their leases.

use sqlx::{Row as _, postgres::PgRow};

use crate::{
    inbox::{AttemptEnd, InboxLease},
    postgres::literal,
    term::milliseconds,
};

/// A row that is locked is being changed by the transaction of its own handler, or by an operator; it is
/// passed over. The answer has the number of each that held its lease.
///
/// Rows are found by their number. With `state = 0` the planner would also read the whole index of what
/// is due, to combine the two; `state + 0` is in no index. So it is in all statements below.
const END: (&str, &str) = (
    "UPDATE topper_inbox e SET \
        state = CASE a.kind WHEN 'done' THEN 3 WHEN 'parked' THEN 1 WHEN 'dead' THEN 2 ELSE 0 END, \
        owner = CASE WHEN a.kind IN ('done', 'renewed') THEN e.owner END, \
        due_at = CASE WHEN a.later IS NULL THEN e.due_at \
                      ELSE clock_timestamp() + a.later * interval '1 millisecond' END, \
        attempts = e.attempts - CASE WHEN a.kind = 'given back' THEN 1 ELSE 0 END, \
        tries = greatest(e.tries - CASE WHEN a.kind = 'given back' THEN 1 ELSE 0 END, 0), \
        last_error = coalesce(a.error, e.last_error), \
        failed_at = CASE WHEN a.error IS NULL THEN e.failed_at ELSE clock_timestamp() END, \
        reader = CASE WHEN a.kind = 'parked' THEN a.reader ELSE e.reader END, \
        done_at = CASE WHEN a.kind = 'done' THEN clock_timestamp() ELSE e.done_at END \
     FROM (SELECT a.* FROM (VALUES ",
    ") a (n, row, owner, kind, later, error, reader) \
        JOIN topper_inbox e ON e.row = a.row AND e.owner = a.owner WHERE e.state + 0 = 0 \
        FOR NO KEY UPDATE OF e SKIP LOCKED) a \
     WHERE e.row = a.row RETURNING a.n",
);

/// Of what was passed over: 0 the lease holds all the same, 3 it is lost, 4 the row is locked. What was
/// done before, by a call whose answer got lost, is done; what is being ended is not to be renewed.
const WHY: (&str, &str) = (
    "SELECT a.n, coalesce((SELECT CASE \
        WHEN e.state = 3 AND a.kind = 'done' THEN 0 \
        WHEN e.state <> 0 THEN 3 \
        WHEN a.kind = 'renewed' THEN 0 \
        ELSE 4 END \
        FROM topper_inbox e WHERE e.row = a.row AND e.owner = a.owner), 3) \
     FROM (VALUES ",
    ") a (n, row, owner, kind)",
);

/// Events have failed: no event of their orders that waits is due before one that goes first. Rows that
/// someone else is changing are left as they are.
///
/// They are two statements, so that the second sees what the first did.
pub(super) fn keep_in_order<'a>(
    endings: impl Iterator<Item = (usize, &'a InboxLease, &'a Ending)>,
) -> Option<[String; 2]> {
    let failed: Vec<String> = endings
        .filter(|(.., ending)| matches!(ending, Ending::Ended(AttemptEnd::Failed { .. })))
        .map(|(_, lease, _)| format!("'{}'::bigint", lease.row()))
        .collect();
    if failed.is_empty() {
        return None;
    }
    let has_failed =
        format!("e.row IN ({}) AND e.state + 0 = 0 AND e.owner IS NULL", failed.join(","));
    let waits = "substr(o.order_id, 1, 255) = substr(e.order_id, 1, 255) AND o.state = 0 \
        AND o.order_id = e.order_id AND o.label = e.label AND o.owner IS NULL \
        AND o.due_at > clock_timestamp()";
    let place = |of: &str| {
        format!("(coalesce({of}.updated_at, '{}'::bigint), {of}.rank, {of}.row)", i64::MIN)
    };
    let (own, other) = (place("e"), place("o"));
    let with_the_next = format!(
        "UPDATE topper_inbox e SET due_at = least(due_at, \
            (SELECT min(o.due_at) FROM topper_inbox o WHERE {waits} AND {other} > {own})) \
         WHERE {has_failed} AND e.order_id IS NOT NULL"
    );
    let those_before = format!(
        "WITH before AS MATERIALIZED ( \
            SELECT o.row, e.due_at FROM topper_inbox e JOIN topper_inbox o \
                ON {waits} AND {other} < {own} \
            WHERE {has_failed} AND o.due_at > e.due_at FOR NO KEY UPDATE OF o SKIP LOCKED \
         ) \
         UPDATE topper_inbox w SET due_at = b.due_at FROM \
            (SELECT row, min(due_at) AS due_at FROM before GROUP BY row) b WHERE w.row = b.row"
    );
    Some([with_the_next, those_before])
}

/// What is asked of one lease.
pub(super) enum Ending {
    Renewed(i64),
    Ended(AttemptEnd),
}

/// Over different leases, each with a number that its answer has.
pub(super) fn statement<'a>(
    endings: impl Iterator<Item = (usize, &'a InboxLease, &'a Ending)>,
) -> String {
    over(END, endings, row)
}

/// The number of a lease that held.
pub(super) fn read(row: &PgRow) -> Result<usize, sqlx::Error> {
    Ok(usize::try_from(row.try_get::<i32, _>(0)?).unwrap_or(usize::MAX))
}

/// Over the leases that [`statement`] has passed over.
pub(super) fn why<'a>(
    endings: impl Iterator<Item = (usize, &'a InboxLease, &'a Ending)>,
) -> String {
    over(WHY, endings, |text, number, lease, ending| {
        begin_row(text, number, lease, kind(ending));
        text.push(')');
    })
}

/// Of one lease: its number, and whether it held; `None` when the row is locked, which will pass.
pub(super) fn read_why(row: &PgRow) -> Result<(usize, Option<bool>), sqlx::Error> {
    let is_held = match row.try_get::<i32, _>(1)? {
        0 => Some(true),
        4 => None,
        _ => Some(false),
    };
    Ok((read(row)?, is_held))
}

fn over<'a>(
    (before, after): (&str, &str),
    endings: impl Iterator<Item = (usize, &'a InboxLease, &'a Ending)>,
    push: impl Fn(&mut String, usize, &'a InboxLease, &'a Ending),
) -> String {
    let mut text = before.to_owned();
    for (place, (number, lease, ending)) in endings.enumerate() {
        if place > 0 {
            text.push(',');
        }
        push(&mut text, number, lease, ending);
    }
    text.push_str(after);
    text
}

fn kind(ending: &Ending) -> &'static str {
    match ending {
        Ending::Renewed(_) => "renewed",
        Ending::Ended(AttemptEnd::Done) => "done",
        Ending::Ended(AttemptEnd::Failed { .. }) => "failed",
        Ending::Ended(AttemptEnd::GivenBack { .. }) => "given back",
        Ending::Ended(AttemptEnd::Parked { .. }) => "parked",
        Ending::Ended(AttemptEnd::Dead { .. }) => "dead",
    }
}

fn begin_row(text: &mut String, number: usize, lease: &InboxLease, kind: &str) {
    text.push_str(&format!("({number},"));
    literal::push_number(text, Some(lease.row()));
    text.push(',');
    literal::push_bytes(text, lease.owner());
    text.push_str(&format!(",'{kind}'"));
}

fn row(text: &mut String, number: usize, lease: &InboxLease, ending: &Ending) {
    use AttemptEnd::{Dead, Done, Failed, GivenBack, Parked};
    let (later, error, reader) = match ending {
        Ending::Renewed(term) => (Some(*term), None, None),
        Ending::Ended(Done) => (None, None, None),
        Ending::Ended(Failed { error, retry_in }) => {
            (Some(milliseconds(*retry_in)), Some(error), None)
        }
        Ending::Ended(GivenBack { retry_in }) => (Some(milliseconds(*retry_in)), None, None),
        Ending::Ended(Parked { error, reader }) => (None, Some(error), *reader),
        Ending::Ended(Dead { error }) => (None, Some(error), None),
    };
    begin_row(text, number, lease, kind(ending));
    text.push(',');
    literal::push_number(text, later);
    text.push(',');
    literal::push_some_bytes(text, error.map(|error| error.as_bytes()));
    text.push(',');
    literal::push_some_bytes(text, reader.map(str::as_bytes));
    text.push(')');
}

/// Marks an event as done, within a transaction of its handler.
pub(super) fn complete_in(lease: &InboxLease) -> String {
    let owner = literal::bytes(lease.owner());
    format!(
        "UPDATE topper_inbox SET state = 3, done_at = clock_timestamp() \
         WHERE row = {} AND owner = {owner} AND state + 0 = 0",
        lease.row()
    )
}
