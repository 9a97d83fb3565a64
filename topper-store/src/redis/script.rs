//! What a server is asked, and what its answers mean.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::{Cmd, Value};

use crate::{
    EventKey, Lease, Seen,
    queue::{Step, Verdict},
    term::milliseconds,
};

/// `topper:`, the length of the label, the label, and the id: any bytes, without ambiguity.
pub(super) fn key(event: &EventKey) -> Vec<u8> {
    let (label, id) = (event.label(), event.id());
    let length = label.len().to_string();
    [b"topper:", length.as_bytes(), b":", label.as_bytes(), b":", id.as_bytes()].concat()
}

/// The key that tries are made on: no event has it, since no label is empty.
pub(super) fn probe(id: &str) -> EventKey {
    EventKey::new("", id)
}

/// The value of an event's key while it is leased. From the second attempt on the history follows: how
/// often it was claimed, and when it was first.
///
/// It is as short as can be: with `appendfsync always` a claim takes as long as the disk needs for it.
fn leased(lease: &Lease) -> Owned {
    owned(b'l', lease)
}

/// The value of an event's key once it is done.
fn done(lease: &Lease) -> Owned {
    owned(DONE, lease)
}

const DONE: u8 = b'd';

/// What the key is, and its owner.
type Owned = [u8; 1 + Lease::OWNER_BYTES];

fn owned(what: u8, lease: &Lease) -> Owned {
    let mut owned = [what; 1 + Lease::OWNER_BYTES];
    let [_, owner @ ..] = &mut owned;
    owner.copy_from_slice(lease.owner());
    owned
}

/// The history of an event whose first attempt this lease is, in milliseconds since 1970 by our own
/// clock. A server's clock would need one more right, and this decides nothing.
fn first(lease: &Lease) -> String {
    format!("1:{}", now().saturating_sub(milliseconds(lease.age())))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    milliseconds(since)
}

/// What was given back after a failure is remembered for so long: longer than Topper sends it again.
const FREE_TIME: Duration = Duration::from_secs(4 * 3600);

/// For a key that is there: it may be of the same lease, whose first answer got lost, have expired
/// since, or been given back. The answer is the value that the key has then.
const CLAIM: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    local history = '' \
    if value then \
        local attempts, since = string.match(value, '^f(%d+)(:%d+)$') \
        if attempts then history = string.format('%d', attempts + 1) .. since \
        elseif string.sub(value, 1, #ARGV[1]) == ARGV[1] then history = string.sub(value, #ARGV[1] + 1) \
        else return value end \
    end \
    redis.call('SET', KEYS[1], ARGV[1] .. history, 'PX', ARGV[3]) \
    return ARGV[1] .. history";

/// A lease that has expired is gone; as long as no one else has one, it is made again.
const RENEW: &str = "\
    local value = redis.call('GET', KEYS[1]) or ARGV[1] \
    if string.sub(value, 1, #ARGV[1]) ~= ARGV[1] then return 0 end \
    redis.call('SET', KEYS[1], value, 'PX', ARGV[3]) \
    return 1";

const COMPLETE: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    if value == ARGV[2] then return 1 end \
    if value and string.sub(value, 1, #ARGV[1]) ~= ARGV[1] and string.sub(value, 1, 1) ~= 'f' then \
        return 0 end \
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) \
    return 1";

/// After a failure.
const RELEASE: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    if not value or string.sub(value, 1, #ARGV[1]) ~= ARGV[1] then return 0 end \
    local history = string.sub(value, #ARGV[1] + 1) \
    if history == '' then history = ARGV[4] end \
    redis.call('SET', KEYS[1], 'f' .. history, 'PX', ARGV[3]) \
    return 1";

/// Without one the attempt does not count. The first attempt has no history.
const GIVE_BACK: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    if not value or string.sub(value, 1, #ARGV[1]) ~= ARGV[1] then return 0 end \
    local attempts, since = string.match(string.sub(value, #ARGV[1] + 1), '^(%d+)(:%d+)$') \
    if not attempts then return redis.call('DEL', KEYS[1]) end \
    redis.call('SET', KEYS[1], 'f' .. string.format('%d', attempts - 1) .. since, 'PX', ARGV[3]) \
    return 1";

/// The command of one step. What it completes is remembered for `retention`.
///
/// A claim is a plain `SET`: nearly all are of new events, and it costs the server half of a script.
pub(super) fn command(step: &Step, lease: &Lease, retention: Duration) -> Cmd {
    match step {
        Step::Claim(term) => {
            let (key, value) = (key(lease.key()), leased(lease));
            let mut command = Cmd::with_capacity(6, key.len() + value.len() + 32);
            command.arg("SET").arg(key).arg(value.as_slice());
            command.arg("NX").arg("PX").arg(milliseconds(*term));
            command
        }
        Step::Renew(term) => script(RENEW, lease, *term),
        Step::Complete => script(COMPLETE, lease, retention),
        Step::Release(Some(_)) => {
            let mut command = script(RELEASE, lease, FREE_TIME);
            command.arg(first(lease));
            command
        }
        Step::Release(None) => script(GIVE_BACK, lease, FREE_TIME),
    }
}

/// The command for a claim that found the key.
pub(super) fn claim_again(lease: &Lease, term: Duration) -> Cmd {
    script(CLAIM, lease, term)
}

fn script(script: &str, lease: &Lease, time: Duration) -> Cmd {
    let mut command = Cmd::with_capacity(8, script.len() + 256);
    command.arg("EVAL").arg(script).arg(1).arg(key(lease.key()));
    command.arg(leased(lease).as_slice()).arg(done(lease).as_slice());
    command.arg(milliseconds(time));
    command
}

/// What an answer says of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Verdict(Verdict),
    /// A claim found the key, so that this has to be looked at.
    Key(Duration),
    /// Not an answer to this step.
    Nonsense,
}

pub(super) fn found(step: &Step, answer: &Value) -> Found {
    Found::Verdict(match (step, answer) {
        (Step::Claim(_), Value::Okay) => Verdict::New(Seen::first()),
        (Step::Claim(term), Value::Nil) => return Found::Key(*term),
        (Step::Renew(_) | Step::Complete | Step::Release(_), Value::Int(1)) => Verdict::Held,
        (Step::Renew(_) | Step::Complete | Step::Release(_), Value::Int(0)) => Verdict::Lost,
        _ => return Found::Nonsense,
    })
}

/// What the answer to [`claim_again`] says.
pub(super) fn found_again(lease: &Lease, answer: &Value) -> Found {
    let Value::BulkString(value) = answer else { return Found::Nonsense };
    Found::Verdict(match value.strip_prefix(leased(lease).as_slice()) {
        Some(history) => Verdict::New(seen(history).unwrap_or(Seen::first())),
        None if value.first() == Some(&DONE) => Verdict::Done,
        None => Verdict::InProgress,
    })
}

fn seen(history: &[u8]) -> Option<Seen> {
    let (attempts, first) = std::str::from_utf8(history).ok()?.split_once(':')?;
    let since = now().saturating_sub(first.parse().ok()?);
    Some(Seen::of(attempts.parse().ok()?, since))
}
