//! What tasks share.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::Ordering,
    task::{Context, Poll},
};

pub mod oneshot;
pub mod watch;

/// Lets another task take its steps first. A load, because a task that yields would be taken for one that waits in a
/// loop.
pub(crate) fn step() {
    shuttle::sync::atomic::AtomicBool::new(false).load(Ordering::SeqCst);
}

/// Wakes tasks.
#[derive(Debug, Default)]
pub struct Notify(real::sync::Notify);

impl Notify {
    /// Without a permit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes the task that has waited longest, or the next that will wait.
    pub fn notify_one(&self) {
        step();
        self.0.notify_one();
    }

    /// Wakes the task that began to wait last, or the next that will wait.
    pub fn notify_last(&self) {
        step();
        self.0.notify_last();
    }

    /// Wakes all that wait.
    pub fn notify_waiters(&self) {
        step();
        self.0.notify_waiters();
    }

    /// Waits to be woken.
    pub fn notified(&self) -> Notified<'_> {
        step();
        Notified(Box::pin(self.0.notified()))
    }
}

/// Waits to be woken.
#[derive(Debug)]
pub struct Notified<'a>(Pin<Box<real::sync::futures::Notified<'a>>>);

impl Notified<'_> {
    /// Waits from now on.
    pub fn enable(mut self: Pin<&mut Self>) -> bool {
        step();
        self.0.as_mut().enable()
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        step();
        self.0.as_mut().poll(context)
    }
}

/// A lock that tasks wait for.
#[derive(Debug, Default)]
pub struct Mutex<T>(real::sync::Mutex<T>);

impl<T> Mutex<T> {
    /// With a value.
    pub fn new(value: T) -> Self {
        Self(real::sync::Mutex::new(value))
    }

    /// Waits for the lock.
    pub async fn lock(&self) -> real::sync::MutexGuard<'_, T> {
        step();
        self.0.lock().await
    }
}
