//! The clocks, which a simulation replaces.

use std::time::{Duration, SystemTime};

use topper_core::Webhook;

/// The clock of the stores in memory.
pub(crate) fn now() -> SystemTime {
    #[cfg(test)]
    if let Some(now) = crate::simulation::clock::now() {
        return now;
    }
    SystemTime::now()
}

/// How much time is left until Topper no longer waits for the answer.
pub(crate) fn time_left(webhook: &Webhook) -> Duration {
    #[cfg(test)]
    if crate::simulation::clock::now().is_some() {
        return topper_core::protocol::TIMEOUT;
    }
    webhook.time_left()
}

/// How long ago a delivery arrived.
pub(crate) fn since_arrival(webhook: &Webhook) -> Duration {
    #[cfg(test)]
    if crate::simulation::clock::now().is_some() {
        return Duration::ZERO;
    }
    webhook.elapsed()
}
