//! What the product uses of tokio, for the models of `interleavings`: tasks are shuttle's, and what tasks share is
//! tokio's own, with a step before all that another task can notice.
//!
//! Tokio's types need nothing but wakers, so that they work with any tasks. No time is measured: it is over when the
//! scheduler says so, or never.

pub mod runtime;
pub mod sync;
pub mod time;

pub use real::pin;
pub use shuttle::future::spawn;

/// Tasks.
pub mod task {
    pub use shuttle::future::{AbortHandle, JoinError, JoinHandle};
}

/// As tokio's, in the order of its branches, since tokio takes the first one by chance, which could not be repeated.
#[macro_export]
macro_rules! select {
    (biased; $($branches:tt)*) => { $crate::__real::select! { biased; $($branches)* } };
    ($($branches:tt)*) => { $crate::__real::select! { biased; $($branches)* } };
}

#[doc(hidden)]
pub use real as __real;
