//! Runtimes: there are none but shuttle.

pub use real::runtime::TryCurrentError;

/// A runtime that tasks are spawned on.
#[derive(Clone, Debug)]
pub struct Handle(());

impl Handle {
    /// The runtime of this task.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        Ok(Self(()))
    }

    /// Spawns a task.
    pub fn spawn<F>(&self, future: F) -> crate::task::JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        shuttle::future::spawn(future)
    }
}
