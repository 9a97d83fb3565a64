//! The handlers' own records: a line when one starts, and a line when it ends.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::PathBuf,
};

use topper_core::Webhook;

/// A file that several programs write to.
#[derive(Clone, Debug)]
pub(super) struct Runs(PathBuf);

/// One run of a handler. Its start and its end are lines of the file, so that all runs are in one
/// order, whatever clocks say.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) order: String,
    pub(super) id: String,
    pub(super) start: usize,
    /// `None` when it was killed.
    pub(super) end: Option<usize>,
}

impl Runs {
    pub(super) fn of(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn make(&self) {
        drop(File::create(&self.0).unwrap());
    }

    /// Writes that a handler starts (`start`) or ends (`end`). What is appended at once is one line.
    pub(super) fn write(&self, what: &str, webhook: &Webhook) -> io::Result<()> {
        let order = webhook.event().ok().and_then(|event| event.order_id()).unwrap_or("none");
        let line = format!("{what} {} {order} {}\n", std::process::id(), webhook.id());
        OpenOptions::new().append(true).open(&self.0)?.write_all(line.as_bytes())
    }

    /// All runs, in the order in which they started.
    pub(super) fn all(&self) -> Vec<Run> {
        let text = std::fs::read_to_string(&self.0).unwrap();
        let mut runs: Vec<Run> = Vec::new();
        let mut open = HashMap::new();
        for (line, text) in text.lines().enumerate() {
            let words: Vec<_> = text.split(' ').collect();
            let &[what, program, order, id] = words.as_slice() else { panic!("{text}") };
            match what {
                "start" => {
                    open.insert((program, id), runs.len());
                    let (order, id) = (order.to_owned(), id.to_owned());
                    runs.push(Run { order, id, start: line, end: None });
                }
                "end" => {
                    let run = open.remove(&(program, id)).unwrap();
                    runs.get_mut(run).unwrap().end = Some(line);
                }
                _ => panic!("{text}"),
            }
        }
        runs
    }
}

/// Runs that started while another one of the same order had not ended, with that.
pub(super) fn overlapping(runs: &[Run]) -> Vec<(Run, Run)> {
    let mut last: HashMap<&str, &Run> = HashMap::new();
    let mut overlapping = Vec::new();
    for run in runs {
        let earlier = last.get(run.order.as_str());
        if let Some(earlier) =
            earlier.filter(|earlier| earlier.end.is_some_and(|end| end > run.start))
        {
            overlapping.push(((*earlier).clone(), run.clone()));
        }
        // Of those before, the one that ends last.
        if earlier.is_none_or(|earlier| earlier.end < run.end) {
            last.insert(&run.order, run);
        }
    }
    overlapping
}

/// The ids that ran of each order, in the order in which they ended.
pub(super) fn by_order(runs: &[Run]) -> HashMap<String, Vec<String>> {
    let mut ended: Vec<_> = runs.iter().filter(|run| run.end.is_some()).collect();
    ended.sort_by_key(|run| run.end);
    let mut orders: HashMap<String, Vec<String>> = HashMap::new();
    for run in ended {
        orders.entry(run.order.clone()).or_default().push(run.id.clone());
    }
    orders
}

#[test]
fn finds_runs_that_overlap() {
    let run = |start, end| Run { order: "order".into(), id: "id".into(), start, end };
    let count = |runs: &[Run]| overlapping(runs).len();
    assert_eq!(count(&[run(0, Some(1)), run(2, Some(3)), run(4, None), run(5, Some(6))]), 0);
    assert_eq!(count(&[run(0, Some(2)), run(1, Some(3))]), 1);
    assert_eq!(count(&[run(0, Some(5)), run(1, Some(2)), run(3, None)]), 2);
    let other = Run { order: "other".into(), ..run(1, Some(3)) };
    assert_eq!(count(&[run(0, Some(2)), other]), 0);
}
