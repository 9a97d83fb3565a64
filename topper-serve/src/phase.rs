//! The phases of a server, from start to end.

use tokio::sync::watch;

/// A phase of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// The server does not answer yet.
    Starting,
    /// The server answers.
    Serving,
    /// Shutdown was requested: the server reports that it is not ready, but still answers.
    Leaving,
    /// The server no longer accepts connections, and answers what is in flight.
    Draining,
    /// The server has ended.
    Ended,
}

/// The current phase of a server. Clones share it.
#[derive(Clone, Debug)]
pub struct Phases(watch::Sender<Phase>);

impl Phases {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Phase::Starting))
    }

    /// Returns the current phase.
    pub fn now(&self) -> Phase {
        *self.0.borrow()
    }

    /// Whether answers should close their connections, so that clients use another server.
    pub fn is_leaving(&self) -> bool {
        self.now() >= Phase::Leaving
    }

    /// Waits until the server has reached a phase.
    pub async fn reached(&self, phase: Phase) {
        // It fails only without a sender, and `self` is one.
        drop(self.0.subscribe().wait_for(|now| *now >= phase).await);
    }

    /// Moves to a later phase, never to an earlier one.
    pub(crate) fn advance(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let is_later = phase > *now;
            *now = phase.max(*now);
            is_later
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn never_goes_back() {
        let phases = Phases::new();
        phases.advance(Phase::Draining);
        phases.advance(Phase::Leaving);
        assert_eq!(phases.now(), Phase::Draining);
        phases.reached(Phase::Serving).await;
        assert!(phases.is_leaving());
    }
}
