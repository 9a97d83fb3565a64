//! The checker. It reads the journal and the effects, and counts what must not happen. It uses nothing of
//! the product, so that a fault of the product cannot hide itself.

use std::{collections::HashMap, fmt};

mod history;
#[cfg(test)]
mod tests;

use history::{History, Run, Sent, Time};

/// After a kill, another receiver takes over this much later. The receivers have the same term.
const LEASE: Time = 5_000_000;
/// In this time after its last line a handler's event is marked, unless something is wrong.
const MARK: Time = 2_000_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Acknowledged, and never done.
    Lost,
    /// Done, or begun again, after it was done, with nothing wrong between the first time and its mark.
    Twice,
    /// A handler began while another one ran for the same event, or in an inbox for the same order.
    AtOnce,
    /// Acknowledged by `Once` before it was done.
    Early,
    /// A forged or invalid delivery was acknowledged, or reached a handler.
    Accepted,
    /// Genuine, and answered so that Topper does not send it again.
    Refused,
    /// Genuine, and never acknowledged in all of Topper's attempts.
    GivenUp,
    /// A line of a record that cannot be read.
    Unreadable,
    /// Done again after a kill or a failure of the store: allowed, since a mark can be lost with it.
    Repeated,
    /// Run at once after a failure of the store that was longer than what was left of a lease: allowed.
    LeaseRanOut,
}

impl Kind {
    pub(crate) const FAULTS: [Self; 8] = [
        Self::Lost,
        Self::Twice,
        Self::AtOnce,
        Self::Early,
        Self::Accepted,
        Self::Refused,
        Self::GivenUp,
        Self::Unreadable,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lost => "acknowledged and never done",
            Self::Twice => "done twice",
            Self::AtOnce => "run at the same time",
            Self::Early => "acknowledged before it was done",
            Self::Accepted => "forged or invalid, and accepted",
            Self::Refused => "genuine, and refused for good",
            Self::GivenUp => "never acknowledged",
            Self::Unreadable => "a line that cannot be read",
            Self::Repeated => "done again after a kill or a failure of the store",
            Self::LeaseRanOut => "run at the same time after a failure of the store",
        })
    }
}

/// One thing that was found.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    /// The receiver, with the number of its start.
    pub(crate) receiver: String,
    pub(crate) what: String,
}

/// All that was found, and how much was looked at.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    /// Genuine events that were acknowledged.
    pub(crate) acknowledged: usize,
    /// Of these, how many are in an inbox and not done.
    pub(crate) missing: usize,
}

impl Report {
    /// How many of a kind, of all receivers or of one.
    pub(crate) fn count(&self, kind: Kind, receiver: Option<&str>) -> usize {
        let is_meant = |finding: &&Finding| {
            let (name, _) = finding.receiver.rsplit_once('.').unwrap_or((&finding.receiver, ""));
            finding.kind == kind && receiver.is_none_or(|receiver| receiver == name)
        };
        self.findings.iter().filter(is_meant).count()
    }

    fn add(&mut self, kind: Kind, receiver: &str, what: impl Into<String>) {
        self.findings.push(Finding { kind, receiver: receiver.to_owned(), what: what.into() });
    }
}

/// Reads both records, and counts.
pub(crate) fn check(journal: &str, effects: &str) -> Report {
    let history = History::read(journal, effects);
    let mut report = Report::default();
    for line in &history.unreadable {
        report.add(Kind::Unreadable, "", line);
    }
    let mut runs: HashMap<&str, Vec<&Run>> = HashMap::new();
    let mut orders: HashMap<&str, Vec<&Run>> = HashMap::new();
    for run in &history.runs {
        runs.entry(&run.event).or_default().push(run);
        if run.event.starts_with("inbox-") {
            orders.entry(&run.order).or_default().push(run);
        }
    }
    let mut genuine: HashMap<&str, Vec<&Sent>> = HashMap::new();
    for sent in &history.sent {
        if sent.is_genuine {
            genuine.entry(&sent.event).or_default().push(sent);
        } else if (200..300).contains(&sent.status) {
            report.add(Kind::Accepted, &sent.to, &sent.event);
        }
    }
    for (event, attempts) in &genuine {
        answers(&history, event, attempts, runs.get(event).map_or(&[], Vec::as_slice), &mut report);
    }
    for (event, runs) in &mut runs {
        if !genuine.contains_key(event) {
            let receiver = runs.first().map_or("", |run| &run.receiver);
            report.add(Kind::Accepted, receiver, *event);
        }
        again(&history, event, runs, &mut report);
        at_once(&history, event, runs, |_, _| true, &mut report);
    }
    for (order, runs) in &mut orders {
        // Those of one event are counted above.
        at_once(&history, order, runs, |one, other| one.event != other.event, &mut report);
    }
    report.findings.sort_by(|one, other| (one.kind, &one.what).cmp(&(other.kind, &other.what)));
    report
}

