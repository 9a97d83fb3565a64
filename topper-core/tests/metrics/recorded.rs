//! What is recorded while something runs.

use std::collections::BTreeMap;

use metrics_util::{
    MetricKind,
    debugging::{DebugValue, DebuggingRecorder, Snapshotter},
};

/// A recorder of its own for a test's thread.
pub(crate) struct Recorder {
    recorder: DebuggingRecorder,
    snapshotter: Snapshotter,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let recorder = DebuggingRecorder::new();
        Self { snapshotter: recorder.snapshotter(), recorder }
    }

    /// Runs something, and says what was recorded since the last time.
    pub(crate) fn during(&self, run: impl FnOnce()) -> Recorded {
        metrics::with_local_recorder(&self.recorder, run);
        let series = self.snapshotter.snapshot().into_vec().into_iter();
        Recorded(
            series
                .map(|(key, unit, help, value)| {
                    let mut labels: Vec<(String, String)> = key
                        .key()
                        .labels()
                        .map(|label| (label.key().to_owned(), label.value().to_owned()))
                        .collect();
                    labels.sort();
                    let unit = unit.map(|unit| unit.as_str().to_owned());
                    let help = help.map(|help| help.to_string());
                    let series = Series { kind: key.kind(), unit, help, value: amount(&value) };
                    ((key.key().name().to_owned(), labels), series)
                })
                .collect(),
        )
    }
}

pub(crate) struct Series {
    pub(crate) kind: MetricKind,
    pub(crate) unit: Option<String>,
    pub(crate) help: Option<String>,
    /// A counter's growth, a gauge, or how often a histogram measured.
    pub(crate) value: f64,
}

#[expect(clippy::cast_precision_loss, reason = "tests count few things")]
fn amount(value: &DebugValue) -> f64 {
    match value {
        DebugValue::Counter(count) => *count as f64,
        DebugValue::Gauge(value) => value.into_inner(),
        DebugValue::Histogram(values) => values.len() as f64,
    }
}

pub(crate) struct Recorded(pub(crate) BTreeMap<(String, Vec<(String, String)>), Series>);

impl Recorded {
    /// The series that moved, as `name{label=value,...}`, each with its amount; histograms apart.
    pub(crate) fn moved(&self) -> BTreeMap<String, f64> {
        let moved = self.0.iter().filter(|(_, series)| series.value != 0.0);
        moved
            .map(|((name, labels), series)| {
                let labels: Vec<_> =
                    labels.iter().map(|(label, value)| format!("{label}={value}")).collect();
                (format!("{name}{{{}}}", labels.join(",")), series.value)
            })
            .collect()
    }

    /// The series, whether they moved or not.
    pub(crate) fn names(&self) -> Vec<String> {
        let all = self.0.keys();
        all.map(|(name, labels)| {
            let labels: Vec<_> =
                labels.iter().map(|(label, value)| format!("{label}={value}")).collect();
            format!("{name}{{{}}}", labels.join(","))
        })
        .collect()
    }
}
