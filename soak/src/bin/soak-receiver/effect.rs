//! The file of effects. A handler writes a line when it begins, and another one when it ends.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The file of effects, which all receivers append to.
#[derive(Clone)]
pub(crate) struct Effects {
    file: Arc<File>,
    name: Arc<str>,
    next: Arc<AtomicU64>,
}

impl Effects {
    pub(crate) fn open(path: &str, name: &str) -> io::Result<Self> {
        let file = Arc::new(OpenOptions::new().create(true).append(true).open(path)?);
        Ok(Self { file, name: name.into(), next: Arc::default() })
    }

    /// A handler begins with an event.
    pub(crate) fn begin(&self, event: &str, order: &str) -> io::Result<Run> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.write(&format!("begin {}#{number} {event} {order}", self.name))?;
        Ok(Run { effects: self.clone(), number })
    }

    /// In one write, so that lines of several programs do not mix, and a kill leaves no half of one.
    fn write(&self, line: &str) -> io::Result<()> {
        (&*self.file).write_all(format!("{line} {}\n", now().as_micros()).as_bytes())
    }
}

/// Since 1970.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// One run of the handler.
pub(crate) struct Run {
    effects: Effects,
    number: u64,
}

impl Run {
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn done(&self) -> io::Result<()> {
        self.effects.write(&format!("done {}#{}", self.effects.name, self.number))
    }

    pub(crate) fn failed(&self) -> io::Result<()> {
        self.effects.write(&format!("failed {}#{}", self.effects.name, self.number))
    }
}
