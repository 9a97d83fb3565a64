//! Runs step after step, and says of each how long it took, or how to repeat it.

use std::{
    fmt::Write as _,
    io,
    process::{Command, ExitStatus, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use super::{Result, Task};
use crate::workspace::{root, run_by};

/// Runs a command while nothing else wants the processor.
const IN_GAPS: &str = ".ci/in-gaps";
/// How many of the slowest steps are listed at the end.
const SLOWEST: usize = 5;

/// The steps so far, and their seconds.
pub(super) struct Runner {
    start: Instant,
    done: Vec<(f64, String)>,
    started: Vec<Started>,
}

/// A program, and how it must end.
pub(super) struct Step {
    what: String,
    repeat: String,
    command: Command,
    /// What it must say when it fails; `None` if it must end with 0.
    refusal: Option<&'static str>,
}

/// Steps, one after the other, that run at the same time as others.
struct Started {
    running: JoinHandle<Vec<Ended>>,
    /// Set when no more of them shall begin.
    stop: Arc<AtomicBool>,
}

/// A step that has ended, with its seconds.
struct Ended {
    step: Step,
    seconds: f64,
    output: io::Result<Output>,
}

impl Default for Runner {
    fn default() -> Self {
        Self { start: Instant::now(), done: Vec::new(), started: Vec::new() }
    }
}

impl Drop for Runner {
    /// When a step has failed, what was started goes on to its end: it may be installing something.
    fn drop(&mut self) {
        for started in &self.started {
            started.stop.store(true, Ordering::Relaxed);
        }
        for started in self.started.drain(..) {
            drop(started.running.join());
        }
    }
}

impl Step {
    /// A program that must end with 0.
    pub(super) fn new(what: impl Into<String>, command: Command) -> Self {
        Self { what: what.into(), repeat: shown(&command), command, refusal: None }
    }

    /// A program that must fail, and say this.
    pub(super) fn refused(
        what: impl Into<String>,
        command: Command,
        refusal: &'static str,
    ) -> Self {
        Self { refusal: Some(refusal), ..Self::new(what, command) }
    }

    /// The same, but it gets the processor only while nothing else wants it.
    fn in_gaps(mut self) -> Self {
        self.command = run_by(Command::new(root().join(IN_GAPS)), &self.command);
        self
    }

    /// Whether it ended as it must.
    fn check(&self, output: &Output) -> Result<()> {
        let Some(refusal) = self.refusal else { return success(output.status) };
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !stderr.contains(refusal) {
            return Err(format!("it must fail with {refusal:?}:\n{stderr}").into());
        }
        Ok(())
    }

    /// Runs it to its end, and keeps what it prints.
    fn ended(mut self) -> Ended {
        let start = Instant::now();
        let output = self.command.stdin(Stdio::null()).output();
        Ended { step: self, seconds: start.elapsed().as_secs_f64(), output }
    }
}

impl Runner {
    /// Runs a program, which must end with 0.
    pub(super) fn run(&mut self, what: &str, mut command: Command) -> Result<()> {
        let repeat = shown(&command);
        self.step(what, &repeat, || success(command.status()?))
    }

    /// Runs a task of this repository.
    pub(super) fn task(&mut self, (what, repeat, task): Task) -> Result<()> {
        self.step(what, repeat, task)
    }

    /// Starts steps, one after the other, which must have ended as they must when they are [joined](Self::join).
    /// What they print is shown then.
    pub(super) fn start(&mut self, steps: Vec<Step>) {
        println!("\n== started, one after the other, while the steps below go on");
        for step in &steps {
            println!("   {}", step.what);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let running = thread::spawn(move || {
            let is_wanted = |_: &Step| !stopped.load(Ordering::Relaxed);
            steps.into_iter().take_while(is_wanted).map(Step::ended).collect()
        });
        self.started.push(Started { running, stop });
    }

    /// Starts steps that get the processor only while nothing else wants it.
    pub(super) fn start_in_gaps(&mut self, steps: Vec<Step>) {
        self.start(steps.into_iter().map(Step::in_gaps).collect());
    }

    /// Waits for the steps that were started.
    pub(super) fn join(&mut self) -> Result<()> {
        for started in std::mem::take(&mut self.started) {
            for ended in started.running.join().map_err(|_| "a thread panicked")? {
                let Ended { step, seconds, output } = ended;
                println!("\n== {}\n   {}", step.what, step.repeat);
                let output = output?;
                let result = step.check(&output);
                if step.refusal.is_none() {
                    print!("{}", String::from_utf8_lossy(&output.stdout));
                    eprint!("{}", String::from_utf8_lossy(&output.stderr));
                }
                self.ended(&step.what, &step.repeat, seconds, result)?;
            }
        }
        Ok(())
    }

    /// Says how long everything took, and what took longest.
    pub(super) fn end(mut self) {
        let seconds = self.start.elapsed().as_secs_f64();
        println!("\nall {} steps passed in {seconds:.0} s; the slowest:", self.done.len());
        self.done.sort_by(|one, other| other.0.total_cmp(&one.0));
        for (seconds, what) in self.done.iter().take(SLOWEST) {
            println!("{seconds:>7.1} s  {what}");
        }
    }

    fn step(&mut self, what: &str, repeat: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n== {what}\n   {repeat}");
        let start = Instant::now();
        let result = run();
        self.ended(what, repeat, start.elapsed().as_secs_f64(), result)
    }

    fn ended(&mut self, what: &str, repeat: &str, seconds: f64, result: Result<()>) -> Result<()> {
        match result {
            Ok(()) => {
                println!("   passed in {seconds:.1} s");
                self.done.push((seconds, what.to_owned()));
                Ok(())
            }
            Err(error) => Err(format!(
                "the step \"{what}\" failed after {seconds:.1} s: {error}\nrepeat it with\n  {repeat}"
            )
            .into()),
        }
    }
}

fn success(status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { Err(status.to_string().into()) }
}

/// The command as one types it in the folder of the repository.
fn shown(command: &Command) -> String {
    let mut line = String::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            // Writing to a text does not fail.
            let _ =
                write!(line, "{}={} ", name.to_string_lossy(), quoted(&value.to_string_lossy()));
        }
    }
    let program = command.get_program();
    line.push_str(if program == env!("CARGO") { "cargo" } else { program.to_str().unwrap_or("?") });
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&quoted(&argument.to_string_lossy()));
    }
    line
}

fn quoted(word: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=,".contains(it);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{word}'") }
}

#[cfg(test)]
mod tests;
