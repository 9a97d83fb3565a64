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
