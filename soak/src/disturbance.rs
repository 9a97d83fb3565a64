//! What is broken during a run: receivers are killed or told to end, and started again; stores fail.

use std::{
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use crate::{
    random::Random,
    run::{Group, Run},
};

/// Starts the threads that break things until the run is calm.
pub(crate) fn start(run: &Arc<Run>) -> Vec<JoinHandle<()>> {
    let mut threads = Vec::new();
    for at in 0..run.groups.len() {
        let run = Arc::clone(run);
        threads.push(thread::spawn(move || {
            if let Some(group) = run.groups.get(at) {
                receivers(&run, group);
            }
        }));
    }
    for store in &run.stores {
        let (run, store, runtime) = (Arc::clone(run), Arc::clone(store), Handle::current());
        let mut random = Random::new(run.options.seed, store.name);
        threads.push(thread::spawn(move || {
            let every =
                (run.options.time / 5).clamp(Duration::from_secs(8), Duration::from_secs(90));
            while wait(&run, random.about(every)) {
                let time = random.about(Duration::from_secs(2));
                let is_told = random.is_one_in(2);
                run.note(store.fail(time, is_told, &run.journal, &runtime));
            }
        }));
    }
    threads
}

/// Ends one receiver after the other.
fn receivers(run: &Run, group: &Group) {
    let every = (run.options.time / 40).clamp(Duration::from_secs(3), Duration::from_secs(15));
    let mut random = Random::new(run.options.seed, &group.name);
    let killed: Vec<_> = group.slots.iter().filter(|slot| !slot.receiver.is_steady).collect();
    while wait(run, random.about(every)) {
        let Some(slot) = random.one_of(&killed) else { return };
        if random.is_one_in(3) {
            run.journal.restarts.fetch_add(1, Ordering::Relaxed);
            run.note(slot.terminate(&run.journal));
        } else {
            run.note(slot.kill(&run.journal));
            thread::sleep(random.about(Duration::from_secs(1)));
        }
        run.note(slot.launch().and_then(|()| slot.wait(&run.journal)));
    }
}

/// Waits, and says whether there is more to break afterwards.
fn wait(run: &Run, time: Duration) -> bool {
    let end = Instant::now() + time;
    while Instant::now() < end && !run.is_calm.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(50));
    }
    !run.is_calm.load(Ordering::Relaxed)
}
