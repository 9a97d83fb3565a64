//! What happened, from the two records. Each line is words with spaces between them:
//!
//! ```text
//! sent KIND EVENT STATUS SENT ANSWERED RECEIVER   # status 0: no answer; the times in microseconds
//! gave-up EVENT TIME
//! killed RECEIVER TIME
//! ended RECEIVER TIME
//! down STORE TIME
//! up STORE TIME
//!
//! begin RUN EVENT ORDER TIME                      # RUN is RECEIVER#NUMBER
//! done RUN TIME
//! failed RUN TIME
//! ```

use std::collections::{HashMap, HashSet};

use super::LEASE;

/// Microseconds since 1970.
pub(super) type Time = u64;

#[derive(Debug)]
pub(super) struct Sent {
    pub(super) is_genuine: bool,
    pub(super) event: String,
    pub(super) status: u16,
    pub(super) answered: Time,
    pub(super) to: String,
}

#[derive(Debug)]
pub(super) struct Run {
    pub(super) name: String,
    pub(super) receiver: String,
    pub(super) event: String,
    pub(super) order: String,
    pub(super) begin: Time,
    /// When it ended, and whether it was done.
    end: Option<(Time, bool)>,
}

impl Run {
    pub(super) fn done(&self) -> Option<Time> {
        self.end.filter(|(_, is_done)| *is_done).map(|(time, _)| time)
    }
}

#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) sent: Vec<Sent>,
    pub(super) given_up: HashSet<String>,
    pub(super) runs: Vec<Run>,
    pub(super) unreadable: Vec<String>,
    killed: HashMap<String, Time>,
    ended: HashMap<String, Time>,
    /// From when to when each store failed.
    failures: HashMap<String, Vec<(Time, Time)>>,
}

impl History {
    pub(super) fn read(journal: &str, effects: &str) -> Self {
        let mut history = Self::default();
        for line in journal.lines() {
            if history.journal(line).is_none() {
                history.unreadable.push(line.to_owned());
            }
        }
        let mut open = HashMap::new();
        for line in effects.lines() {
            if history.effect(line, &mut open).is_none() {
                history.unreadable.push(line.to_owned());
            }
        }
        history
    }

    fn journal(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split(' ').collect();
        match *words.as_slice() {
            ["sent", kind, event, status, sent, answered, to] => {
                let _: Time = sent.parse().ok()?;
                self.sent.push(Sent {
                    is_genuine: match kind {
                        "genuine" => true,
                        "forged" | "junk" => false,
                        _ => return None,
                    },
                    event: event.to_owned(),
                    status: status.parse().ok()?,
                    answered: answered.parse().ok()?,
                    to: to.to_owned(),
                });
            }
            ["gave-up", event, _] => drop(self.given_up.insert(event.to_owned())),
            ["killed", receiver, time] => {
                self.killed.insert(receiver.to_owned(), time.parse().ok()?);
            }
            ["ended", receiver, time] => {
                self.ended.insert(receiver.to_owned(), time.parse().ok()?);
            }
            ["down", store, time] => {
                let failures = self.failures.entry(store.to_owned()).or_default();
                failures.push((time.parse().ok()?, Time::MAX));
            }
            ["up", store, time] => {
                let last = self.failures.get_mut(store)?.last_mut()?;
                last.1 = time.parse().ok()?;
            }
            _ => return None,
        }
        Some(())
    }

    fn effect(&mut self, line: &str, open: &mut HashMap<String, usize>) -> Option<()> {
        let words: Vec<&str> = line.split(' ').collect();
        match *words.as_slice() {
            ["begin", name, event, order, time] => {
                let (receiver, _) = name.split_once('#')?;
                open.insert(name.to_owned(), self.runs.len());
                self.runs.push(Run {
                    name: name.to_owned(),
                    receiver: receiver.to_owned(),
                    event: event.to_owned(),
                    order: order.to_owned(),
                    begin: time.parse().ok()?,
                    end: None,
                });
            }
            [what @ ("done" | "failed"), name, time] => {
                let run = self.runs.get_mut(open.remove(name)?)?;
                run.end = Some((time.parse().ok()?, what == "done"));
            }
            _ => return None,
        }
        Some(())
    }

    /// When a run was over, at the latest with its receiver.
    pub(super) fn end(&self, run: &Run) -> Time {
        let receiver = || {
            let killed = self.killed.get(&run.receiver);
            killed.or_else(|| self.ended.get(&run.receiver)).copied()
        };
        run.end.map(|(time, _)| time).or_else(receiver).unwrap_or(Time::MAX)
    }

    pub(super) fn is_killed(&self, receiver: &str, from: Time, to: Time) -> bool {
        // The time is from before the signal is sent.
        let lately = 100_000;
        self.killed.get(receiver).is_some_and(|time| (from - lately..=to).contains(time))
    }

    /// Whether the event's store failed in this time, or so shortly before that a lease could run out.
    pub(super) fn is_failing(&self, event: &str, from: Time, to: Time) -> bool {
        let store = event.split('.').next().and_then(|group| Some(group.split_once('-')?.1));
        let failures = store.and_then(|store| self.failures.get(store));
        failures.into_iter().flatten().any(|(down, up)| {
            let over = up.saturating_add(LEASE);
            *down <= to && from <= over
        })
    }
}
