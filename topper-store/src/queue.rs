//! What is asked of a store waits here until one of its connections takes it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{Claim, Lease, LeaseError, StoreError};

/// How long a connection is waited for: less than a claim may take.
const PATIENCE: Duration = Duration::from_millis(400);
/// What waits for a connection; more is waited for by who asks.
const MOST_WAITING: usize = 1024;

/// Where a store's clones ask, and its connections take what is asked.
#[derive(Clone)]
pub(crate) struct Queue {
    asked: mpsc::Sender<Asked>,
    trouble: Trouble,
}

impl Queue {
    pub(crate) fn new(trouble: Trouble) -> (Self, mpsc::Receiver<Asked>) {
        let (asked, asking) = mpsc::channel(MOST_WAITING);
        (Self { asked, trouble }, asking)
    }

    pub(crate) async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        self.ask(Step::Claim(term), lease).await.map(|verdict| match verdict {
            Verdict::Held => Claim::New,
            Verdict::Done => Claim::Done,
            Verdict::InProgress | Verdict::Lost => Claim::InProgress,
        })
    }

    pub(crate) async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        self.held(Step::Renew(term), lease).await
    }

    pub(crate) async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.held(Step::Complete, lease).await
    }

    pub(crate) async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.held(Step::Release, lease).await
    }

    async fn held(&self, step: Step, lease: &Lease) -> Result<(), LeaseError> {
        match self.ask(step, lease).await? {
            Verdict::Held => Ok(()),
            _ => Err(LeaseError::Lost),
        }
    }

    async fn ask(&self, step: Step, lease: &Lease) -> Result<Verdict, StoreError> {
        let (answer, mut answered) = oneshot::channel();
        let is_taken = Arc::new(AtomicBool::new(false));
        let asked = Asked { step, lease: lease.clone(), is_taken: Arc::clone(&is_taken), answer };
        let asking = async {
            // When nobody takes it any more, it is dropped, and the answer with it.
            drop(self.asked.send(asked).await);
            (&mut answered).await
        };
        let answer = match timeout(PATIENCE, asking).await {
            Ok(answer) => answer,
            // Whoever took it answers.
            Err(_) if is_taken.swap(true, Ordering::AcqRel) => answered.await,
            Err(_) => return Err(self.trouble.get().unwrap_or_else(|| StoreError::new(AllBusy))),
        };
        answer.unwrap_or_else(|_| Err(StoreError::new(Ended)))
    }
}

/// One step on one lease, and who waits for its outcome.
pub(crate) struct Asked {
    pub(crate) step: Step,
    pub(crate) lease: Lease,
    is_taken: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<Verdict, StoreError>>,
}

impl Asked {
    /// Whether it is still waited for. From then on only an answer ends the waiting.
    pub(crate) fn take(&self) -> bool {
        !self.answer.is_closed() && !self.is_taken.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn answer(self, answer: Result<Verdict, StoreError>) {
        // Who asked may have gone.
        drop(self.answer.send(answer));
    }
}

/// A step of [`Store`](crate::Store).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Claim(Duration),
    Renew(Duration),
    Complete,
    Release,
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The step was taken.
    Held,
    /// Another lease holds.
    InProgress,
    /// The event is done.
    Done,
    /// There is no such lease.
    Lost,
}

/// Why there is no connection, when there is none.
#[derive(Clone, Default)]
pub(crate) struct Trouble(Arc<Mutex<Option<StoreError>>>);

impl Trouble {
    pub(crate) fn get(&self) -> Option<StoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says what was there before.
    pub(crate) fn set(&self, error: Option<StoreError>) -> Option<StoreError> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), error)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("all connections to the database were busy for 0.4 s")]
struct AllBusy;

#[derive(Debug, thiserror::Error)]
#[error("the store's connections have ended, with the runtime they were made on")]
struct Ended;
