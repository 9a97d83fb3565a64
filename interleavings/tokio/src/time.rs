//! Times, which are over when shuttle says so.

use std::{
    cell::Cell,
    future::{pending, poll_fn},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Poll, Waker},
    time::Duration,
};

pub use real::time::Instant;

use shuttle::thread::yield_now;

thread_local! {
    static IS_PAUSED: Cell<bool> = const { Cell::new(false) };
}

/// From now on no time is ever over, so that what is not woken waits forever.
pub fn pause() {
    IS_PAUSED.set(true);
}

/// From now on a time can be over at any moment.
pub fn resume() {
    IS_PAUSED.set(false);
}

/// What a timer tells the task that waits for it.
#[derive(Default)]
struct Told {
    is_over: bool,
    waker: Option<Waker>,
}

/// Waits until the time is over.
pub async fn sleep(_time: Duration) {
    if IS_PAUSED.get() {
        return pending().await;
    }
    let told = Arc::new(Mutex::new(Told::default()));
    let timer = Arc::clone(&told);
    // A task of its own: shuttle decides when it runs.
    drop(shuttle::future::spawn(async move {
        // It would be no timer if it could keep the others from running.
        yield_now();
        let waker = {
            let mut told = timer.lock().unwrap_or_else(PoisonError::into_inner);
            told.is_over = true;
            told.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }));
    poll_fn(|context| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_over {
            return Poll::Ready(());
        }
        told.waker = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
    // Nor may what sleeps in a loop.
    yield_now();
}

/// Waits for the future until the time is over.
///
/// # Errors
///
/// When the time was over first.
pub async fn timeout<F: Future>(time: Duration, future: F) -> Result<F::Output, error::Elapsed> {
    let mut future = pin!(future);
    let mut over = pin!(sleep(time));
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        over.as_mut().poll(context).map(|()| Err(error::Elapsed(())))
    })
    .await
}

/// What goes wrong with time.
pub mod error {
    /// The time was over first.
    #[derive(Debug)]
    pub struct Elapsed(pub(super) ());
}
