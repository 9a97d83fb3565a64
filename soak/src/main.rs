//! The soak test: receivers on each framework, with `Once` and `Inbox` on each store, get genuine
//! deliveries, repeats, forgeries and junk, while they are killed, their stores fail, and slow clients
//! hold connections. At the end a checker counts what was lost or done twice.
//!
//! `cargo xtask soak` builds and runs it.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to the person who runs it"
)]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{self, ExitCode},
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep};

mod check;
mod client;
mod disturbance;
mod flat;
mod journal;
mod load;
mod options;
mod page;
mod plan;
mod random;
mod run;
mod slot;
mod store;

use check::{Kind, Report, check};
use options::Options;
use run::Run;

/// Where every receiver answers.
const PATH: &str = "/webhooks/topper";
/// How long what is in flight or in an inbox may take once nothing is sent or broken any more.
const SETTLING: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let options = match Options::parse(&arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("soak: {error}");
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("soak: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(soak(options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is as it must be.
async fn soak(options: Options) -> io::Result<bool> {
    let folder = new_folder(&options.folder)?;
    // A copy, since the program may be built again while this runs.
    let program = folder.join("soak-receiver");
    fs::copy(env::current_exe()?.with_file_name("soak-receiver"), &program)?;
    println!("starting the stores and the receivers; files are in {}", folder.display());
    let run = Arc::new(Run::start(options, program.clone(), folder.clone())?);
    let (time, seed) = (run.options.time, run.options.seed);
    let (groups, slots) = (run.groups.len(), run.slots().count());
    println!("{slots} receivers in {groups} groups; {} s of load, seed {seed}", time.as_secs());

    let length = load(&run).await;
    settle(&run).await?;
    stop(&run);
    let report = check(&run.journal_text()?, &run.effects_text()?);
    fs::remove_file(program)?;
    Ok(show(&run, &report, length, &folder))
}

/// A new folder for the files of the run.
fn new_folder(all: &Path) -> io::Result<PathBuf> {
    let folder = all.join(process::id().to_string());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    fs::canonicalize(folder)
}

/// Sends and breaks until the time is over or Ctrl-C is pressed, and returns how long that was.
async fn load(run: &Arc<Run>) -> Duration {
    let threads = disturbance::start(run);
    let sampler = thread::spawn({
        let run = Arc::clone(run);
        move || flat::sample(&run)
    });
    let mut senders = JoinSet::new();
    for group in 0..run.groups.len() {
        senders.spawn(load::send(Arc::clone(run), group));
    }
    let mut halves = client::halves(run);
    let calm = run.options.time - (run.options.time / 6).min(Duration::from_secs(8));
    let interrupt = tokio::signal::ctrl_c();
    tokio::select! {
        _ = interrupt => println!("ending early; press Ctrl-C again to end at once"),
        () = progress(run, calm) => {}
    }
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            // The receivers and the servers end with this process.
            process::exit(130);
        }
    });
    run.is_calm.store(true, Ordering::Relaxed);
    let joined = tokio::task::spawn_blocking(move || {
        threads.into_iter().filter_map(|thread| thread.join().err()).count()
    });
    if run.began.elapsed() >= calm {
        progress(run, run.options.time).await;
    }
    run.is_over.store(true, Ordering::Relaxed);
    let length = run.began.elapsed();
    halves.shutdown().await;
    let failed = joined.await.unwrap_or(1) + usize::from(sampler.join().is_err());
    if failed > 0 {
        run.note(Err(io::Error::other("a part of the test itself failed; the reason is above")));
    }
    // Every delivery ends, acknowledged or given up.
    while let Some(ended) = senders.join_next().await {
        run.note(ended.map_err(io::Error::other));
    }
    length
}

/// A line every 10 s, until so long after the start.
async fn progress(run: &Run, until: Duration) {
    loop {
        let elapsed = run.began.elapsed();
        let Some(left) = until.checked_sub(elapsed).filter(|left| !left.is_zero()) else { return };
        sleep(left.min(Duration::from_secs(10))).await;
        let journal = &run.journal;
        let count = |count: &std::sync::atomic::AtomicUsize| count.load(Ordering::Relaxed);
        println!(
            "{:>5} s: {} requests sent, {} waiting for an answer or a retry, {} kills, {} restarts, \
             {} failures of stores",
            run.began.elapsed().as_secs(),
            count(&journal.sent),
            count(&run.waiting),
            count(&journal.kills),
            count(&journal.restarts),
            count(&journal.failures),
        );
    }
}

/// Waits until every event that was acknowledged is done, at most for a time.
async fn settle(run: &Run) -> io::Result<()> {
    let began = Instant::now();
    loop {
        let report = check(&run.journal_text()?, &run.effects_text()?);
        if report.missing == 0 || began.elapsed() > SETTLING {
            return Ok(());
        }
        println!("{} events are acknowledged and not done yet", report.missing);
        sleep(Duration::from_secs(3)).await;
    }
}

/// Ends all receivers, as a rolling restart does.
fn stop(run: &Run) {
    thread::scope(|scope| {
        for slot in run.slots() {
            scope.spawn(move || run.note(slot.terminate(&run.journal)));
        }
    });
}

fn show(run: &Run, report: &Report, length: Duration, folder: &Path) -> bool {
    let measured = flat::measured(run, length);
    print!("\n{}\n{}", page::receivers(run, report), page::flat(&measured));
    let sent = run.journal.sent.load(Ordering::Relaxed);
    println!("\n{sent} requests, {} genuine events acknowledged", report.acknowledged);
    for kind in Kind::FAULTS {
        println!("{:>6} {kind}", report.count(kind, None));
    }
    println!("{:>6} {}", report.count(Kind::Repeated, None), Kind::Repeated);
    println!("{:>6} {}", report.count(Kind::LeaseRanOut, None), Kind::LeaseRanOut);
    print!("{}", page::findings(report));
    let mut faults = run.faults();
    faults.extend(logs(folder));
    let steady = run.slots().filter(|slot| slot.receiver.is_steady).count();
    let compared = measured.iter().filter(|it| it.what.starts_with("memory of ")).count();
    // Too little is known of a run that was ended early.
    if length >= run.options.time && compared < steady {
        faults.push(format!("the memory of {} receivers is not known", steady - compared));
    }
    for fault in &faults {
        println!("{fault}");
    }
    let is_right = faults.is_empty()
        && report.acknowledged > 0
        && measured.iter().all(flat::Measured::is_flat)
        && Kind::FAULTS.iter().all(|kind| report.count(*kind, None) == 0);
    if is_right {
        println!("nothing was lost or done twice, and nothing that was measured grows");
    } else {
        println!("failed");
    }
    if is_right && !run.options.is_kept {
        drop(fs::remove_dir_all(folder));
    } else {
        println!("the journal, the effects and the logs are in {}", folder.display());
    }
    is_right
}

/// What the receivers' logs have that must not happen.
fn logs(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let logs = files.filter(|file| file.path().extension().is_some_and(|end| end == "log"));
    let mut found = Vec::new();
    for file in logs {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        let is_fault = |line: &&str| {
            line.contains("panicked at") || line.contains("were not finished in time")
        };
        for line in text.lines().filter(is_fault).take(3) {
            found.push(format!("{}: {line}", file.file_name().display()));
        }
    }
    found
}
