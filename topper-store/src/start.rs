//! What is not there yet when a program starts.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// More than at a delivery: a server may be starting, too, or another receiver.
const START_TIME: Duration = Duration::from_secs(10);

/// Tries until it works, the time is over, or waiting does not help.
pub(crate) async fn in_time<T, E, F>(
    pause: Duration,
    can_pass: impl Fn(&E) -> bool,
    attempt: impl Fn() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let started = Instant::now();
    loop {
        match attempt().await {
            Err(error) if can_pass(&error) && started.elapsed() < START_TIME => {
                sleep(pause).await;
            }
            result => return result,
        }
    }
}
