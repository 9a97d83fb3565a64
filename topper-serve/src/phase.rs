//! How far a server is between its start and its end.

use tokio::sync::watch;

/// How far a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// It does not answer yet.
    Starting,
    /// It answers.
    Serving,
    /// It was told to end: it says that it is not ready, and answers all the same.
    Leaving,
    /// It accepts no more connections, and answers what is in flight.
    Draining,
    /// It has ended.
    Ended,
}

/// The phase of a server, as it changes. Clones are the same.
#[derive(Clone, Debug)]
pub struct Phases(watch::Sender<Phase>);

impl Phases {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Phase::Starting))
    }

    /// The phase of now.
    pub fn now(&self) -> Phase {
        *self.0.borrow()
    }

    /// Whether answers should end their connections, so that clients take another server.
    pub fn is_leaving(&self) -> bool {
        self.now() >= Phase::Leaving
    }

    /// Waits until the server is in a phase, or in a later one.
    pub async fn reached(&self, phase: Phase) {
        // It fails without a sender; there is one here.
        drop(self.0.subscribe().wait_for(|now| *now >= phase).await);
    }

    /// A phase is never left for an earlier one.
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
