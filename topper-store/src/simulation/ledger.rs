//! Who ran which handler when, and under which lease.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::world::Process;

#[derive(Default)]
pub(super) struct Ledger {
    runs: Vec<Run>,
    /// When each lease was given or renewed, and for how long, by its owner.
    leases: BTreeMap<Vec<u8>, (Duration, Duration)>,
    /// The owner of the last lease that a process got on an event.
    owners: BTreeMap<(usize, u64, String), Vec<u8>>,
    marked: BTreeSet<String>,
    /// When a request of a host did not get through in time.
    disturbed: BTreeMap<usize, Vec<Duration>>,
    /// When the clock was set, and by how many milliseconds.
    steps: Vec<(Duration, i64)>,
}

struct Run {
    process: Process,
    id: String,
    order: Option<usize>,
    lease: Vec<u8>,
    from: Duration,
    to: Option<Duration>,
    has_succeeded: bool,
}

impl Ledger {
    pub(super) fn leases(
        &mut self,
        process: Process,
        (id, owner): (&str, &[u8]),
        time: Duration,
        term: Duration,
    ) {
        let is_new = self.leases.insert([owner, id.as_bytes()].concat(), (time, term)).is_none();
        if is_new {
            let place = (process.host, process.start, id.to_owned());
            self.owners.insert(place, [owner, id.as_bytes()].concat());
        }
    }

    pub(super) fn disturbs(&mut self, process: Process, time: Duration) {
        self.disturbed.entry(process.host).or_default().push(time);
    }

    pub(super) fn steps(&mut self, time: Duration, millis: i64) {
        self.steps.push((time, millis));
    }

    pub(super) fn forward(&self) -> Duration {
        let forward = self.steps.iter().map(|(_, millis)| u64::try_from(*millis).unwrap_or(0));
        Duration::from_millis(forward.sum())
    }

    pub(super) fn marks(&mut self, id: &str) {
        self.marked.insert(id.to_owned());
    }

    pub(super) fn is_marked(&self, id: &str) -> bool {
        self.marked.contains(id)
    }

    /// What a process ran ends with it.
    pub(super) fn stops(&mut self, process: Process, time: Duration) {
        for run in self.runs.iter_mut().filter(|run| run.process == process) {
            run.to.get_or_insert(time);
        }
    }

    /// A handler begins. No other one of its event or its order may run, unless its lease was lost for
    /// a reason, and its event must not be done.
    pub(super) fn begins(
        &mut self,
        process: Process,
        (id, order): (&str, Option<usize>),
        time: Duration,
        longest: Duration,
    ) -> (usize, Option<String>) {
        let open = self.runs.iter().filter(|run| run.to.is_none());
        let others = open.filter(|run| run.id == id || (order.is_some() && run.order == order));
        let violation = match others.clone().find(|run| !self.may_be_lost(run, time, longest)) {
            Some(other) => Some(format!(
                "{process} runs the handler of {id} while {} runs that of {}, whose lease holds",
                other.process, other.id
            )),
            None if self.marked.contains(id) => {
                Some(format!("{process} runs the handler of {id}, which is done"))
            }
            None => None,
        };
        let id = id.to_owned();
        let place = (process.host, process.start, id.clone());
        let lease = self.owners.get(&place).cloned().unwrap_or_default();
        let (from, has_succeeded) = (time, false);
        self.runs.push(Run { process, id, order, lease, from, to: None, has_succeeded });
        (self.runs.len() - 1, violation)
    }

    /// Whether a lease could be lost although its handler runs: the term is over, and it was not renewed
    /// because requests did not get through, or since the handler has run for too long, or the clock was
    /// set forward.
    fn may_be_lost(&self, run: &Run, time: Duration, longest: Duration) -> bool {
        let Some((renewed, term)) = self.leases.get(&run.lease) else { return false };
        let is_since = |at: &Duration| *at >= *renewed;
        if self.steps.iter().any(|(at, millis)| is_since(at) && *millis > 0) {
            return true;
        }
        if time < *renewed + *term {
            return false;
        }
        let disturbed = self.disturbed.get(&run.process.host);
        disturbed.is_some_and(|times| times.iter().any(is_since)) || time >= run.from + longest
    }

    pub(super) fn finishes(&mut self, run: usize, time: Duration, has_succeeded: bool) -> String {
        let run = self.runs.get_mut(run).unwrap();
        run.to.get_or_insert(time);
        run.has_succeeded = has_succeeded;
        run.id.clone()
    }

    pub(super) fn runs(&self, id: &str) -> (usize, usize) {
        let runs = self.runs.iter().filter(|run| run.id == id);
        (runs.clone().count(), runs.filter(|run| run.has_succeeded).count())
    }
}