fn answers(history: &History, event: &str, attempts: &[&Sent], runs: &[&Run], report: &mut Report) {
    let is_final = |status: u16| match status {
        // No answer in time, or no connection.
        0 => false,
        408 | 409 | 429 => false,
        status => !(500..600).contains(&status),
    };
    for sent in attempts.iter().filter(|sent| !(200..300).contains(&sent.status)) {
        if is_final(sent.status) {
            report.add(Kind::Refused, &sent.to, format!("{event}: {}", sent.status));
        }
    }
    let acknowledged = attempts.iter().filter(|sent| (200..300).contains(&sent.status));
    let done = runs.iter().filter_map(|run| run.done()).min();
    match (acknowledged.min_by_key(|sent| sent.answered), done) {
        (Some(first), None) => {
            report.acknowledged += 1;
            report.missing += usize::from(event.starts_with("inbox-"));
            report.add(Kind::Lost, &first.to, event);
        }
        (Some(first), Some(done)) => {
            report.acknowledged += 1;
            if event.starts_with("once-") && first.answered < done {
                report.add(Kind::Early, &first.to, event);
            }
        }
        (None, _) => {
            if let Some(last) = attempts.last().filter(|_| history.given_up.contains(event)) {
                report.add(Kind::GivenUp, &last.to, event);
            }
        }
    }
}

/// Runs of an event that were done or began after another one was done.
fn again(history: &History, event: &str, runs: &[&Run], report: &mut Report) {
    for second in runs {
        let time = second.done().unwrap_or(second.begin);
        let earlier = runs.iter().filter_map(|run| Some((*run, run.done()?)));
        let earlier = earlier.filter(|(run, done)| *done <= time && run.name != second.name);
        let Some((first, done)) = earlier.max_by_key(|(_, done)| *done) else { continue };
        let until = done + MARK;
        let is_killed = history.is_killed(&first.receiver, done, until);
        let is_failing = history.is_failing(event, first.begin, until);
        let kind = if is_killed || is_failing { Kind::Repeated } else { Kind::Twice };
        let what = format!("{event}: {}, then {}", first.name, second.name);
        report.add(kind, &second.receiver, what);
    }
}

/// Runs that began while another one had not ended.
fn at_once(
    history: &History,
    what: &str,
    runs: &mut [&Run],
    is_meant: impl Fn(&Run, &Run) -> bool,
    report: &mut Report,
) {
    runs.sort_by_key(|run| run.begin);
    // Of those before, the one that ends last.
    let mut last: Option<(&Run, Time)> = None;
    for run in runs {
        if let Some((other, end)) =
            last.filter(|(other, end)| *end > run.begin && is_meant(other, run))
        {
            let is_failing = history.is_failing(&run.event, other.begin, run.begin);
            let kind = if is_failing { Kind::LeaseRanOut } else { Kind::AtOnce };
            let time = (end.min(run.begin + 3600 * 1_000_000) - run.begin) / 1000;
            let text = format!("{what}: {} and {} for {time} ms", other.name, run.name);
            report.add(kind, &run.receiver, text);
        }
        let end = history.end(run);
        if last.is_none_or(|(_, other)| other < end) {
            last = Some((run, end));
        }
    }
}
