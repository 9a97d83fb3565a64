//! What a user of the server may do, found out by trying it.

use std::time::Duration;

use redis::{Cmd, Value};

use super::{
    answer::Failure,
    cluster::slot,
    connection::Link,
    script::{self, Found},
};
use crate::{
    Lease, Seen, StoreError,
    cause::Cause,
    queue::{Step, Verdict},
};

/// How long what is left of a try that was cut off lasts.
const TERM: Duration = Duration::from_secs(10);

/// What must be granted to a user: all our keys, and the commands.
pub(super) const ACL: &str = "ACL SETUSER USER ~topper:* +set +get +del +eval +info";
/// What a cluster needs in addition.
const ACL_IN_CLUSTER: &str = " +cluster|slots +asking";
/// What a database other than 0 needs in addition.
const ACL_OF_DATABASE: &str = " +select";

/// The line of the ACL that suffices.
pub(super) fn acl(is_cluster: bool, database: u32) -> String {
    let cluster = if is_cluster { ACL_IN_CLUSTER } else { "" };
    let database = if database == 0 { "" } else { ACL_OF_DATABASE };
    format!("{ACL}{cluster}{database}")
}

pub(super) enum Lacking {
    /// Named for a person.
    Rights(Vec<String>),
    /// A step that did not do what it should.
    Step(&'static str, Cause),
    /// There are no random numbers.
    Random(StoreError),
}

/// Takes every step on a key that no event has and that `is_ours` takes, and leaves nothing behind.
pub(super) async fn check(link: &mut Link, is_ours: impl Fn(u16) -> bool) -> Result<(), Lacking> {
    let lease = lease(is_ours).map_err(Lacking::Random)?;
    let key = script::key(lease.key());
    let mut missing = Vec::new();
    for (name, command) in commands(&key) {
        match link.ask(&command).await {
            Err(failure) if failure.is("NOPERM") => {
                let right = match failure {
                    Failure::Answer(error) if is_about_keys(&error) => {
                        "keys that begin with `topper:`"
                    }
                    _ => name,
                };
                if !missing.iter().any(|missing| missing == right) {
                    missing.push(right.to_owned());
                }
            }
            Err(failure) => return Err(Lacking::Step(name, failure.cause())),
            Ok(_) => {}
        }
    }
    if !missing.is_empty() {
        return Err(Lacking::Rights(missing));
    }
    let held = Found::Verdict(Verdict::Held);
    let new = Found::Verdict(Verdict::New(Seen::first()));
    let steps = [
        ("a claim", Step::Claim(TERM), new),
        ("a renewal", Step::Renew(TERM), held),
        ("a release", Step::Release(None), held),
        ("another claim", Step::Claim(TERM), new),
        ("a mark", Step::Complete, held),
        ("a claim of what is done", Step::Claim(TERM), Found::Key(TERM)),
    ];
    for (name, step, expected) in steps {
        let answer = link.ask(&script::command(&step, &lease, TERM)).await;
        let answer = answer.map_err(|failure| Lacking::Step(name, failure.cause()))?;
        if script::found(&step, &answer) != expected {
            let cause = "the server gave an answer that Redis never gives".to_owned();
            return Err(Lacking::Step(name, Cause::Unusable(cause)));
        }
    }
    let removed = link.ask(redis::cmd("DEL").arg(key)).await;
    removed.map(drop).map_err(|failure| Lacking::Step("a removal", failure.cause()))
}

/// Each command by itself, so that all that are missing are named at once.
fn commands(key: &[u8]) -> [(&'static str, Cmd); 4] {
    let mut set = redis::cmd("SET");
    set.arg(key).arg("").arg("NX").arg("PX").arg(TERM.as_millis().to_string());
    let (mut get, mut del, mut eval) = (redis::cmd("GET"), redis::cmd("DEL"), redis::cmd("EVAL"));
    get.arg(key);
    del.arg(key);
    eval.arg("return 1").arg(1).arg(key);
    [("SET", set), ("GET", get), ("DEL", del), ("EVAL", eval)]
}

/// Not about a command: none that is sent has the word in its name.
fn is_about_keys(error: &redis::ServerError) -> bool {
    error.details().is_some_and(|details| details.contains("key"))
}

/// On a key in one of our slots, that no other receiver tries at the same time.
fn lease(is_ours: impl Fn(u16) -> bool) -> Result<Lease, StoreError> {
    let random = Lease::new(script::probe(""))?;
    let random: String = random.owner().iter().map(|byte| format!("{byte:02x}")).collect();
    let ids = (0..u32::MAX).map(|number| script::probe(&format!("{random}-{number}")));
    let probe = ids.into_iter().find(|probe| is_ours(slot(&script::key(probe))));
    Lease::new(probe.ok_or("the node has no slots")?)
}

/// `INFO`, or `None` where it is not allowed.
pub(super) async fn info(link: &mut Link) -> Result<Option<String>, Failure> {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    match link.ask(&redis::cmd("INFO")).await {
        Ok(Value::BulkString(bytes)) => Ok(Some(text(&bytes))),
        Ok(Value::VerbatimString { text, .. } | Value::SimpleString(text)) => Ok(Some(text)),
        Ok(_) => Ok(None),
        Err(failure) if failure.is("NOPERM") => Ok(None),
        // A server or a proxy that does not know it.
        Err(Failure::Answer(error))
            if error.code() == "ERR" && !super::answer::can_pass(&error) =>
        {
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}
