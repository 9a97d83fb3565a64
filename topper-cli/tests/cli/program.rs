//! Running the binary.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout, Command},
    time::timeout,
};

pub(crate) const TOPPER: &str = env!("CARGO_BIN_EXE_topper");
/// No command of these tests takes this long.
const MOST: Duration = Duration::from_secs(30);

/// A folder of its own: working directory and home.
pub(crate) struct Home(PathBuf);

#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// The objects that were printed, one a line.
    pub(crate) fn objects(&self) -> Vec<Value> {
        let objects: Result<Vec<Value>, _> =
            self.stdout.lines().map(serde_json::from_str).collect();
        objects.unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("home-{}-{count}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let folder = Path::new(TOPPER).parent().unwrap();
        let path = std::env::join_paths(
            [folder.to_owned()]
                .into_iter()
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        command.env_clear().env("HOME", &self.0).env("PATH", path.unwrap()).current_dir(&self.0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    }

    /// Runs `topper` to its end.
    pub(crate) async fn topper(&self, arguments: &[&str]) -> Output {
        self.topper_with(arguments, b"").await
    }

    pub(crate) async fn topper_with(&self, arguments: &[&str], stdin: &[u8]) -> Output {
        let mut command = self.command(TOPPER);
        finish(command.args(arguments).spawn().unwrap(), stdin).await
    }

    /// Runs a line as a shell does.
    pub(crate) async fn bash(&self, line: &str) -> Output {
        let mut command = self.command("bash");
        finish(command.args(["-c", line]).spawn().unwrap(), b"").await
    }

    /// Starts `topper listen` on a free port.
    pub(crate) async fn listen(&self, arguments: &[&str]) -> Listening {
        let mut command = self.command(TOPPER);
        command.args(["listen", "--port", "0"]).args(arguments);
        Listening::start(command.spawn().unwrap()).await
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Kept when a test fails.
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

pub(crate) async fn finish(mut child: Child, stdin: &[u8]) -> Output {
    let mut pipe = child.stdin.take().unwrap();
    // A command that reads nothing may have closed it.
    let _ = pipe.write_all(stdin).await;
    drop(pipe);
    let output = timeout(MOST, child.wait_with_output()).await.unwrap().unwrap();
    Output {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Sends a signal to a process that a test has started.
pub(crate) async fn signal(child: &Child, signal: &str) {
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
}

/// The URL of the page, which `listen --ui` and `inspect` print.
pub(crate) async fn page_of(stderr: &mut Lines<BufReader<ChildStderr>>) -> String {
    loop {
        let line = timeout(MOST, stderr.next_line()).await.unwrap().unwrap().unwrap();
        if let Some((_, url)) = line.split_once("open ") {
            return url.split(' ').next().unwrap().to_owned();
        }
    }
}

/// A `topper listen` that has begun.
pub(crate) struct Listening {
    child: Child,
    pub(crate) url: String,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: Lines<BufReader<ChildStderr>>,
}

impl Listening {
    async fn start(mut child: Child) -> Self {
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = timeout(MOST, stderr.next_line()).await.unwrap().unwrap().unwrap();
        let url = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("{first}"));
        let url = url.split(',').next().unwrap().to_owned();
        Self { child, url, stdout, stderr }
    }

    /// Where its page is.
    pub(crate) async fn page(&mut self) -> String {
        page_of(&mut self.stderr).await
    }

    /// The next line that it prints.
    pub(crate) async fn line(&mut self) -> String {
        timeout(MOST, self.stdout.next_line()).await.unwrap().unwrap().unwrap()
    }

    pub(crate) async fn object(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(mut self) -> Option<i32> {
        timeout(MOST, self.child.wait()).await.unwrap().unwrap().code()
    }

    /// Ends it, and gives its exit code and what else it printed.
    pub(crate) async fn end(mut self) -> (Option<i32>, Vec<String>) {
        signal(&self.child, "-INT").await;
        let mut lines = Vec::new();
        while let Some(line) = timeout(MOST, self.stdout.next_line()).await.unwrap().unwrap() {
            lines.push(line);
        }
        (timeout(MOST, self.child.wait()).await.unwrap().unwrap().code(), lines)
    }
}

/// Whether a server is left out, because `TOPPER_TEST_SHORT` is set, as by `cargo xtask ci`.
pub(crate) fn is_left_out(server: &str) -> bool {
    let is_short = std::env::var_os("TOPPER_TEST_SHORT").is_some();
    if is_short {
        println!("skipped: {server} is not for a short run");
    }
    is_short
}
