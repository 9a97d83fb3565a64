//! Steps on their way to a server and back.

use std::time::Duration;

use redis::{Cmd, Pipeline, Value};
use tokio::time::Instant;

use super::{
    answer::{Failure, NOT_REDIS},
    connection::{ANSWER_TIME, Sender},
    script::{self, Found},
    url::Address,
};
use crate::{
    StoreError,
    cause::Cause,
    queue::{Asked, Verdict},
};

/// A step that has been taken, so that it has to be answered.
pub(super) struct Taken {
    pub(super) asked: Asked,
    /// How often it was sent.
    pub(super) tries: u8,
    /// Until when it may be tried again.
    pub(super) until: Option<Instant>,
    /// The node of a cluster that its slot is moving to.
    pub(super) detour: Option<Address>,
}

impl Taken {
    /// `None` when it is not waited for any more.
    pub(super) fn new(asked: Asked) -> Option<Self> {
        asked.take().then_some(Self { asked, tries: 0, until: None, detour: None })
    }

    pub(super) fn answer(self, answer: Result<Verdict, StoreError>) {
        self.asked.answer(answer);
    }
}

type Landed = (Taken, Result<Verdict, Failure>);

/// Sends steps when first polled, and waits for the answers.
pub(super) async fn fly(sender: Sender, taken: Vec<Taken>, retention: Duration) -> Vec<Landed> {
    let is_detour = taken.iter().any(|taken| taken.detour.is_some());
    let commands = taken
        .iter()
        .map(|Taken { asked, .. }| script::command(&asked.ask.step, &asked.ask.lease, retention));
    let mut answers = send(&sender, commands, is_detour).await;
    let mut landed = Vec::with_capacity(taken.len());
    let mut found_keys = Vec::new();
    for taken in taken {
        let step = &taken.asked.ask.step;
        match answers.next().map(|answer| script::found(step, &answer)) {
            Ok(Found::Key(term)) => found_keys.push((taken, term)),
            found => landed.push((taken, verdict(found))),
        }
    }
    if !found_keys.is_empty() {
        let commands = found_keys
            .iter()
            .map(|(Taken { asked, .. }, term)| script::claim_again(&asked.ask.lease, *term));
        let mut answers = send(&sender, commands, is_detour).await;
        for (taken, _) in found_keys {
            let lease = &taken.asked.ask.lease;
            let found = answers.next().map(|answer| script::found_again(lease, &answer));
            landed.push((taken, verdict(found)));
        }
    }
    landed
}

/// On a detour each command needs another before it.
async fn send(sender: &Sender, commands: impl Iterator<Item = Cmd>, is_detour: bool) -> Answers {
    let mut pipeline = Pipeline::with_capacity(commands.size_hint().0);
    for command in commands {
        if is_detour {
            pipeline.cmd("ASKING");
        }
        pipeline.add_command(command);
    }
    let sent = Instant::now();
    match sender.send(pipeline).await {
        Ok(answers) if is_detour => {
            let answers: Vec<_> = answers.into_iter().skip(1).step_by(2).collect();
            Answers { answers: answers.into_iter(), failure: None, is_slow: false }
        }
        Ok(answers) => Answers { answers: answers.into_iter(), failure: None, is_slow: false },
        // Slow: its connection was given up for that.
        Err(failure) => Answers {
            answers: Vec::new().into_iter(),
            failure: Some(failure),
            is_slow: sent.elapsed() >= ANSWER_TIME,
        },
    }
}

/// One for each command, or why there is none.
struct Answers {
    answers: std::vec::IntoIter<Result<Value, Failure>>,
    failure: Option<Failure>,
    is_slow: bool,
}

impl Answers {
    fn next(&mut self) -> Result<Value, Failure> {
        match self.answers.next() {
            Some(answer) => answer,
            None if self.is_slow => Err(Failure::TooSlow),
            None => Err(self.failure.take().unwrap_or(Failure::Broken(Cause::Closed))),
        }
    }
}

fn verdict(found: Result<Found, Failure>) -> Result<Verdict, Failure> {
    match found? {
        Found::Verdict(verdict) => Ok(verdict),
        Found::Key(_) | Found::Nonsense => {
            Err(Failure::Broken(Cause::Unusable(NOT_REDIS.to_owned())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_answer_has_its_failure() {
        let answers =
            |failure, is_slow| Answers { answers: Vec::new().into_iter(), failure, is_slow };
        let refused = || Some(Failure::Broken(Cause::Refused));
        let next = answers(refused(), false).next();
        assert!(matches!(next, Err(Failure::Broken(Cause::Refused))));
        assert!(matches!(answers(refused(), true).next(), Err(Failure::TooSlow)));
        assert!(matches!(answers(None, false).next(), Err(Failure::Broken(Cause::Closed))));
    }
}
