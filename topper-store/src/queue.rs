//! What is asked of a store waits here until one of its connections takes it.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};

use crate::{
    Claim, Lease, LeaseError, Seen, StoreError,
    sync::{AtomicBool, Mutex, MutexGuard},
};

/// What waits for a connection; more is refused.
const MOST_WAITING: usize = 16_384;

/// What can be asked of a store.
pub(crate) trait Ask: Send + Sync + 'static {
    /// What is found.
    type Answer: Send + 'static;
    /// How long a connection is waited for: less than a claim may take.
    const PATIENCE: Duration = Duration::from_millis(400);
}

/// Where a store's clones ask.
pub(crate) struct Queue<A: Ask = OnLease> {
    waiting: Arc<Waiting<A>>,
    trouble: Trouble,
    asks: Arc<End<A>>,
}

/// Where its connections take what is asked.
pub(crate) struct Asking<A: Ask = OnLease>(End<A>);

/// What both ends share.
struct Waiting<A: Ask> {
    asked: Mutex<VecDeque<Asked<A>>>,
    arrived: Notify,
    /// Set while `asked` is locked: nothing is asked after it.
    has_ended: AtomicBool,
    ended: Notify,
}

/// All of one end. When they are gone, so is the other.
struct End<A: Ask>(Arc<Waiting<A>>);

impl<A: Ask> Drop for End<A> {
    fn drop(&mut self) {
        let mut asked = self.0.lock();
        self.0.has_ended.store(true, Ordering::Release);
        // Who waits for an answer to these is told that there is none.
        asked.clear();
        drop(asked);
        self.0.arrived.notify_waiters();
        self.0.ended.notify_waiters();
    }
}

impl<A: Ask> Waiting<A> {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Asked<A>>> {
        // Nothing panics while it is held.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up to so much, and says how much.
    fn take(&self, batch: &mut Vec<Asked<A>>, most: usize) -> usize {
        let mut asked = self.lock();
        let count = asked.len().min(most);
        batch.extend(asked.drain(..count));
        let is_more = !asked.is_empty();
        drop(asked);
        if is_more {
            self.arrived.notify_last();
        }
        count
    }

    fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }
}

impl<A: Ask> Asking<A> {
    /// Waits until something is asked, and takes up to so much of it; 0 when no one can ask any more.
    ///
    /// Of several that wait, the one that began last is woken: its connection was in use a moment ago.
    pub(crate) async fn recv_many(&self, batch: &mut Vec<Asked<A>>, most: usize) -> usize {
        let Self(End(waiting)) = self;
        loop {
            let mut arrived = pin!(waiting.arrived.notified());
            arrived.as_mut().enable();
            let count = waiting.take(batch, most);
            if count > 0 || waiting.has_ended() {
                return count;
            }
            arrived.await;
        }
    }

    /// Takes what has been asked meanwhile, up to so much in all.
    #[cfg(any(feature = "postgres", feature = "redis", feature = "shuttle"))]
    pub(crate) fn take_more(&self, batch: &mut Vec<Asked<A>>, most: usize) {
        let room = most.saturating_sub(batch.len());
        self.0.0.take(batch, room);
    }

    /// Until no one can ask any more. It takes no wake-up from those that wait to be asked.
    #[cfg(any(feature = "postgres", feature = "shuttle"))]
    pub(crate) async fn ended(&self) {
        let Self(End(waiting)) = self;
        // It is woken by what happens from here on.
        let ended = waiting.ended.notified();
        if !waiting.has_ended() {
            ended.await;
        }
    }
}

impl<A: Ask> Queue<A> {
    pub(crate) fn new(trouble: Trouble) -> (Self, Asking<A>) {
        let waiting = Arc::new(Waiting {
            asked: Mutex::default(),
            arrived: Notify::new(),
            has_ended: AtomicBool::new(false),
            ended: Notify::new(),
        });
        let asking = Asking(End(Arc::clone(&waiting)));
        let asks = Arc::new(End(Arc::clone(&waiting)));
        (Self { waiting, trouble, asks }, asking)
    }

