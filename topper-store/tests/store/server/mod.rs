//! Throw-away servers: each on a free port, with a folder of its own, and gone with the process that
//! started it, however that ends.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tokio::net::TcpSocket;

pub(crate) mod pgbouncer;
pub(crate) mod postgres;
pub(crate) mod redis;
#[cfg_attr(
    not(feature = "tls"),
    expect(dead_code, reason = "it has all that the tests of TLS need")
)]
pub(crate) mod secure;

/// A program of a server, as installed; `None`, and a line that says so, when it is not.
///
/// With `TOPPER_TEST_REQUIRE_SERVERS` set, as in CI, that is a failure. With `TOPPER_TEST_SHORT`
/// set, as by `cargo xtask ci`, no server is used.
pub(crate) fn program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    if env::var_os("TOPPER_TEST_SHORT").is_some() {
        println!("skipped: {name} is not for a short run");
        return None;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .chain(folders.iter().cloned())
        .map(|folder| folder.join(name))
        .find(|program| program.is_file());
    if found.is_none() {
        let required = env::var_os("TOPPER_TEST_REQUIRE_SERVERS").is_some();
        assert!(!required, "{name} is not installed");
        println!("skipped: {name} is not installed");
    }
    found
}

/// A port that a server of a test can have on 127.0.0.1, and nobody else for as long as this is there.
///
/// It is bound and not listened on: a process that another test starts just then has copies of the
/// sockets of this one for a moment, and would take connections with a copy that listens.
pub(crate) struct Port(TcpSocket);

impl Port {
    pub(crate) fn reserve() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        // Not the server's own address: some systems give that to one socket only.
        socket.bind(SocketAddr::from(([0, 0, 0, 0], 0))).unwrap();
        Self(socket)
    }

    pub(crate) fn number(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }
}

/// A clock for a server that is not the host's.
#[derive(Clone)]
pub(crate) struct Clock {
    /// The path of libfaketime.
    pub(crate) library: String,
    /// Such as `+40d`.
    pub(crate) shift: String,
}

/// A server process. A shell stands between: it ends the server and removes its folder when its
/// input ends, which it does with this process, even when that is killed.
pub(crate) struct Process {
    shell: Child,
    pid: u32,
}

impl Process {
    pub(crate) fn start(
        program: &Path,
        arguments: &[String],
        folder: &Path,
        clock: Option<&Clock>,
    ) -> Self {
        const SCRIPT: &str = r#"
            folder=$1; shift
            "$@" >"$folder/log" 2>&1 </dev/null &
            echo $! >"$folder/pid.new"; mv "$folder/pid.new" "$folder/pid"
            read -r keep
            # PostgreSQL leaves a segment of shared memory then, and a system has only so many. Its
            # files may be gone already.
            segment=$(ipcs -m -p | awk -v server=$! '$3 == server { print $1 }')
            kill -CONT $!; kill -9 $!; wait $!
            [ -z "$segment" ] || ipcrm -m "$segment"
            [ "$keep" = keep ] || rm -rf "$folder"
        "#;
        let pid_file = folder.join("pid");
        let _ = std::fs::remove_file(&pid_file);
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(folder)
            .arg(program)
            .args(arguments)
            .envs(clock.iter().flat_map(|clock| {
                [("LD_PRELOAD", clock.library.as_str()), ("FAKETIME", clock.shift.as_str())]
            }))
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pid = loop {
            match std::fs::read_to_string(&pid_file) {
                Ok(pid) => break pid.trim().parse().unwrap(),
                Err(_) => std::thread::sleep(std::time::Duration::from_millis(5)),
            }
        };
        Self { shell, pid }
    }

    /// Ends the server at once and keeps its folder.
    pub(crate) fn kill(mut self) {
        use std::io::Write as _;
        self.shell.stdin.take().unwrap().write_all(b"keep\n").unwrap();
        self.shell.wait().unwrap();
    }

    /// Its process, for signals.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }
}

pub(crate) fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args([name, &pid.to_string()]).status().unwrap();
    assert!(status.success(), "kill {name} {pid}");
}
