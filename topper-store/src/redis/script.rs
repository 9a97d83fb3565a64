//! What a server is asked, and what its answers mean.

use std::time::Duration;

use redis::{Cmd, Value};

use crate::{
    EventKey, Lease,
    queue::{Step, Verdict},
    term::milliseconds,
};

/// `topper:`, the length of the label, the label, and the id: any bytes, without ambiguity.
pub(super) fn key(event: &EventKey) -> Vec<u8> {
    format!("topper:{}:{}:{}", event.label().len(), event.label(), event.id()).into_bytes()
}

/// The key that tries are made on: no event has it, since no label is empty.
pub(super) fn probe(id: &str) -> EventKey {
    EventKey::new("", id)
}

/// The value of an event's key while it is leased.
fn leased(lease: &Lease) -> Vec<u8> {
    [b"leased:".as_slice(), lease.owner()].concat()
}

/// The value of an event's key once it is done.
fn done(lease: &Lease) -> Vec<u8> {
    [DONE, lease.owner()].concat()
}

const DONE: &[u8] = b"done:";

/// For a key that is there: it may be of the same lease, whose first answer got lost, or have expired
/// since.
const CLAIM: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    if value and value ~= ARGV[1] then return value end \
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3]) \
    return false";

/// A lease that has expired is gone; as long as no one else has one, it is made again.
const RENEW: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    if value and value ~= ARGV[1] then return 0 end \
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3]) \
    return 1";

const COMPLETE: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    if value == ARGV[2] then return 1 end \
    if value and value ~= ARGV[1] then return 0 end \
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) \
    return 1";

const RELEASE: &str = "\
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end \
    return redis.call('DEL', KEYS[1])";

/// The command of one step. What it completes is remembered for `retention`.
///
/// A claim is a plain `SET`: nearly all are of new events, and it costs the server half of a script.
pub(super) fn command(step: Step, lease: &Lease, retention: Duration) -> Cmd {
    match step {
        Step::Claim(term) => {
            let mut command = redis::cmd("SET");
            command.arg(key(lease.key())).arg(leased(lease));
            command.arg("NX").arg("PX").arg(milliseconds(term));
            command
        }
        Step::Renew(term) => script(RENEW, lease, term),
        Step::Complete => script(COMPLETE, lease, retention),
        Step::Release => script(RELEASE, lease, Duration::ZERO),
    }
}

/// The command for a claim that found the key.
pub(super) fn claim_again(lease: &Lease, term: Duration) -> Cmd {
    script(CLAIM, lease, term)
}

fn script(script: &str, lease: &Lease, time: Duration) -> Cmd {
    let mut command = Cmd::with_capacity(7, script.len() + 256);
    command.arg("EVAL").arg(script).arg(1).arg(key(lease.key()));
    command.arg(leased(lease)).arg(done(lease)).arg(milliseconds(time));
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

pub(super) fn found(step: Step, answer: &Value) -> Found {
    Found::Verdict(match (step, answer) {
        (Step::Claim(_), Value::Okay) => Verdict::Held,
        (Step::Claim(term), Value::Nil) => return Found::Key(term),
        (Step::Renew(_) | Step::Complete | Step::Release, Value::Int(1)) => Verdict::Held,
        (Step::Renew(_) | Step::Complete | Step::Release, Value::Int(0)) => Verdict::Lost,
        _ => return Found::Nonsense,
    })
}

/// What the answer to [`claim_again`] says.
pub(super) fn found_again(answer: &Value) -> Found {
    Found::Verdict(match answer {
        Value::Nil => Verdict::Held,
        Value::BulkString(value) if value.starts_with(DONE) => Verdict::Done,
        Value::BulkString(_) => Verdict::InProgress,
        _ => return Found::Nonsense,
    })
}
