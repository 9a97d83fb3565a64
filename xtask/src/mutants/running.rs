//! Tests in a process of their own.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, sleep},
    time::{Duration, Instant},
};

use super::Result;

/// What servers say of a statement that they do not understand.
const REFUSALS: [&str; 11] = [
    "syntax error",
    "incomplete input",
    "ambiguous",
    "no such column",
    "misuse of aggregate",
    "operator does not exist",
    "must be type boolean",
    "must appear in the GROUP BY",
    "aggregate functions are not allowed",
    "FOR NO KEY UPDATE is not allowed",
    "Error compiling script",
];

pub(super) enum Ended {
    Passed,
    Failed {
        test: String,
        /// The server did not understand a statement.
        invalid: bool,
    },
    /// Without naming a test, and how.
    Stopped(String),
    TooSlow,
}

/// A process of tests. It is killed when this is dropped, and the servers that it started end with it.
pub(super) struct Running {
    child: Child,
    lines: Receiver<String>,
    /// The tests that have passed so far.
    passed: Vec<String>,
    /// Its temporary files.
    temporary: PathBuf,
}

/// Sends each line, from a thread of its own.
fn read(from: Option<impl Read + Send + 'static>, lines: Sender<String>) {
    let Some(from) = from else { return };
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(std::result::Result::ok) {
            if lines.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
}

impl Running {
    /// Starts a program of tests, with temporary files of its own.
    pub(super) fn start(tests: &mut Command) -> Result<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        // A server may run as another user, who must get there; and the path of a socket must be short.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let temporary =
            std::env::temp_dir().join(format!("topper-mutants-{}-{number}", std::process::id()));
        fs::create_dir_all(&temporary)?;
        tests.env("TMPDIR", &temporary);
        tests.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = tests.spawn()?;
        let (sender, lines) = channel();
        read(child.stdout.take(), sender.clone());
        read(child.stderr.take(), sender);
        Ok(Self { child, lines, passed: Vec::new(), temporary })
    }

    /// The id of its process.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Until all have passed, or one has failed.
    pub(super) fn wait(&mut self, limit: Duration) -> Result<Ended> {
        let deadline = Instant::now() + limit;
        let mut invalid = false;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    invalid |= is_refusal(&line);
                    if let Some(test) = test_that(&line, " ... FAILED") {
                        return Ok(Ended::Failed { test: test.to_owned(), invalid });
                    }
                    self.passed.extend(test_that(&line, " ... ok").map(str::to_owned));
                }
                Err(RecvTimeoutError::Timeout) => return Ok(Ended::TooSlow),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = self.child.wait()?;
        if !status.success() {
            return Ok(Ended::Stopped(status.to_string()));
        }
        if self.passed.is_empty() { Err("no test was run".into()) } else { Ok(Ended::Passed) }
    }

    /// Whether a test has passed before the end.
    pub(super) fn has_passed(&self, test: &str) -> bool {
        self.passed.iter().any(|passed| passed == test)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.child.kill());
        drop(self.child.wait());
        // The shells of its servers end them, and remove their files.
        for _ in 0..200 {
            if fs::remove_dir_all(&self.temporary).is_ok() || !self.temporary.exists() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        eprintln!("cannot remove {}", self.temporary.display());
    }
}

/// The test of which a line says how it ended. Something else can be before it in the line.
fn test_that<'a>(line: &'a str, ended: &str) -> Option<&'a str> {
    let (before, _) = line.split_once(ended)?;
    Some(before.rsplit("test ").next().unwrap_or(before))
}

fn is_refusal(line: &str) -> bool {
    REFUSALS.iter().any(|refusal| line.contains(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that prints what a program of tests would.
    fn run(script: &str, limit: Duration) -> Result<Ended> {
        Running::start(Command::new("sh").args(["-c", script])).unwrap().wait(limit)
    }

    #[test]
    fn a_failure_ends_the_tests_at_once() {
        let started = Instant::now();
        let script = "echo 'near: syntax error' >&2; echo 'x test c::d ... ok'; sleep 0.2; echo 'test a::b ... FAILED'; exec sleep 60";
        let mut running = Running::start(Command::new("sh").args(["-c", script])).unwrap();
        let ended = running.wait(Duration::from_secs(60)).unwrap();
        assert!(matches!(ended, Ended::Failed { test, invalid: true } if test == "a::b"));
        assert!(running.has_passed("c::d") && !running.has_passed("a::b"));
        let ended = run("echo 'test a ... ok'; exit 3", Duration::from_secs(60)).unwrap();
        assert!(matches!(ended, Ended::Stopped(_)));
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn tests_that_do_not_end_are_too_slow() {
        let ended = run("echo 'test a ... ok'; exec sleep 60", Duration::from_millis(300)).unwrap();
        assert!(matches!(ended, Ended::TooSlow));
    }

    #[test]
    fn passing_means_that_a_test_was_run() {
        let ended = run("echo 'test a ... ok'", Duration::from_secs(60)).unwrap();
        assert!(matches!(ended, Ended::Passed));
        assert!(run("echo nothing", Duration::from_secs(60)).is_err());
    }
}
