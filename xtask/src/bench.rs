//! What a delivery costs: our receivers, the same by hand, and what users would take instead, in one run.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use topper_processes::{Postgres, Process, free_port, ticks_per_second};

use crate::workspace::{cargo, root, run as run_command, target};

mod load;
mod measure;
mod options;
mod page;
mod plan;
mod plot;
mod profile;

use load::Load;
use measure::{Compared, Measured, Round, compare};
use options::Options;
use plan::{Candidate, Kind, selected};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const WARM_UP: Duration = Duration::from_secs(1);
/// A peer installs what it needs at its first start.
const PEER_TIME: Duration = Duration::from_secs(600);
const OWN_TIME: Duration = Duration::from_secs(30);
/// The rate that a store is expected to reach, until it is known.
const FIRST_RATE: f64 = 4_000.0;

/// Measures, prints the table, and fails if a goal is missed.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let candidates = selected(&options.names)?;
    if !cfg!(target_os = "linux") {
        return Err("bench reads CPU time and memory from /proc, so it needs Linux".into());
    }
    eprintln!("building with optimisations");
    let build = "build --release --locked -p topper-benchmarks";
    run_command(cargo().args(build.split(' ')))?;
    let folder = Folder::new()?;
    let mut bench = Bench {
        load: Load::start(&target().join("release").join("load"))?,
        postgres: None,
        skipped: Vec::new(),
        ticks: ticks_per_second()?,
        folder: folder.0.clone(),
    };
    if options.is_profile {
        return profile::run(&mut bench, &candidates, &options);
    }
    let measured = bench.measure(&candidates, &options)?;
    let compared = compare(&measured);
    print!("\n{}\n{}", page::table(&measured), page::goals(&compared));
    for skipped in &bench.skipped {
        println!("skipped: {skipped}");
    }
    if options.is_written {
        let version = bench.postgres.as_ref().map(Postgres::version).transpose()?;
        let run = page::Run {
            measured: &measured,
            compared: &compared,
            skipped: &bench.skipped,
            arguments,
            time: options.time,
            postgres: version,
        };
        page::write(&run)?;
    }
    let missed: Vec<&str> = compared
        .iter()
        .filter(|compared| compared.is_missed())
        .map(|compared: &Compared| compared.comparison.ours)
        .collect();
    match missed.as_slice() {
        [] => Ok(()),
        _ => Err(format!("a goal is missed: {}", missed.join(", ")).into()),
    }
}

/// For files and databases of the run; it is on the disk, since stores write to disks.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let all = target().join("bench");
        // Those of runs that were stopped.
        for folder in fs::read_dir(&all).into_iter().flatten().flatten() {
            if !Path::new("/proc").join(folder.file_name()).exists() {
                drop(fs::remove_dir_all(folder.path()));
            }
        }
        let folder = all.join(std::process::id().to_string());
        fs::create_dir_all(&folder)?;
        Ok(Self(fs::canonicalize(folder)?))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

struct Bench {
    load: Load,
    postgres: Option<Postgres>,
    skipped: Vec<String>,
    ticks: f64,
    folder: PathBuf,
}

/// A receiver that runs.
struct Running {
    process: Process,
    port: u16,
    measured: Measured,
    /// Requests per second in the last round.
    rate: f64,
}

