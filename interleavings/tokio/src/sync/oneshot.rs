//! One value, from one task to another.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use real::sync::oneshot;
pub use real::sync::oneshot::error;

use super::step;

/// Both ends.
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = oneshot::channel();
    (Sender(sender), Receiver(receiver))
}

/// Where the value is sent.
#[derive(Debug)]
pub struct Sender<T>(oneshot::Sender<T>);

impl<T> Sender<T> {
    /// Sends the value.
    ///
    /// # Errors
    ///
    /// When the receiver is gone; with the value.
    pub fn send(self, value: T) -> Result<(), T> {
        step();
        self.0.send(value)
    }

    /// Whether the receiver is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        step();
        self.0.is_closed()
    }
}

/// Where the value is received.
#[derive(Debug)]
pub struct Receiver<T>(oneshot::Receiver<T>);

impl<T> Future for Receiver<T> {
    type Output = Result<T, error::RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        step();
        Pin::new(&mut self.0).poll(context)
    }
}
