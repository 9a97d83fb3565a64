//! What is asked of the writer.

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;

use super::{accept, change, end, take};
use crate::{
    EventKey, Lease, StoreError,
    inbox::{
        Acceptance, AttemptEnd, Change, Changed, EventState, InboxLease, NewEvent, OrderPlace, Take,
    },
    queue::{Ask, Asked},
    sqlite::{batch::portions, writer::Write},
};

/// A step that writes.
pub(super) enum InboxAsk {
    /// The lease is not one: it makes the mark.
    Accept {
        event: Box<NewEvent>,
        lease: Lease,
    },
    Take {
        owner: [u8; 16],
        most: usize,
        term: Duration,
    },
    Renew {
        lease: InboxLease,
        term: Duration,
    },
    End {
        lease: InboxLease,
        end: AttemptEnd,
    },
    Unpark {
        key: EventKey,
        order: Option<OrderPlace>,
    },
    Change {
        rows: Vec<i64>,
        change: Change,
        state: Option<EventState>,
    },
    Purge {
        age: Duration,
        most: usize,
    },
    /// Writes something that changes nothing.
    Touch,
}

/// What a step found.
pub(super) enum InboxAnswer {
    Acceptance(Acceptance),
    Take(Take),
    /// Whether there was such a lease, or such an event.
    Was(bool),
    Changed(Changed),
    Purged(u64),
}

impl InboxAnswer {
    /// For an answer to another question, which there is not.
    pub(super) fn mismatch<T>(self) -> Result<T, StoreError> {
        Err("the store gave an unexpected answer".into())
    }
}

impl Ask for InboxAsk {
    type Answer = InboxAnswer;
    /// Less than a delivery waits for the inbox.
    const PATIENCE: Duration = Duration::from_secs(2);
}

impl Write for InboxAsk {
    /// When the machine stops, the owner of a lease stops, too: what is lost of it is due again.
    fn is_durable(&self) -> bool {
        !matches!(self, Self::Take { .. } | Self::Renew { .. })
    }

    /// Ends attempts first, and takes last: what was freed or accepted can be taken.
    async fn write(
        batch: &[Asked<Self>],
        connection: &mut SqliteConnection,
    ) -> Result<Vec<InboxAnswer>, sqlx::Error> {
        let mut answers: Vec<_> = batch.iter().map(|_| InboxAnswer::Was(false)).collect();
        let (mut ends, mut accepts) = (Vec::new(), Vec::new());
        let (mut takes, mut others) = (Vec::new(), Vec::new());
        for (Asked { ask, .. }, answer) in batch.iter().zip(&mut answers) {
            match ask {
                Self::End { lease, end } => ends.push(((lease, end), answer)),
                Self::Accept { event, lease } => accepts.push(((&**event, lease), answer)),
                Self::Take { owner, most, term } => takes.push(((*owner, *most, *term), answer)),
                other => others.push((other, answer)),
            }
        }
        let (ends, of_ends): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
        for (was, answer) in end::end(connection, &ends).await?.into_iter().zip(of_ends) {
            *answer = InboxAnswer::Was(was);
        }
        for (other, answer) in others {
            *answer = other.alone(connection).await?;
        }
        let (accepts, of_accepts): (Vec<_>, Vec<_>) = accepts.into_iter().unzip();
        let mut of_accepts = of_accepts.into_iter();
        for portion in portions(&accepts) {
            let acceptances = accept::accept(connection, portion).await?;
            for (acceptance, answer) in acceptances.into_iter().zip(&mut of_accepts) {
                *answer = InboxAnswer::Acceptance(acceptance);
            }
        }
        for ((owner, most, term), answer) in takes {
            *answer = InboxAnswer::Take(take::take(connection, owner, most, term).await?);
        }
        Ok(answers)
    }
}

impl InboxAsk {
    /// What is seldom asked twice at the same time.
    async fn alone(&self, connection: &mut SqliteConnection) -> Result<InboxAnswer, sqlx::Error> {
        Ok(match self {
            Self::Renew { lease, term } => {
                InboxAnswer::Was(end::renew(connection, lease, *term).await?)
            }
            Self::Unpark { key, order } => {
                InboxAnswer::Was(change::unpark(connection, key, order.as_ref()).await?)
            }
            Self::Change { rows, change, state } => {
                InboxAnswer::Changed(change::change(connection, rows, *change, *state).await?)
            }
            Self::Purge { age, most } => {
                InboxAnswer::Purged(change::purge(connection, *age, *most).await?)
            }
            Self::Touch => InboxAnswer::Was(change::touch(connection).await?),
            Self::Accept { .. } | Self::Take { .. } | Self::End { .. } => InboxAnswer::Was(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_outlives_the_owner_of_a_lease_waits_for_the_disk() {
        let (term, owner) = (Duration::from_secs(60), [1; 16]);
        let lease = || InboxLease::new(EventKey::new("default", "id"), 1, owner);
        for (ask, is_durable) in [
            (InboxAsk::Take { owner, most: 1, term }, false),
            (InboxAsk::Renew { lease: lease(), term }, false),
            (InboxAsk::End { lease: lease(), end: AttemptEnd::Done }, true),
            (InboxAsk::Purge { age: term, most: 1 }, true),
            (InboxAsk::Touch, true),
        ] {
            assert_eq!(ask.is_durable(), is_durable);
        }
    }
}
