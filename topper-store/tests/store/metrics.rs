//! What is counted and measured of `Once` and its store.

use std::{collections::BTreeMap, time::Duration};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::time::sleep;
use topper_core::{Outcome, Reply, Retry, Webhook};
use topper_store::{MemoryStore, Once};

use crate::log::{Down, webhook};

/// What was recorded since the last time.
pub(crate) struct Recorded(Snapshotter);

/// Runs it on one thread, which records.
pub(crate) fn run<F: Future<Output = ()>>(test: impl FnOnce(Recorded) -> F) {
    let recorder = DebuggingRecorder::new();
    let recorded = Recorded(recorder.snapshotter());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || runtime.block_on(test(recorded)));
}

impl Recorded {
    /// Each series as `name{label=value,...}`, with a counter's growth, a gauge, or how often a histogram
    /// measured.
    pub(crate) fn all(&self) -> BTreeMap<String, f64> {
        let series = self.0.snapshot().into_vec().into_iter();
        series
            .map(|(key, _, _, value)| {
                let labels = key.key().labels();
                let mut labels: Vec<String> =
                    labels.map(|label| format!("{}={}", label.key(), label.value())).collect();
                labels.sort();
                (format!("{}{{{}}}", key.key().name(), labels.join(",")), amount(&value))
            })
            .collect()
    }

    /// Those that moved.
    pub(crate) fn moved(&self) -> BTreeMap<String, f64> {
        self.all().into_iter().filter(|(_, value)| *value != 0.0).collect()
    }

    /// Those that moved, exactly; what verifying records is no part of it.
    #[track_caller]
    pub(crate) fn assert_moved(&self, expected: &[(&str, f64)]) {
        let mut moved = self.moved();
        moved.retain(|series, _| !series.starts_with("topper_key_matches_total"));
        let expected: BTreeMap<String, f64> =
            expected.iter().map(|(series, value)| ((*series).to_owned(), *value)).collect();
        assert_eq!(moved, expected);
    }
}

#[expect(clippy::cast_precision_loss, reason = "tests count few things")]
fn amount(value: &DebugValue) -> f64 {
    match value {
        DebugValue::Counter(count) => *count as f64,
        DebugValue::Gauge(value) => value.into_inner(),
        DebugValue::Histogram(values) => values.len() as f64,
    }
}

async fn process(_: Webhook) -> Result<Outcome, Retry> {
    Ok(Outcome::Processed)
}

#[test]
fn each_delivery_is_counted_once_and_each_question_to_the_store() {
    run(async |recorded: Recorded| {
        let once = Once::new(MemoryStore::new());
        assert_eq!(once.run(webhook("id"), process).await, Reply::Processed);
        recorded.assert_moved(&[
            ("topper_deliveries_total{reply=processed,webhook=sandbox}", 1.0),
            ("topper_delivery_duration_seconds{webhook=sandbox}", 1.0),
            ("topper_handler_duration_seconds{outcome=processed,webhook=sandbox}", 1.0),
            ("topper_store_duration_seconds{operation=claim,webhook=sandbox}", 1.0),
            ("topper_store_duration_seconds{operation=complete,webhook=sandbox}", 1.0),
        ]);
        assert_eq!(once.run(webhook("id"), process).await, Reply::Duplicate);
        recorded.assert_moved(&[
            ("topper_deliveries_total{reply=duplicate,webhook=sandbox}", 1.0),
            ("topper_delivery_duration_seconds{webhook=sandbox}", 1.0),
            ("topper_store_duration_seconds{operation=claim,webhook=sandbox}", 1.0),
        ]);
        let fails = |_| async { Err("the ledger is closed")? };
        assert_eq!(once.run(webhook("other"), fails).await, Reply::Retry);
        recorded.assert_moved(&[
            ("topper_deliveries_total{reply=retry,webhook=sandbox}", 1.0),
            ("topper_delivery_duration_seconds{webhook=sandbox}", 1.0),
            ("topper_handler_duration_seconds{outcome=retry,webhook=sandbox}", 1.0),
            ("topper_store_duration_seconds{operation=claim,webhook=sandbox}", 1.0),
            ("topper_store_duration_seconds{operation=release,webhook=sandbox}", 1.0),
        ]);
    });
}

#[test]
fn a_delivery_over_its_budget_is_counted_with_its_answer_and_its_handler_when_it_ends() {
    run(async |recorded: Recorded| {
        let once = Once::new(MemoryStore::new()).budget(Duration::from_millis(50));
        let slow = |_| async {
            sleep(Duration::from_millis(200)).await;
            Ok(Outcome::Processed)
        };
        assert_eq!(once.run(webhook("id"), slow).await, Reply::Retry);
        recorded.assert_moved(&[
            ("topper_deliveries_total{reply=retry,webhook=sandbox}", 1.0),
            ("topper_delivery_duration_seconds{webhook=sandbox}", 1.0),
            ("topper_store_duration_seconds{operation=claim,webhook=sandbox}", 1.0),
        ]);
        once.drain().await;
        recorded.assert_moved(&[
            ("topper_handler_duration_seconds{outcome=processed,webhook=sandbox}", 1.0),
            ("topper_store_duration_seconds{operation=complete,webhook=sandbox}", 1.0),
        ]);
    });
}

#[test]
fn a_store_that_fails_is_counted() {
    run(async |recorded: Recorded| {
        let once = Once::new(Down);
        assert_eq!(once.run(webhook("id"), process).await, Reply::Retry);
        let moved = recorded.moved();
        for series in [
            "topper_deliveries_total{reply=retry,webhook=sandbox}",
            "topper_store_errors_total{operation=claim,webhook=sandbox}",
        ] {
            assert_eq!(moved.get(series), Some(&1.0), "{series}: {moved:?}");
        }
        let handled = moved.keys().any(|series| series.starts_with("topper_handler"));
        assert!(!handled, "the handler ran: {moved:?}");
    });
}
