//! The steps that are many: what was asked at the same time is one message, and so one commit.

use std::collections::{BTreeSet, HashMap};

use sqlx::postgres::PgRow;

use super::{
    accept::{self, New},
    end::{self, Ending},
    message::Message,
};
use crate::{
    EventKey,
    inbox::{Acceptance, InboxLease},
    postgres::batch::{Answers, Run, Session},
    queue::{Ask, Asked},
};

pub(super) enum Step {
    Accept(New),
    End(InboxLease, Ending),
    Notify,
    /// Fails where nothing can be written.
    Touch,
}

impl Step {
    /// The statement of a step that has no answer of its own.
    fn bare(&self) -> Option<&'static str> {
        match self {
            Self::Notify => Some(accept::NOTIFY),
            Self::Touch => Some(TOUCH),
            Self::Accept(_) | Self::End(..) => None,
        }
    }
}

/// What a step found.
#[derive(Clone, Copy)]
pub(super) enum Found {
    Accepted(Acceptance),
    Held,
    Lost,
}

/// Of no row; but a server that is read-only refuses it.
const TOUCH: &str = "UPDATE topper_inbox SET state = state WHERE row = -1";

impl Ask for Step {
    type Answer = Found;
}

impl Run for Step {
    fn can_wait(&self) -> bool {
        matches!(self, Self::End(..))
    }

    async fn run(
        batch: &[Asked<Self>],
        session: &mut Session,
    ) -> Result<Answers<Self>, sqlx::Error> {
        let mut steps = Steps::of(batch);
        steps.run(session).await?;
        Ok(steps.answers())
    }
}

/// What is to be asked: of each event and of each lease once.
struct Steps<'a> {
    batch: &'a [Asked<Step>],
    /// For each of the batch, which of it is asked for it.
    asked_as: Vec<usize>,
    found: Vec<Option<Found>>,
}

impl<'a> Steps<'a> {
    fn of(batch: &'a [Asked<Step>]) -> Self {
        let mut events: HashMap<&EventKey, usize> = HashMap::new();
        let mut leases: HashMap<(i64, &[u8; 16]), usize> = HashMap::new();
        // An end is worth more than a renewal.
        for (number, asked) in batch.iter().enumerate() {
            if let Step::End(lease, ending) = &asked.ask {
                let is_end = matches!(ending, Ending::Ended(_));
                leases
                    .entry((lease.row(), lease.owner()))
                    .and_modify(|first| {
                        let is_renewal = |asked: &Asked<Step>| {
                            matches!(asked.ask, Step::End(_, Ending::Renewed(_)))
                        };
                        if is_end && batch.get(*first).is_some_and(is_renewal) {
                            *first = number;
                        }
                    })
                    .or_insert(number);
            }
        }
        let asked_as = batch.iter().enumerate().map(|(number, asked)| match &asked.ask {
            Step::Accept(new) => *events.entry(new.event.key()).or_insert(number),
            Step::End(lease, _) => {
                leases.get(&(lease.row(), lease.owner())).copied().unwrap_or(number)
            }
            Step::Notify | Step::Touch => number,
        });
        Self { batch, asked_as: asked_as.collect(), found: vec![None; batch.len()] }
    }

    async fn run(&mut self, session: &mut Session) -> Result<(), sqlx::Error> {
        let mut message = Message::new();
        let (has_accepts, has_ends) =
            (self.accepts().next().is_some(), self.ends().next().is_some());
        if has_accepts {
            message.add(&accept::insert(self.accepts()));
        }
        if has_ends {
            message.add(&end::statement(self.ends()));
            for statement in end::keep_in_order(self.ends()).iter().flatten() {
                message.add(statement);
            }
        }
        for statement in self.bare() {
            message.add(statement);
        }
        let mut results = message.run(&mut session.connection).await?.into_iter();
        if has_accepts {
            self.read_accepted(results.next())?;
        }
        if has_ends {
            for row in results.next().iter().flatten() {
                self.set(end::read(row)?, Some(Found::Held));
            }
        }
        self.run_again(session).await
    }

    /// Asks again for what is still to be found. What was marked, leased or ended while a statement ran is
    /// seen by the next.
    async fn run_again(&mut self, session: &mut Session) -> Result<(), sqlx::Error> {
        for _ in 0..2 {
            if self.accepts().next().is_none() {
                break;
            }
            let message = Message::of(&accept::statement(self.accepts()));
            let mut results = message.run(&mut session.connection).await?.into_iter();
            self.read_accepted(results.next())?;
        }
        if self.ends().next().is_some() {
            let message = Message::of(&end::why(self.ends()));
            for row in message.run(&mut session.connection).await?.iter().flatten() {
                let (number, is_held) = end::read_why(row)?;
                let found = is_held.map(|held| if held { Found::Held } else { Found::Lost });
                self.set(number, found);
            }
        }
        Ok(())
    }

    /// The statements of steps that have no answer of their own, each once. They will be done.
    fn bare(&mut self) -> BTreeSet<&'static str> {
        let mut statements = BTreeSet::new();
        for (asked, found) in self.batch.iter().zip(&mut self.found) {
            if let Some(statement) = asked.ask.bare() {
                *found = Some(Found::Held);
                statements.insert(statement);
            }
        }
        statements
    }

    /// What is still to be found.
    fn open(&self) -> impl Iterator<Item = (usize, &'a Step)> {
        let asked_as = self.asked_as.iter().zip(&self.found).enumerate();
        asked_as
            .zip(self.batch)
            .filter(|((number, (asked_as, found)), _)| number == *asked_as && found.is_none())
            .map(|((number, _), asked)| (number, &asked.ask))
    }

    fn accepts(&self) -> impl Iterator<Item = (usize, &'a New)> {
        self.open().filter_map(|(number, step)| match step {
            Step::Accept(new) => Some((number, new)),
            _ => None,
        })
    }

    fn ends(&self) -> impl Iterator<Item = (usize, &'a InboxLease, &'a Ending)> {
        self.open().filter_map(|(number, step)| match step {
            Step::End(lease, ending) => Some((number, lease, ending)),
            _ => None,
        })
    }

    fn read_accepted(&mut self, rows: Option<Vec<PgRow>>) -> Result<(), sqlx::Error> {
        for row in rows.iter().flatten() {
            let (number, acceptance) = accept::read(row)?;
            self.set(number, acceptance.map(Found::Accepted));
        }
        Ok(())
    }

    fn set(&mut self, number: usize, found: Option<Found>) {
        if let Some(place) = self.found.get_mut(number) {
            *place = found;
        }
    }

    /// Of several of one key, the first may have been stored; then the others are duplicates.
    fn answers(self) -> Answers<Step> {
        let answer = |(number, asked_as): (usize, &usize)| {
            let found = self.found.get(*asked_as).copied().flatten();
            match found {
                Some(Found::Accepted(Acceptance::Accepted)) if number != *asked_as => {
                    Some(Found::Accepted(Acceptance::Duplicate))
                }
                found => found,
            }
        };
        self.asked_as.iter().enumerate().map(answer).collect()
    }
}
