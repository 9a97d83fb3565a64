//! Whether a store can be written to, for a readiness check.

use std::time::Duration;

use tokio::time::timeout;

use crate::StoreError;

/// What probes of a load balancer wait for.
const TIME: Duration = Duration::from_millis(400);

pub(crate) async fn in_time<T>(
    question: impl Future<Output = Result<T, StoreError>>,
) -> Result<(), StoreError> {
    match timeout(TIME, question).await {
        Ok(answer) => answer.map(drop),
        Err(_) => Err("the store did not answer within 0.4 s".into()),
    }
}
