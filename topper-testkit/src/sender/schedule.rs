//! When a delivery is retried.

use std::time::Duration;

use topper_core::protocol;

/// The first wait in seconds: doubled each time, ten of them make 3 hours.
const FIRST_WAIT: f64 = 10.557;

/// Returns when a [`Sender`](super::Sender) makes each attempt at a delivery that never succeeds: the
/// times between the attempts, added up from the first attempt, which is at 0.
///
/// The time until each answer is not included. Topper documents only the number of its retries, and
/// that they take about 3 hours; the exact times are an assumption.
///
/// # Examples
///
/// ```
/// let times: Vec<u64> = topper_testkit::retry_schedule().map(|time| time.as_secs()).collect();
/// assert_eq!(times, [0, 10, 31, 73, 158, 327, 665, 1340, 2692, 5394, 10799]);
/// ```
pub fn retry_schedule() -> impl Iterator<Item = Duration> {
    (0..=protocol::MAX_RETRIES).scan(0.0, |seconds, retry| {
        if retry > 0 {
            *seconds += wait_before(retry);
        }
        Some(Duration::from_secs_f64(*seconds))
    })
}

/// The seconds before a retry, the first of which is 1.
pub(super) fn wait_before(retry: u32) -> f64 {
    let doublings = i32::try_from(retry).unwrap_or(i32::MAX).saturating_sub(1);
    FIRST_WAIT * 2_f64.powi(doublings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_make_three_hours() {
        let times: Vec<Duration> = retry_schedule().collect();
        assert_eq!((times.len(), times[0]), (1 + protocol::MAX_RETRIES as usize, Duration::ZERO));
        let waits: Vec<f64> =
            times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect();
        assert!(waits.windows(2).all(|pair| (pair[1] - pair[0] * 2.0).abs() < 1e-3), "{waits:?}");
        let last = times[times.len() - 1];
        assert!(last.abs_diff(protocol::RETRY_WINDOW) < Duration::from_secs(1), "{last:?}");
    }
}