impl Bench {
    fn measure(&mut self, all: &[&'static Candidate], options: &Options) -> Result<Vec<Measured>> {
        let mut running = self.start(all)?;
        if running.is_empty() {
            return Err("no receiver could be started".into());
        }
        thread::sleep(Duration::from_secs(1));
        for receiver in &mut running {
            receiver.measured.idle = receiver.process.memory();
        }
        eprintln!("warming up");
        for receiver in &mut running {
            self.round(receiver, WARM_UP)?;
        }
        for number in 1..=options.rounds {
            eprintln!("round {number} of {}", options.rounds);
            for receiver in &mut running {
                let round = self.round(receiver, options.time)?;
                receiver.measured.rounds.push(round);
            }
            // The other way round, so that neither of a pair is always first.
            running.reverse();
        }
        for receiver in &mut running {
            receiver.measured.loaded = receiver.process.memory();
        }
        let mut measured: Vec<Measured> =
            running.into_iter().map(|receiver| receiver.measured).collect();
        measured.sort_by_key(|measured| {
            all.iter().position(|candidate| candidate.name == measured.candidate.name)
        });
        Ok(measured)
    }

    fn start(&mut self, all: &[&'static Candidate]) -> Result<Vec<Running>> {
        let mut reason = "not needed".to_owned();
        let is_wanted = all.iter().any(|candidate| candidate.kind == Kind::Postgres);
        if is_wanted && self.postgres.is_none() {
            eprintln!("starting PostgreSQL");
            // A checkpoint can stall a commit for longer than a delivery may take.
            match Postgres::start(&self.folder.join("postgres"), &["checkpoint_timeout=1h"]) {
                Ok(postgres) => self.postgres = Some(postgres),
                Err(error) => reason = error.to_string(),
            }
        }
        let mut running = Vec::new();
        for candidate in all {
            eprintln!("starting {}", candidate.name);
            let started = match candidate.kind {
                Kind::Postgres if self.postgres.is_none() => Err(reason.clone().into()),
                _ => self.start_one(candidate),
            };
            match started {
                Ok(receiver) => running.push(receiver),
                // Ours must start.
                Err(error) if matches!(candidate.kind, Kind::Verify | Kind::Sqlite) => {
                    return Err(format!("{}: {error}", candidate.name).into());
                }
                Err(error) => self.skipped.push(format!("{}: {error}", candidate.name)),
            }
        }
        Ok(running)
    }

    fn start_one(&self, candidate: &'static Candidate) -> Result<Running> {
        let port = free_port()?;
        let (mut command, time) = if candidate.kind == Kind::Peer {
            let script = root().join("benchmarks/peers").join(candidate.program).join("run");
            if !script.is_file() {
                return Err("benchmarks/peers has no program of this name".into());
            }
            (Command::new(script), PEER_TIME)
        } else {
            let receiver = fs::canonicalize(target().join("release").join("receiver"))?;
            let mut command = Command::new(receiver);
            command.arg(candidate.program);
            (command, OWN_TIME)
        };
        command.env("PORT", port.to_string());
        command.env("TOPPER_WEBHOOK_PUBLIC_KEY", self.load.public_jwk());
        match (candidate.kind, &self.postgres) {
            (Kind::Sqlite, _) => {
                command.env("STORE_URL", sqlite(&self.folder, candidate.name));
            }
            (Kind::Postgres, Some(postgres)) => {
                command.env("STORE_URL", postgres.database(&candidate.name.replace('-', "_"))?);
            }
            _ => {}
        }
        let process = Process::listening(&command, time)?;
        let measured = Measured { candidate, rounds: Vec::new(), idle: 0, loaded: 0 };
        Ok(Running { process, port, measured, rate: FIRST_RATE })
    }

    fn round(&mut self, receiver: &mut Running, time: Duration) -> Result<Round> {
        let name = receiver.measured.candidate.name;
        let in_round = |error| format!("{name}: {error}");
        // A store must get each event once; nothing else remembers one.
        let is_store = matches!(receiver.measured.candidate.kind, Kind::Sqlite | Kind::Postgres);
        let new = is_store.then(|| whole(receiver.rate * time.as_secs_f64() * 1.5));
        self.load.prepare(receiver.port, new).map_err(in_round)?;
        let (user, system) = receiver.process.ticks();
        let sent = self.load.round(receiver.port, time, new).map_err(in_round)?;
        let (user_after, system_after) = receiver.process.ticks();
        let per_request = |before: u64, after: u64| {
            let ticks = u32::try_from(after.saturating_sub(before)).unwrap_or(u32::MAX);
            f64::from(ticks) / self.ticks * 1e6 / sent.requests
        };
        let rate = sent.requests / sent.seconds;
        receiver.rate = rate;
        Ok(Round {
            user: per_request(user, user_after),
            system: per_request(system, system_after),
            rate,
            p50: sent.p50,
            p99: sent.p99,
        })
    }
}

fn sqlite(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(format!("{name}.db")).display())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few million at most, and never below zero"
)]
fn whole(count: f64) -> u64 {
    count as u64
}
