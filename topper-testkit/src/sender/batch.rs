//! Several deliveries.

use std::{iter, sync::Arc};

use tokio::sync::Semaphore;

use crate::Delivery;

/// Deliveries to send: in which order, how often, and how many at once.
///
/// # Examples
///
/// ```
/// use topper_testkit::{Batch, Delivery, Lifecycle, TestKey};
///
/// let key = TestKey::generate();
/// let events = Lifecycle::Onramp.events();
/// let deliveries = events.iter().map(|event| Delivery::signed(&key, event.to_json()));
/// // Each three times, in an order that looks random and is the same every time, eight at once.
/// let batch = Batch::new(deliveries).repeated(3).shuffled(7).parallel(8);
/// assert_eq!(batch.len(), 12);
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent yet"]
pub struct Batch {
    pub(super) deliveries: Vec<Arc<Delivery>>,
    pub(super) parallel: usize,
}

impl Batch {
    /// Creates a batch: each delivery once, in order, one at a time.
    pub fn new(deliveries: impl IntoIterator<Item = Delivery>) -> Self {
        Self { deliveries: deliveries.into_iter().map(Arc::new).collect(), parallel: 1 }
    }

    /// Sends each delivery this many times, one right after the other.
    pub fn repeated(mut self, times: usize) -> Self {
        self.deliveries = self
            .deliveries
            .into_iter()
            .flat_map(|delivery| iter::repeat_n(delivery, times))
            .collect();
        self
    }

    /// Shuffles the deliveries; the same seed always gives the same order.
    pub fn shuffled(mut self, seed: u64) -> Self {
        let mut random = seed;
        for last in (1..self.deliveries.len()).rev() {
            random = crate::event::scramble(random);
            let places = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
            self.deliveries.swap(usize::try_from(random % places).unwrap_or(last), last);
        }
        self
    }

    /// Runs up to this many attempts at once, at least one.
    pub fn parallel(mut self, parallel: usize) -> Self {
        self.parallel = parallel.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Returns the number of deliveries.
    pub fn len(&self) -> usize {
        self.deliveries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// Returns the deliveries in the order in which they are sent.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Delivery> {
        self.deliveries.iter().map(AsRef::as_ref)
    }
}

impl<I: IntoIterator<Item = Delivery>> From<I> for Batch {
    fn from(deliveries: I) -> Self {
        Self::new(deliveries)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn bodies(batch: &Batch) -> Vec<u8> {
        batch.iter().map(|delivery| delivery.body[0]).collect()
    }

    fn batch() -> Batch {
        Batch::new((0..10).map(|body| Delivery::unsigned([body])))
    }

    #[test]
    fn repeats_each_right_after_itself() {
        let batch = Batch::new([1, 2].map(|body| Delivery::unsigned([body]))).repeated(3);
        assert_eq!(bodies(&batch), [1, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn shuffles_by_the_seed_and_loses_none() {
        let orders: HashSet<_> = (0..100).map(|seed| bodies(&batch().shuffled(seed))).collect();
        assert!(orders.len() > 95);
        for mut order in orders {
            order.sort_unstable();
            assert_eq!(order, bodies(&batch()));
        }
        assert_eq!(bodies(&batch().shuffled(7)), bodies(&batch().shuffled(7)));
    }
}
