//! What was asked at the same time, in as few statements as possible.

use sqlx::sqlite::SqliteConnection;

use super::{statement, writer::Write};
use crate::queue::{Asked, OnLease, Step, Verdict};

/// The most rows in a statement.
const MOST_ROWS: usize = 64;

/// Splits a batch into what goes into one statement.
pub(super) fn portions<T>(batch: &[T]) -> impl Iterator<Item = &[T]> {
    batch.chunks(MOST_ROWS)
}

impl Write for OnLease {
    /// When the machine stops, the owner of a lease stops, too: the event is free sooner then.
    fn is_durable(&self) -> bool {
        !matches!(self.step, Step::Claim(_) | Step::Renew(_))
    }

    async fn write(
        batch: &[Asked<Self>],
        connection: &mut SqliteConnection,
    ) -> Result<Vec<Verdict>, sqlx::Error> {
        // What no statement held is lost.
        let mut verdicts = vec![Verdict::Lost; batch.len()];
        let mut claims = Vec::with_capacity(batch.len());
        let mut marks = Vec::with_capacity(batch.len());
        for (Asked { ask: Self { step, lease }, .. }, verdict) in batch.iter().zip(&mut verdicts) {
            let is_held = match step {
                Step::Claim(term) => {
                    claims.push(((lease, *term), verdict));
                    continue;
                }
                Step::Complete => {
                    marks.push((lease, verdict));
                    continue;
                }
                Step::Renew(term) => statement::renew(connection, lease, *term).await?,
                Step::Release(failure) => {
                    statement::release(connection, lease, failure.as_deref()).await?
                }
            };
            if is_held {
                *verdict = Verdict::Held;
            }
        }
        let (leases, of_marks): (Vec<_>, Vec<_>) = marks.into_iter().unzip();
        let mut of_marks = of_marks.into_iter();
        for portion in portions(&leases) {
            let written = statement::complete(connection, portion).await?;
            for (lease, verdict) in portion.iter().zip(&mut of_marks) {
                if written.contain(lease) || statement::is_done_by(connection, lease).await? {
                    *verdict = Verdict::Held;
                }
            }
        }
        let (leases, of_claims): (Vec<_>, Vec<_>) = claims.into_iter().unzip();
        let mut of_claims = of_claims.into_iter();
        for portion in portions(&leases) {
            let written = statement::claim(connection, portion).await?;
            for ((lease, _), verdict) in portion.iter().zip(&mut of_claims) {
                *verdict = if let Some(seen) = written.seen_by(lease) {
                    Verdict::New(seen)
                } else if statement::is_done(connection, lease).await? {
                    Verdict::Done
                } else {
                    Verdict::InProgress
                };
            }
        }
        Ok(verdicts)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{EventKey, Lease};

    #[test]
    fn only_what_outlives_the_owner_of_a_lease_waits_for_the_disk() {
        let term = Duration::from_secs(60);
        for (step, is_durable) in [
            (Step::Claim(term), false),
            (Step::Renew(term), false),
            (Step::Complete, true),
            (Step::Release(None), true),
            (Step::Release(Some("no".to_owned())), true),
        ] {
            let lease = Lease::new(EventKey::new("default", "id")).unwrap();
            assert_eq!(OnLease { step, lease }.is_durable(), is_durable);
        }
    }
}
