//! The latest value, from several tasks to several others.

use real::sync::watch;
pub use real::sync::watch::{Ref, error};

use super::step;

/// Where the value is changed.
#[derive(Debug, Default)]
pub struct Sender<T>(watch::Sender<T>);

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Sender<T> {
    /// With its first value.
    pub fn new(value: T) -> Self {
        Self(watch::Sender::new(value))
    }

    /// Changes it, and wakes all that wait.
    pub fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        step();
        self.0.send_modify(modify);
    }

    /// Replaces it, and wakes all that wait.
    pub fn send_replace(&self, value: T) -> T {
        step();
        self.0.send_replace(value)
    }

    /// Reads it.
    pub fn borrow(&self) -> Ref<'_, T> {
        step();
        self.0.borrow()
    }

    /// Waits for other values than the one of now.
    pub fn subscribe(&self) -> Receiver<T> {
        step();
        Receiver(self.0.subscribe())
    }
}

/// Where the value is waited for.
#[derive(Debug)]
pub struct Receiver<T>(watch::Receiver<T>);

impl<T> Receiver<T> {
    /// Reads it.
    pub fn borrow(&self) -> Ref<'_, T> {
        step();
        self.0.borrow()
    }

    /// Reads it, and waits for other values than this one.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        step();
        self.0.borrow_and_update()
    }

    /// Waits for another value.
    ///
    /// # Errors
    ///
    /// When no one can change it any more.
    pub async fn changed(&mut self) -> Result<(), error::RecvError> {
        step();
        self.0.changed().await
    }

    /// Waits for such a value.
    ///
    /// # Errors
    ///
    /// When no one can change it any more.
    pub async fn wait_for(
        &mut self,
        is_it: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'_, T>, error::RecvError> {
        step();
        self.0.wait_for(is_it).await
    }
}
