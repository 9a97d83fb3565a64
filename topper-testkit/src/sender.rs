//! A sender that behaves as Topper does.

use std::{
    fmt,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::sleep,
};
use topper_core::{Fate, protocol};

use crate::Delivery;

mod attempt;
mod batch;
mod exchange;
mod first_byte;
mod schedule;
mod target;
mod unreachable;

pub use attempt::{Attempt, Received, Sent};
pub use batch::Batch;
pub use schedule::retry_schedule;
use target::Target;
pub use target::TargetError;
pub use unreachable::{Unreachable, UnreachableKind};

/// Sends deliveries to a URL as Topper does.
///
/// It waits 4 s for an answer, and retries after a timeout, `408`, `409`, `429` and `5XX`, up to 10
/// times, with waits that double from 10.557 s and add up to 3 hours. Every other answer is final,
/// and it follows no redirect. Each attempt has its own connection.
///
/// Topper documents neither its exact waits nor what it does when a connection fails or breaks.
/// This sender retries then, as after a timeout. [`Unreachable`] says why the connection failed.
///
/// Dropping the future of [`send`](Self::send) or [`send_all`](Self::send_all) stops all its
/// deliveries.
///
/// # Examples
///
/// ```
/// use topper_core::EventName;
/// use topper_testkit::{Delivery, EventBuilder, Sender, TestKey};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
/// let delivery = Delivery::signed(&TestKey::generate(), event.to_json());
/// // All retries within a second.
/// let sender = Sender::to("http://127.0.0.1:3000/webhooks/topper")?.squeezed(10_800.0);
///
/// let sent = sender.send(delivery).await;
/// println!("{:?} after {} attempts", sent.fate(), sent.attempts.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent yet"]
pub struct Sender {
    target: Arc<Target>,
    timeout: Duration,
    retries: u32,
    squeeze: f64,
    observer: Observer,
}

type Observer = Arc<dyn Fn(usize, &Attempt) + Send + Sync>;

impl Sender {
    /// Creates a sender to an `http` or `https` URL.
    ///
    /// # Errors
    ///
    /// When it is not such a URL.
    pub fn to(url: &str) -> Result<Self, TargetError> {
        Ok(Self {
            target: Arc::new(Target::parse(url)?),
            timeout: protocol::TIMEOUT,
            retries: protocol::MAX_RETRIES,
            squeeze: 1.0,
            observer: Arc::new(|_, _| ()),
        })
    }

    /// Trusts one more certificate authority for `https`, as a PEM certificate, such as one made
    /// for tests. The system's authorities stay trusted.
    ///
    /// # Errors
    ///
    /// When the text contains no certificate.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Self, TargetError> {
        let mut target = Target::clone(&self.target);
        target.trust(pem)?;
        self.target = Arc::new(target);
        Ok(self)
    }

    /// Connects to the first of these addresses that accepts a connection, and does not look up the
    /// host of the URL. The `Host` header and the name for the certificate are still those of the URL.
    pub fn connecting_to(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        let mut target = Target::clone(&self.target);
        target.connect_to(addresses.into_iter().collect());
        self.target = Arc::new(target);
        self
    }

    /// Divides the waits between attempts, so that three hours fit into a test; the wait for an
    /// answer stays the same. 10,800 turns the three hours into one second. A factor of 0 or less
    /// changes nothing.
    pub fn squeezed(mut self, factor: f64) -> Self {
        if factor > 0.0 && factor.is_finite() {
            self.squeeze = factor;
        }
        self
    }

    /// Sets how often it retries; default: 10.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets how long it waits for an answer; default: 4 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Calls the observer after each attempt, with the index of the delivery in the batch.
    pub fn observed(mut self, observer: impl Fn(usize, &Attempt) + Send + Sync + 'static) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Sends one delivery, until it is delivered, lost, or given up.
    pub async fn send(&self, delivery: Delivery) -> Sent {
        let sent = Sent::new(0, Arc::new(delivery));
        self.pursue(sent, Instant::now(), None, &Arc::new(Semaphore::new(1))).await
    }

    /// Sends a batch. First attempts start in the batch's order; a delivery that waits for its next
    /// attempt does not block the others. The results are in the batch's order, too.
    pub async fn send_all(&self, batch: impl Into<Batch>) -> Vec<Sent> {
        let Batch { deliveries, parallel } = batch.into();
        let started = Instant::now();
        let permits = Arc::new(Semaphore::new(parallel));
        let mut tasks = JoinSet::new();
        let mut all = Vec::with_capacity(deliveries.len());
        for (index, delivery) in deliveries.into_iter().enumerate() {
            // Taken here and not in the task, so that the order is kept.
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
            let sender = self.clone();
            let permits = Arc::clone(&permits);
            let sent = Sent::new(index, delivery);
            tasks.spawn(async move { sender.pursue(sent, started, Some(permit), &permits).await });
            while let Some(sent) = tasks.try_join_next() {
                all.extend(sent.ok());
            }
        }
        while let Some(sent) = tasks.join_next().await {
            all.extend(sent.ok());
        }
        all.sort_unstable_by_key(|sent| sent.index);
        all
    }

    async fn pursue(
        &self,
        mut sent: Sent,
        started: Instant,
        mut permit: Option<OwnedSemaphorePermit>,
        permits: &Arc<Semaphore>,
    ) -> Sent {
        for retry in 0..=self.retries {
            if retry > 0 {
                sleep(self.wait_before(retry)).await;
                permit = Arc::clone(permits).acquire_owned().await.ok();
            }
            let at = started.elapsed();
            let received = self.target.exchange(sent.delivery(), self.timeout).await;
            let attempt = Attempt { number: retry + 1, at, received };
            // Before the next one starts, so that attempts that are sent in turn are seen in turn.
            (self.observer)(sent.index, &attempt);
            drop(permit.take());
            let fate = attempt.received.fate();
            sent.attempts.push(attempt);
            if fate != Fate::Retried {
                break;
            }
        }
        sent
    }

    fn wait_before(&self, retry: u32) -> Duration {
        let seconds = schedule::wait_before(retry) / self.squeeze;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("timeout", &self.timeout)
            .field("retries", &self.retries)
            .field("squeeze", &self.squeeze)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divides_the_waits_by_the_factor() {
        let sender = Sender::to("http://localhost").unwrap();
        let squeezed = sender.clone().squeezed(1000.0).wait_before(10);
        assert_eq!(squeezed, sender.wait_before(10) / 1000);
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let same = sender.clone().squeezed(factor).wait_before(1);
            assert_eq!(same, sender.wait_before(1));
        }
        assert!(sender.wait_before(u32::MAX) > Duration::from_secs(1 << 40));
    }
}
