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

/// How long ago a delivery arrived.
pub(crate) fn since_arrival(webhook: &Webhook) -> Duration {
    #[cfg(test)]
    if crate::simulation::clock::now().is_some() {
        return Duration::ZERO;
    }
    webhook.elapsed()
}
