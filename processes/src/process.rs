//! A process that is measured, by what Linux says of it in `/proc`.

use std::{
    fs,
    io::{self, BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

/// How long a process that was sent a signal may take to end.
const ENDING: Duration = Duration::from_secs(20);

/// A process, with those that it starts: a session of its own. It ends with us, however we end: a shell
/// kills the session when its own input ends.
#[derive(Debug)]
pub struct Process {
    shell: Child,
    pid: u32,
    lines: Receiver<String>,
}

const SCRIPT: &str = r#"
    trap '' INT TERM HUP
    setsid sh -c 'echo "pid $$"; exec "$@"' sh "$@" </dev/null &
    exec >&- 2>/dev/null
    read -r end
    kill -s KILL -- "-$!"
    wait $!
"#;

impl Process {
    /// Starts a program, with the variables of the command.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(command: &Command) -> io::Result<Self> {
        Self::launch(command, Stdio::inherit())
    }

    /// Starts a program, and appends its standard error to a file.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or the file cannot be written.
    pub fn start_with_log(command: &Command, log: &Path) -> io::Result<Self> {
        let log = fs::File::options().create(true).append(true).open(log)?;
        Self::launch(command, log.into())
    }

    fn launch(command: &Command, errors: Stdio) -> io::Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        let mut shell =
            shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors).spawn()?;
        let output = shell.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let (sender, lines) = channel();
        // It reads to the end: a program that prints more must not wait for us.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        let mut process = Self { shell, pid: 0, lines };
        let pid = process
            .line(Duration::from_secs(10), |line| line.strip_prefix("pid ").map(str::to_owned))?;
        process.pid = pid.parse().map_err(io::Error::other)?;
        Ok(process)
    }

    /// Starts a program, and waits until it prints `listening`.
    ///
    /// # Errors
    ///
    /// When it cannot be started, ends, or does not print that in time.
    pub fn listening(command: &Command, time: Duration) -> io::Result<Self> {
        let process = Self::start(command)?;
        process.line(time, |line| (line.trim() == "listening").then(String::new))?;
        Ok(process)
    }

    /// Sends a signal, such as `TERM`, and waits until the process has ended.
    ///
    /// # Errors
    ///
    /// When it does not end within 20 s. It is killed then.
    pub fn end(self, signal: &str) -> io::Result<()> {
        let arguments = ["-s", signal, &self.pid.to_string()];
        // It may have ended by itself.
        let _ = Command::new("kill").args(arguments).stderr(Stdio::null()).status()?;
        let end = Instant::now() + ENDING;
        while self.is_running() {
            if Instant::now() > end {
                return Err(io::Error::other(format!("it did not end after SIG{signal}")));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// The number of the process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        resident(self.pid).is_some()
    }

    /// How many descriptors it has open; `None` when it has ended.
    pub fn descriptors(&self) -> Option<usize> {
        let open = fs::read_dir(Path::new("/proc").join(self.pid.to_string()).join("fd")).ok()?;
        Some(open.count())
    }

    /// Waits for a line that is looked for, and forgets those before it.
    fn line(&self, time: Duration, find: impl Fn(&str) -> Option<String>) -> io::Result<String> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left);
            let line = line.map_err(|_| io::Error::other("it ended or was not ready in time"))?;
            if let Some(found) = find(&line) {
                return Ok(found);
            }
        }
    }

    /// The user and the system CPU time so far, in clock ticks, of all in the session.
    pub fn ticks(&self) -> (u64, u64) {
        let processes = stats(self.pid);
        let sum = |own: fn(&Stat) -> u64| processes.iter().map(own).sum();
        (sum(|stat| stat.user), sum(|stat| stat.system))
    }

    /// The resident memory in KiB, of all in the session.
    pub fn memory(&self) -> u64 {
        stats(self.pid).iter().filter_map(|stat| resident(stat.pid)).sum()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        drop(self.shell.wait());
    }
}

/// What `/proc/PID/stat` says, with the times of children that have ended.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    pid: u32,
    session: u32,
    user: u64,
    system: u64,
}

fn stats(session: u32) -> Vec<Stat> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = processes.filter_map(|process| {
        process.file_name().to_str()?.parse::<u32>().ok()?;
        stat(&fs::read_to_string(process.path().join("stat")).ok()?)
    });
    stats.filter(|stat| stat.session == session).collect()
}

fn stat(text: &str) -> Option<Stat> {
    // The name, in parentheses, can have spaces and parentheses in it.
    let (start, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        pid: start.split(' ').next()?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        user: number(11)? + number(13)?,
        system: number(12)? + number(14)?,
    })
}

fn resident(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// Clock ticks in a second.
///
/// # Errors
///
/// When `getconf` does not say.
pub fn ticks_per_second() -> io::Result<f64> {
    let output = Command::new("getconf").arg("CLK_TCK").output()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().map_err(io::Error::other)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_stat_is_read_whatever_the_name() {
        let text = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0";
        assert_eq!(stat(text), Some(Stat { pid: 42, session: 42, user: 103, system: 24 }));
    }

    #[test]
    fn a_process_is_measured_with_its_children_and_ends_when_it_is_dropped() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 100 & echo listening; while :; do :; done"]);
        let process = Process::listening(&command, Duration::from_secs(10)).unwrap();
        thread::sleep(Duration::from_millis(300));
        let (user, system) = process.ticks();
        assert!(user + system > 0);
        assert!(process.memory() > 0);
        let pid = process.pid;
        assert_eq!(stats(pid).len(), 2);
        drop(process);
        let is_left = |stats: Vec<Stat>| stats.iter().any(|stat| resident(stat.pid).is_some());
        for _ in 0..50 {
            if !is_left(stats(pid)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{:?}", stats(pid));
    }

    #[test]
    fn a_program_that_ends_at_once_is_not_waited_for() {
        let started = Instant::now();
        assert!(Process::listening(&Command::new("true"), Duration::from_secs(60)).is_err());
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
