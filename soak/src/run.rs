//! What all parts of a run share.

use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::{Duration, Instant},
};

use topper_testkit::TestKey;

use crate::{
    journal::Journal,
    options::Options,
    plan,
    slot::{Setting, Slot},
    store::Store,
};

/// What a thread that panicked leaves is read all the same: the run fails because of the panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) options: Options,
    pub(crate) setting: Setting,
    pub(crate) key: TestKey,
    pub(crate) journal: Journal,
    pub(crate) stores: Vec<Arc<Store>>,
    pub(crate) groups: Vec<Group>,
    pub(crate) began: Instant,
    /// Nothing is broken any more.
    pub(crate) is_calm: AtomicBool,
    /// Nothing new is sent.
    pub(crate) is_over: AtomicBool,
    /// Genuine events that are not acknowledged yet.
    pub(crate) waiting: AtomicUsize,
    /// What went wrong, besides what the checker finds.
    faults: Mutex<Vec<String>>,
}

/// Receivers that share a store.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) store: Arc<Store>,
    pub(crate) slots: Vec<Slot>,
    /// The WAL, for a file of SQLite.
    pub(crate) wal: Option<PathBuf>,
    pub(crate) wal_sizes: Mutex<Vec<(Duration, u64)>>,
    pub(crate) latencies: Mutex<Vec<Latency>>,
}

/// How long a genuine delivery took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency {
    pub(crate) at: Duration,
    pub(crate) slot: usize,
    pub(crate) time: Duration,
}

impl Run {
    /// Starts the stores, then all receivers, and waits until they listen.
    pub(crate) fn start(options: Options, program: PathBuf, folder: PathBuf) -> io::Result<Self> {
        let planned = plan::groups(&options.only, options.seed).map_err(io::Error::other)?;
        let key = TestKey::generate();
        let public_jwk = key.public_jwk();
        let setting = Setting { program, folder: folder.clone(), public_jwk };
        let (mut stores, mut groups): (Vec<Arc<Store>>, _) = (Vec::new(), Vec::new());
        for group in planned {
            let known = stores.iter().find(|store| store.name == group.store).cloned();
            let store = match known {
                Some(store) => store,
                None => {
                    let store = Arc::new(Store::start(group.store, &folder)?);
                    stores.push(Arc::clone(&store));
                    store
                }
            };
            let (name, url) = (group.name(), store.database(group.mode, &folder)?);
            let slots = group
                .receivers
                .into_iter()
                .map(|receiver| Slot::new(receiver, group.mode, url.clone(), setting.clone()));
            let wal =
                (group.store == "sqlite").then(|| folder.join(format!("{}.db-wal", group.mode)));
            groups.push(Group {
                name,
                store,
                slots: slots.collect::<io::Result<_>>()?,
                wal,
                wal_sizes: Mutex::default(),
                latencies: Mutex::default(),
            });
        }
        let run = Self {
            journal: Journal::create(&folder.join("journal"))?,
            options,
            setting,
            key,
            stores,
            groups,
            began: Instant::now(),
            is_calm: AtomicBool::default(),
            is_over: AtomicBool::default(),
            waiting: AtomicUsize::default(),
            faults: Mutex::default(),
        };
        run.slots().try_for_each(Slot::launch)?;
        run.slots().try_for_each(|slot| slot.wait(&run.journal))?;
        Ok(Self { began: Instant::now(), ..run })
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.groups.iter().flat_map(|group| &group.slots)
    }

    /// Keeps an error as a fault.
    pub(crate) fn note(&self, result: io::Result<()>) {
        if let Err(error) = result {
            lock(&self.faults).push(error.to_string());
        }
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        lock(&self.faults).clone()
    }

    pub(crate) fn journal_text(&self) -> io::Result<String> {
        fs::read_to_string(self.setting.folder.join("journal"))
    }

    /// Empty while no handler has run.
    pub(crate) fn effects_text(&self) -> io::Result<String> {
        match fs::read_to_string(self.setting.effects()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read,
        }
    }
}
