//! The tables that are printed at the end.

use std::{fmt::Write as _, time::Duration};

use crate::{
    check::{Kind, Report},
    flat::{Measured, percentile},
    run::{Run, lock},
};

/// What is printed of the findings, at most.
const MOST: usize = 40;

/// A row for each receiver, with what the checker counted.
pub(crate) fn receivers(run: &Run, report: &Report) -> String {
    let mut text = format!(
        "{:<32}{:>7}{:>7}{:>8}{:>8}{:>6}{:>6}{:>8}{:>6}{:>9}{:>8}{:>9}{:>9}\n",
        "receiver",
        "starts",
        "end s",
        "p50 ms",
        "p99 ms",
        "lost",
        "twice",
        "at once",
        "early",
        "accepted",
        "refused",
        "given up",
        "repeated"
    );
    for group in &run.groups {
        let latencies = lock(&group.latencies);
        for (number, slot) in group.slots.iter().enumerate() {
            let of_slot = latencies.iter().filter(|latency| latency.slot == number);
            let times: Vec<Duration> = of_slot.map(|latency| latency.time).collect();
            let at = |percent| {
                let time = percentile(times.clone(), percent);
                time.map_or("-".to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1000.0))
            };
            let name = &slot.receiver.name;
            let count = |kind| report.count(kind, Some(name));
            let _ = writeln!(
                text,
                "{name:<32}{:>7}{:>7.1}{:>8}{:>8}{:>6}{:>6}{:>8}{:>6}{:>9}{:>8}{:>9}{:>9}",
                slot.name().rsplit('.').next().unwrap_or_default(),
                slot.slowest_end().as_secs_f64(),
                at(50),
                at(99),
                count(Kind::Lost),
                count(Kind::Twice),
                count(Kind::AtOnce),
                count(Kind::Early),
                count(Kind::Accepted),
                count(Kind::Refused),
                count(Kind::GivenUp),
                count(Kind::Repeated) + count(Kind::LeaseRanOut),
            );
        }
    }
    text.push_str(
        "\"end s\" is the longest time from SIGTERM to the end, with 1 s of SHUTDOWN_DELAY. \"repeated\" is allowed: after a kill, or a failure of the store, before an event was marked.\n",
    );
    text
}

/// A row for each thing that must be flat.
pub(crate) fn flat(measured: &[Measured]) -> String {
    let mut text = format!(
        "{:<44}{:>14}{:>14}{:>14}\n",
        "median of a third of the run", "middle third", "last third", "at most"
    );
    for it in measured {
        let what = format!(
            "{} {}",
            it.what,
            if it.unit.is_empty() { String::new() } else { format!("({})", it.unit) }
        );
        let is_flat = if it.is_flat() { "" } else { "  GROWS" };
        let _ = writeln!(
            text,
            "{what:<44}{:>14.0}{:>14.0}{:>14.0}{is_flat}",
            it.middle, it.last, it.most
        );
    }
    text
}

/// Each finding that is a fault, up to a number.
pub(crate) fn findings(report: &Report) -> String {
    let is_fault = |kind: &Kind| Kind::FAULTS.contains(kind);
    let faults: Vec<_> = report.findings.iter().filter(|it| is_fault(&it.kind)).collect();
    let mut text = String::new();
    for finding in faults.iter().take(MOST) {
        let _ = writeln!(text, "{}: {}: {}", finding.receiver, finding.kind, finding.what);
    }
    if faults.len() > MOST {
        let _ = writeln!(text, "and {} more", faults.len() - MOST);
    }
    text
}
