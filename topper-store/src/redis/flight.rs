//! Steps on their way to a server and back.

use std::time::Duration;

use redis::{Cmd, Pipeline, Value};
use tokio::time::Instant;

use super::{
    answer::{Failure, NOT_REDIS},
    connection::Sender,
    script::{self, Found},
    url::Address,
};
use crate::{
    StoreError,
    cause::Cause,
    queue::{Asked, Step, Verdict},
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

/// Sends steps when first polled, and waits for the answers.
pub(super) async fn fly(
    sender: Sender,
    taken: Vec<Taken>,
    retention: Duration,
) -> Vec<(Taken, Result<Verdict, Failure>)> {
    let commands = taken
        .iter()
        .map(|Taken { asked, .. }| script::command(asked.step, &asked.lease, retention));
    let is_detour = taken.iter().any(|taken| taken.detour.is_some());
    let answers = send(&sender, commands, is_detour).await;
    let mut landed: Vec<Answered> = match answers {
        Ok(answers) => {
            let mut answers = answers.into_iter();
            let answer = |taken| (taken, answers.next().unwrap_or_else(|| Err(broken())));
            taken.into_iter().map(answer).collect()
        }
        Err(failure) => {
            let mut failure = Some(failure);
            let each = taken.into_iter().map(|taken| {
                let failure = match &failure {
                    Some(Failure::TooSlow) => Failure::TooSlow,
                    _ => failure.take().unwrap_or_else(broken),
                };
                (taken, Err(failure))
            });
            each.collect()
        }
    };
    renew_own(&sender, &mut landed, is_detour).await;
    landed.into_iter().map(|(taken, answer)| read(taken, answer)).collect()
}

type Answered = (Taken, Result<Value, Failure>);

/// On a detour each command needs another before it.
async fn send(
    sender: &Sender,
    commands: impl IntoIterator<Item = Cmd>,
    is_detour: bool,
) -> Result<Vec<Result<Value, Failure>>, Failure> {
    let mut pipeline = Pipeline::new();
    for command in commands {
        if is_detour {
            pipeline.cmd("ASKING");
        }
        pipeline.add_command(command);
    }
    let answers = sender.send(pipeline).await?;
    Ok(if is_detour { answers.into_iter().skip(1).step_by(2).collect() } else { answers })
}

/// What was claimed before by the same lease lasts for the whole term again.
async fn renew_own(sender: &Sender, landed: &mut [Answered], is_detour: bool) {
    let mut commands = Vec::new();
    let mut own = Vec::new();
    for (taken, answer) in landed.iter_mut() {
        let Asked { step, lease, .. } = &taken.asked;
        if let Ok(value) = answer
            && let Found::OwnLease(term) = script::found(*step, lease, value)
        {
            commands.push(script::command(Step::Renew(term), lease, Duration::ZERO));
            own.push(answer);
        }
    }
    if own.is_empty() {
        return;
    }
    match send(sender, commands, is_detour).await {
        Ok(renewed) => {
            for (answer, renewed) in own.into_iter().zip(renewed) {
                *answer = renewed.map(|renewed| match renewed {
                    // As a claim is answered.
                    Value::Int(1) => Value::Nil,
                    _ => Value::BulkString(Vec::new()),
                });
            }
        }
        Err(_) => own.into_iter().for_each(|answer| *answer = Err(broken())),
    }
}

fn read(taken: Taken, answer: Result<Value, Failure>) -> (Taken, Result<Verdict, Failure>) {
    let verdict = answer.and_then(|value| {
        match script::found(taken.asked.step, &taken.asked.lease, &value) {
            Found::Verdict(verdict) => Ok(verdict),
            Found::OwnLease(_) => Ok(Verdict::InProgress),
            Found::Nonsense => Err(Failure::Broken(Cause::Unusable(NOT_REDIS.to_owned()))),
        }
    });
    (taken, verdict)
}

fn broken() -> Failure {
    Failure::Broken(Cause::Closed)
}