    /// Waits for an answer, or until no connection has taken it in time.
    pub(crate) async fn ask(&self, ask: A) -> Result<A::Answer, StoreError> {
        let (answer, mut answered) = oneshot::channel();
        let is_taken = Arc::new(AtomicBool::new(false));
        self.push(Asked { ask, is_taken: Arc::clone(&is_taken), answer })?;
        let answer = match timeout(A::PATIENCE, &mut answered).await {
            Ok(answer) => answer,
            // The one that took it answers.
            Err(_) if is_taken.swap(true, Ordering::AcqRel) => answered.await,
            Err(_) => return Err(self.busy()),
        };
        answer.unwrap_or_else(|_| Err(StoreError::new(Ended)))
    }

    fn push(&self, asked: Asked<A>) -> Result<(), StoreError> {
        let mut waiting = self.waiting.lock();
        if self.waiting.has_ended() {
            return Err(StoreError::new(Ended));
        }
        if waiting.len() >= MOST_WAITING {
            waiting.retain(Asked::is_waited_for);
        }
        if waiting.len() >= MOST_WAITING {
            return Err(self.busy());
        }
        waiting.push_back(asked);
        drop(waiting);
        self.waiting.arrived.notify_last();
        Ok(())
    }

    fn busy(&self) -> StoreError {
        self.trouble.get().unwrap_or_else(|| StoreError::new(AllBusy(A::PATIENCE.as_secs_f64())))
    }
}

impl<A: Ask> Clone for Queue<A> {
    fn clone(&self) -> Self {
        Self {
            waiting: Arc::clone(&self.waiting),
            trouble: self.trouble.clone(),
            asks: Arc::clone(&self.asks),
        }
    }
}

impl Queue {
    pub(crate) async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        let step = Step::Claim(term);
        let claim = OnLease { step, lease: lease.clone() };
        self.ask(claim).await.map(|verdict| match verdict {
            Verdict::New(seen) => Claim::New(seen),
            Verdict::Done => Claim::Done,
            Verdict::InProgress | Verdict::Held | Verdict::Lost => Claim::InProgress,
        })
    }

    pub(crate) async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        self.held(Step::Renew(term), lease).await
    }

    pub(crate) async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.held(Step::Complete, lease).await
    }

    pub(crate) async fn release(
        &self,
        lease: &Lease,
        failure: Option<&str>,
    ) -> Result<(), LeaseError> {
        self.held(Step::Release(failure.map(str::to_owned)), lease).await
    }

    async fn held(&self, step: Step, lease: &Lease) -> Result<(), LeaseError> {
        match self.ask(OnLease { step, lease: lease.clone() }).await? {
            Verdict::Held => Ok(()),
            _ => Err(LeaseError::Lost),
        }
    }
}

/// What is asked, and who waits for the answer.
pub(crate) struct Asked<A: Ask = OnLease> {
    pub(crate) ask: A,
    is_taken: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<A::Answer, StoreError>>,
}

impl<A: Ask> Asked<A> {
    fn is_waited_for(&self) -> bool {
        !self.answer.is_closed() && !self.is_taken.load(Ordering::Acquire)
    }

    /// Whether it is still waited for. From then on only an answer ends the waiting.
    pub(crate) fn take(&self) -> bool {
        !self.answer.is_closed() && !self.is_taken.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn answer(self, answer: Result<A::Answer, StoreError>) {
        // Who asked may have gone.
        drop(self.answer.send(answer));
    }
}

/// One step on one lease.
#[derive(Clone, Debug)]
pub(crate) struct OnLease {
    pub(crate) step: Step,
    pub(crate) lease: Lease,
}

impl Ask for OnLease {
    type Answer = Verdict;
}

/// A step of [`Store`](crate::Store).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Claim(Duration),
    Renew(Duration),
    Complete,
    /// With the failure of the attempt, if there was one.
    Release(Option<String>),
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The event is claimed.
    New(Seen),
    /// Another step was taken.
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
#[error("all connections to the database were busy for {0} s")]
struct AllBusy(f64);

#[derive(Debug, thiserror::Error)]
#[error(
    "the store's connections are closed, because the tokio runtime it was created on has ended"
)]
struct Ended;

#[cfg(test)]
mod tests;
