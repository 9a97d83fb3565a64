//! The one place that reads a clock.
//!
//! `std::time::Instant` panics on `wasm32-unknown-unknown`, which has no clock. There, time stands
//! still: nothing is ever late, and the limits of the host apply.

use std::time::Duration;

/// A point in time that durations are measured from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started(Clock);

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
type Clock = std::time::Instant;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
type Clock = ();

impl Started {
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(crate) fn now() -> Self {
        Self(Clock::now())
    }

    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    pub(crate) fn now() -> Self {
        Self(())
    }

    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    pub(crate) fn elapsed(self) -> Duration {
        Duration::ZERO
    }
}
