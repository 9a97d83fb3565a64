//! Long work in small steps, each of them atomic.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;
use topper_store::StoreError;

use super::{events, is_over, place};
use crate::{console::Console, failure::Failure, interrupt::Ended};

/// How many events a step changes: receivers wait for it.
const PORTION: usize = 500;
/// How long a step is waited for after Ctrl-C.
const LAST_STEP: Duration = Duration::from_secs(5);

pub(super) struct Steps {
    /// How many events there were when it began.
    expected: u64,
    changed: u64,
    /// What was done to them.
    word: &'static str,
}

impl Steps {
    pub(super) fn new(expected: u64, word: &'static str) -> Self {
        Self { expected, changed: 0, word }
    }

    pub(super) fn sum(&self, console: &mut Console) -> Result<(), Failure> {
        let Self { expected, changed, word } = self;
        console.object(&json!({"matched": expected, "changed": changed}))?;
        console.line(format_args!("{} {word}", events(*changed)))
    }

    /// Reports how far it came when it ends early.
    fn stop(&self, why: &str, console: &mut Console) {
        let Self { expected, changed, word } = self;
        console.note(format_args!("{why}: {changed} of {} {word}", events(*expected)));
    }
}

/// Does one step after another until one changes nothing; `true` if the program must end.
pub(super) async fn step_by_step(
    steps: &mut Steps,
    ended: &mut Ended,
    console: &mut Console,
    mut step: impl AsyncFnMut(usize) -> Result<u64, StoreError>,
) -> Result<bool, Failure> {
    loop {
        if is_over(ended).await {
            steps.stop("interrupted", console);
            return Ok(true);
        }
        let stepped = {
            let step = step(PORTION);
            tokio::pin!(step);
            tokio::select! {
                stepped = &mut step => Some((stepped, false)),
                // What it has changed is still counted.
                () = &mut *ended => timeout(LAST_STEP, step).await.ok().map(|it| (it, true)),
            }
        };
        let (stepped, is_over) = match stepped {
            Some((Ok(changed), is_over)) => (changed, is_over),
            Some((Err(error), _)) => {
                steps.stop("the store failed", console);
                return Err(place::failure(error));
            }
            None => {
                steps.stop("interrupted while the store did not answer", console);
                return Ok(true);
            }
        };
        steps.changed += stepped;
        if is_over {
            steps.stop("interrupted", console);
            return Ok(true);
        }
        if stepped == 0 {
            return Ok(false);
        }
        let Steps { expected, changed, word } = steps;
        console.progress(format_args!("{changed} of {expected} {word}"));
    }
}
