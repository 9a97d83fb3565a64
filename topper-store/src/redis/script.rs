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
pub(super) fn command(step: Step, lease: &Lease, retention: Duration) -> Cmd {
    let script = |script: &str, time: Duration| {
        let mut command = Cmd::with_capacity(6, script.len() + 256);
        command.arg("EVAL").arg(script).arg(1).arg(key(lease.key()));
        command.arg(leased(lease)).arg(done(lease)).arg(milliseconds(time));
        command
    };
    match step {
        Step::Claim(term) => {
            let mut command = redis::cmd("SET");
            command.arg(key(lease.key())).arg(leased(lease));
            command.arg("NX").arg("GET").arg("PX").arg(milliseconds(term));
            command
        }
        Step::Renew(term) => script(RENEW, term),
        Step::Complete => script(COMPLETE, retention),
        Step::Release => script(RELEASE, Duration::ZERO),
    }
}

/// What an answer says of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Verdict(Verdict),
    /// A claim found its own lease, so that this has to be renewed: its first answer got lost.
    OwnLease(Duration),
    /// Not an answer to this step.
    Nonsense,
}

pub(super) fn found(step: Step, lease: &Lease, answer: &Value) -> Found {
    Found::Verdict(match (step, answer) {
        (Step::Claim(_), Value::Nil) => Verdict::Held,
        (Step::Claim(term), Value::BulkString(value)) => {
            if value.starts_with(DONE) {
                Verdict::Done
            } else if *value == leased(lease) {
                return Found::OwnLease(term);
            } else {
                Verdict::InProgress
            }
        }
        (Step::Renew(_) | Step::Complete | Step::Release, Value::Int(1)) => Verdict::Held,
        (Step::Renew(_) | Step::Complete | Step::Release, Value::Int(0)) => Verdict::Lost,
        _ => return Found::Nonsense,
    })
}
