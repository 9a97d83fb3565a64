//! What happens, and what has happened.

use std::{
    fmt,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

use super::{clock, ledger::Ledger, plan::Plan, random::Random};
use crate::EventKey;

/// A receiver, from a start to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) host: usize,
    /// How often it was started before.
    pub(super) start: u64,
}

/// What becomes of a request to the store.
pub(super) enum Way {
    /// The process is no more.
    Dead,
    Refused,
    /// It hangs for so long, and then breaks.
    Silent(Duration),
    Open(Open),
}

pub(super) struct Open {
    /// How long the request takes to the store, and the answer back.
    pub(super) there: Duration,
    pub(super) back: Duration,
    pub(super) loses_answer: bool,
}

pub(super) struct World {
    pub(super) plan: Plan,
    began: Instant,
    state: Mutex<State>,
}

struct State {
    random: Random,
    /// How often each host was started; `None` while it is down.
    hosts: Vec<(u64, bool)>,
    /// How often the store was asked since time last passed.
    asked: (Duration, u32),
    ledger: Ledger,
    trace: Vec<String>,
    violation: Option<String>,
}

impl World {
    pub(super) fn new(plan: Plan, random: Random) -> Self {
        let hosts = vec![(0, true); plan.hosts];
        let ledger = Ledger::default();
        let state = State {
            random,
            hosts,
            asked: (Duration::ZERO, 0),
            ledger,
            trace: Vec::new(),
            violation: None,
        };
        Self { plan, began: Instant::now(), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Since the beginning.
    pub(super) fn time(&self) -> Duration {
        self.began.elapsed()
    }

    pub(super) fn random<T>(&self, choose: impl FnOnce(&mut Random) -> T) -> T {
        choose(&mut self.state().random)
    }

    pub(super) fn note(&self, note: impl fmt::Display) {
        let line = format!("{:>12.3} {note}", self.time().as_secs_f64());
        self.state().trace.push(line);
    }

    pub(super) fn trace(&self) -> Vec<String> {
        std::mem::take(&mut self.state().trace)
    }

    /// A property does not hold.
    pub(super) fn violates(&self, what: impl fmt::Display) {
        self.note(format_args!("VIOLATION: {what}"));
        self.state().violation.get_or_insert_with(|| what.to_string());
    }

    pub(super) fn violation(&self) -> Option<String> {
        self.state().violation.clone()
    }

    /// The process that runs on a host now.
    pub(super) fn running(&self, host: usize) -> Option<Process> {
        let (start, is_up) = *self.state().hosts.get(host).unwrap();
        is_up.then_some(Process { host, start })
    }

    pub(super) fn is_alive(&self, process: Process) -> bool {
        self.running(process.host) == Some(process)
    }

    pub(super) fn kills(&self, process: Process) {
        self.note(format_args!("{process} ends"));
        let time = self.time();
        let mut state = self.state();
        state.hosts.get_mut(process.host).unwrap().1 = false;
        state.ledger.stops(process, time);
    }

    pub(super) fn starts(&self, host: usize) -> Process {
        let process = {
            let mut state = self.state();
            let place = state.hosts.get_mut(host).unwrap();
            *place = (place.0 + 1, true);
            Process { host, start: place.0 }
        };
        self.note(format_args!("{process} starts"));
        process
    }

    pub(super) fn steps_clock(&self, millis: i64) {
        self.note(format_args!("the store's clock is set by {} s", millis / 1000));
        clock::step(millis);
        let time = self.time();
        self.state().ledger.steps(time, millis);
    }

    /// By so much the clock was set forward, in all.
    pub(super) fn forward(&self) -> Duration {
        self.state().ledger.forward()
    }

    pub(super) fn way(&self, process: Process, what: &'static str) -> Way {
        if !self.is_alive(process) {
            return Way::Dead;
        }
        let (time, calm) = (self.time(), self.plan.is_calm);
        self.counts(time);
        let way = match self.plan.cut(process.host, time) {
            Some(cut) if cut.is_silent => Way::Silent(cut.to - time),
            Some(_) => Way::Refused,
            None => self.random(|random| {
                let slow = !calm && random.happens(15);
                let there = if slow { random.spread(500, 12_000) } else { random.millis(0, 4) };
                let loses_answer = !calm && random.happens(10);
                let back = random.millis(0, 4);
                Way::Open(Open { there, back, loses_answer })
            }),
        };
        let is_smooth =
            matches!(&way, Way::Open(it) if !it.loses_answer && it.there.as_millis() < 500);
        if !is_smooth {
            self.note(format_args!("{process}: {what} does not get through in time"));
            self.state().ledger.disturbs(process, time);
        }
        way
    }

    /// Asking again and again without waiting never lets time pass.
    fn counts(&self, time: Duration) {
        let mut state = self.state();
        let asked = if state.asked.0 == time { state.asked.1 + 1 } else { 0 };
        state.asked = (time, asked);
        assert!(asked < 100_000, "the store is asked without end at {time:?}");
    }

    /// The store has given or renewed a lease.
    pub(super) fn leased(&self, process: Process, key: &EventKey, owner: &[u8], term: Duration) {
        let time = self.time();
        self.state().ledger.leases(process, (key.id(), owner), time, term);
    }

    /// The store has marked an event as done.
    pub(super) fn marked(&self, key: &EventKey) {
        self.note(format_args!("{} is marked", key.id()));
        self.state().ledger.marks(key.id());
    }

    pub(super) fn is_marked(&self, id: &str) -> bool {
        self.state().ledger.is_marked(id)
    }

    /// A handler begins: the number of its run.
    pub(super) fn begins(&self, process: Process, id: &str, order: Option<usize>) -> usize {
        self.note(format_args!("{process} runs the handler of {id}"));
        let time = self.time();
        let longest = self.plan.longest();
        let (run, violation) = self.state().ledger.begins(process, (id, order), time, longest);
        if let Some(violation) = violation {
            self.violates(violation);
        }
        run
    }

    pub(super) fn finishes(&self, run: usize, has_succeeded: bool) {
        let time = self.time();
        let id = self.state().ledger.finishes(run, time, has_succeeded);
        let how = if has_succeeded { "succeeded" } else { "failed" };
        self.note(format_args!("the handler of {id} has {how}"));
    }

    /// How often an event's handler began, and how often it succeeded.
    pub(super) fn runs(&self, id: &str) -> (usize, usize) {
        self.state().ledger.runs(id)
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}.{}", self.host, self.start)
    }
}
