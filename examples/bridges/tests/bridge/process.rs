//! Servers and bridges as processes.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::{net::TcpSocket, time::sleep};

/// An installed program; `None`, and a line that says so, when it is not. With
/// `TOPPER_TEST_REQUIRE_SERVERS` set, as in CI, that is a failure; with `TOPPER_TEST_SHORT` set,
/// none is used.
pub(crate) fn installed(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    if env::var_os("TOPPER_TEST_SHORT").is_some() {
        println!("skipped: {name} is not for a short run");
        return None;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = env::split_paths(&path).chain(folders.iter().cloned());
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|it| it.is_file()));
    if found.is_none() {
        let is_required = env::var_os("TOPPER_TEST_REQUIRE_SERVERS").is_some();
        assert!(!is_required, "{name} is not installed");
        println!("skipped: {name} is not installed");
    }
    found
}

/// A port of 127.0.0.1 that nobody else gets for as long as this is there.
pub(crate) struct Port(TcpSocket);

impl Port {
    pub(crate) fn reserve() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(SocketAddr::from(([0, 0, 0, 0], 0))).unwrap();
        Self(socket)
    }

    pub(crate) fn number(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }
}

/// A process that is killed when this is dropped, and when the test is killed: a shell kills it when its
/// input ends.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(program: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        const SCRIPT: &str = r#""$@" </dev/null & read -r end; kill -9 $!; wait $! 2>/dev/null"#;
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(program).args(arguments);
        shell.envs(settings.iter().copied()).stdin(Stdio::piped());
        shell.stdout(Stdio::null()).stderr(Stdio::null());
        Self(shell.spawn().unwrap())
    }

    /// Kills it, by `kill -9`.
    pub(crate) fn kill(self) {}
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

/// Waits for something, for up to a minute.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        sleep(Duration::from_millis(10)).await;
    }
}
