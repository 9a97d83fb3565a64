//! Runs step after step, and says of each how long it took, or how to repeat it.

use std::{
    fmt::Write as _,
    io,
    process::{Command, ExitStatus, Output, Stdio},
    thread::{self, JoinHandle},
    time::Instant,
};

use super::{Result, Task};

/// How many of the slowest steps are listed at the end.
const SLOWEST: usize = 5;

/// The steps so far, and their seconds.
pub(super) struct Runner {
    start: Instant,
    done: Vec<(f64, String)>,
    started: Vec<Started>,
}

/// A step that runs at the same time as others.
struct Started {
    what: String,
    repeat: String,
    /// Its seconds, and what it printed.
    running: JoinHandle<(f64, io::Result<Output>)>,
}

impl Default for Runner {
    fn default() -> Self {
        Self { start: Instant::now(), done: Vec::new(), started: Vec::new() }
    }
}

impl Drop for Runner {
    /// When a step has failed, what was started goes on to its end: it may be installing something.
    fn drop(&mut self) {
        for started in self.started.drain(..) {
            drop(started.running.join());
        }
    }
}

impl Runner {
    /// Runs a program, which must end with 0.
    pub(super) fn run(&mut self, what: &str, mut command: Command) -> Result<()> {
        let repeat = shown(&command);
        self.step(what, &repeat, || success(command.status()?))
    }

    /// Runs a program, which must fail and say this.
    pub(super) fn refused(&mut self, what: &str, mut command: Command, says: &str) -> Result<()> {
        let repeat = shown(&command);
        self.step(what, &repeat, || {
            let output = command.stdout(Stdio::null()).output()?;
            let stderr = String::from_utf8_lossy(&output.stderr);
            if output.status.success() || !stderr.contains(says) {
                return Err(format!("it must fail with {says:?}:\n{stderr}").into());
            }
            Ok(())
        })
    }

    /// Runs a task of this repository.
    pub(super) fn task(&mut self, (what, repeat, task): Task) -> Result<()> {
        self.step(what, repeat, task)
    }

    /// Starts a program, which must end with 0 until [`join`](Self::join). What it prints is shown then.
    pub(super) fn start(&mut self, what: &str, mut command: Command) {
        let repeat = shown(&command);
        println!("\n== {what}\n   {repeat}\n   started; other steps go on");
        let running = thread::spawn(move || {
            let start = Instant::now();
            let output = command.stdin(Stdio::null()).output();
            (start.elapsed().as_secs_f64(), output)
        });
        self.started.push(Started { what: what.to_owned(), repeat, running });
    }

    /// Waits for the programs that were started.
    pub(super) fn join(&mut self) -> Result<()> {
        for Started { what, repeat, running } in std::mem::take(&mut self.started) {
            println!("\n== {what}\n   {repeat}");
            let (seconds, output) = running.join().map_err(|_| "a thread panicked")?;
            let output = output?;
            print!("{}", String::from_utf8_lossy(&output.stdout));
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
            self.ended(&what, &repeat, seconds, success(output.status))?;
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
mod tests {
    use super::*;

    fn failure(command: Command) -> String {
        Runner::default().run("a step", command).unwrap_err().to_string()
    }

    #[test]
    fn names_the_step_that_failed_and_the_command_that_repeats_it() {
        let mut command = Command::new(env!("CARGO"));
        command.arg("no-such-command").env("RUSTDOCFLAGS", "-D warnings").stderr(Stdio::null());
        let message = failure(command);
        assert!(message.starts_with("the step \"a step\" failed after "), "{message}");
        let repeat = "\nrepeat it with\n  RUSTDOCFLAGS='-D warnings' cargo no-such-command";
        assert!(message.ends_with(repeat), "{message}");
    }

    #[test]
    fn names_the_step_that_failed_while_others_went_on() {
        let mut runner = Runner::default();
        let mut command = Command::new(env!("CARGO"));
        command.arg("no-such-command");
        runner.start("a step", command);
        let message = runner.join().unwrap_err().to_string();
        assert!(message.starts_with("the step \"a step\" failed after "), "{message}");
        runner.join().unwrap();
    }

    #[test]
    fn fails_when_what_must_be_refused_is_not() {
        let mut command = Command::new(env!("CARGO"));
        command.arg("--version");
        assert!(Runner::default().refused("a step", command, "no").is_err());
    }

    #[test]
    fn fails_when_what_is_refused_gives_another_reason() {
        let mut command = Command::new(env!("CARGO"));
        command.arg("no-such-command");
        let error = Runner::default().refused("a step", command, "another reason").unwrap_err();
        assert!(error.to_string().contains("it must fail with"), "{error}");
    }
}
