//! A receiver's place: its address stays the same, and a process is started, killed and started again.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    process::Command,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use topper_processes::{Process, free_port};

use crate::{journal::Journal, plan::Receiver, run::lock};

/// How long a receiver may take to listen, also while its store fails: it is started again until then.
const STARTING: Duration = Duration::from_secs(60);

/// What every receiver of a run is started with.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) program: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) public_jwk: String,
}

impl Setting {
    pub(crate) fn effects(&self) -> PathBuf {
        self.folder.join("effects")
    }
}

#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) receiver: Receiver,
    pub(crate) address: SocketAddr,
    mode: &'static str,
    store_url: String,
    setting: Setting,
    starts: AtomicUsize,
    process: Mutex<Option<Process>>,
    samples: Mutex<Vec<Sample>>,
    /// How long it took at most from SIGTERM to its end.
    slowest_end: Mutex<Duration>,
}

/// What a process used at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) at: Duration,
    /// Resident, in KiB.
    pub(crate) memory: u64,
    pub(crate) descriptors: usize,
}

impl Slot {
    pub(crate) fn new(
        receiver: Receiver,
        mode: &'static str,
        store_url: String,
        setting: Setting,
    ) -> io::Result<Self> {
        Ok(Self {
            receiver,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)),
            mode,
            store_url,
            setting,
            starts: AtomicUsize::default(),
            process: Mutex::default(),
            samples: Mutex::default(),
            slowest_end: Mutex::default(),
        })
    }

    /// The name of its process: that of the receiver, and how often it was started.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.receiver.name, self.starts.load(Ordering::Relaxed))
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        lock(&self.process)
    }

    /// Starts a process, which listens later.
    pub(crate) fn launch(&self) -> io::Result<()> {
        self.starts.fetch_add(1, Ordering::Relaxed);
        let mut command = Command::new(&self.setting.program);
        command.args([self.receiver.framework, self.mode, &self.store_url]);
        command.arg(self.setting.effects()).arg(self.name());
        let log = self.setting.folder.join(format!("{}.log", self.receiver.name));
        command.env("TOPPER_WEBHOOK_PUBLIC_KEY", &self.setting.public_jwk);
        command.env("HOST", "127.0.0.1").env("PORT", self.address.port().to_string());
        command.env("SHUTDOWN_DELAY", "1").env("RUST_LOG", "error");
        *self.process() = Some(Process::start_with_log(&command, &log)?);
        Ok(())
    }

    /// Waits until it listens, and starts it again if it ends before.
    pub(crate) fn wait(&self, journal: &Journal) -> io::Result<()> {
        let end = Instant::now() + STARTING;
        while TcpStream::connect(self.address).is_err() {
            if Instant::now() > end {
                return Err(io::Error::other(format!("{} does not listen", self.name())));
            }
            thread::sleep(Duration::from_millis(50));
            let is_running = self.process().as_ref().is_some_and(Process::is_running);
            if !is_running {
                journal.ended(&self.name());
                thread::sleep(Duration::from_millis(500));
                self.launch()?;
            }
        }
        Ok(())
    }

    /// Takes the process, which must run.
    fn take(&self) -> io::Result<Process> {
        let process = self.process().take().filter(Process::is_running);
        process.ok_or_else(|| io::Error::other(format!("{} ended by itself", self.name())))
    }

    pub(crate) fn kill(&self, journal: &Journal) -> io::Result<()> {
        let process = self.take()?;
        journal.killed(&self.name());
        process.end("KILL")
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn terminate(&self, journal: &Journal) -> io::Result<()> {
        let (process, began) = (self.take()?, Instant::now());
        let ended = process.end("TERM");
        journal.ended(&self.name());
        let slowest = &mut *lock(&self.slowest_end);
        *slowest = began.elapsed().max(*slowest);
        ended.map_err(|error| io::Error::other(format!("{}: {error}", self.name())))
    }

    /// Keeps what it uses now, if it runs.
    pub(crate) fn measure(&self, at: Duration) {
        let measured = self.process().as_ref().and_then(|process| {
            let memory = Some(process.memory()).filter(|memory| *memory > 0)?;
            Some(Sample { at, memory, descriptors: process.descriptors()? })
        });
        let samples = &mut *lock(&self.samples);
        samples.extend(measured);
    }

    pub(crate) fn samples(&self) -> Vec<Sample> {
        lock(&self.samples).clone()
    }

    pub(crate) fn slowest_end(&self) -> Duration {
        *lock(&self.slowest_end)
    }
}
