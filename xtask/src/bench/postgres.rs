//! A PostgreSQL server of our own, as durable as it is by default.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use super::{Result, process::Process};
use crate::workspace::run;

pub(super) struct Postgres {
    programs: PathBuf,
    port: u16,
    _process: Process,
}

impl Postgres {
    /// Starts a server in a new folder.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        let is_root = Command::new("id").arg("-u").output()?.stdout == b"0\n";
        fs::create_dir_all(folder)?;
        if is_root {
            run(Command::new("chown").arg("postgres").arg(folder))?;
        }
        // PostgreSQL does not run as root.
        let own = |program: &str| {
            let program = programs.join(program);
            if !is_root {
                return Command::new(program);
            }
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]);
            command.arg(program);
            command
        };
        let data = folder.join("data");
        let mut initdb = own("initdb");
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]);
        let output = initdb.arg("-D").arg(&data).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
        }
        let port = free_port()?;
        let mut server = own("postgres");
        server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-k", ""]);
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_wal_size=8GB"]);
        server.args(["-c", "logging_collector=on"]);
        let postgres = Self { programs, port, _process: Process::start(&server)? };
        for _ in 0..200 {
            let mut is_ready = postgres.client("pg_isready");
            if is_ready.output()?.status.success() {
                return Ok(postgres);
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err("PostgreSQL did not start".into())
    }

    /// Creates a database, and returns its URL.
    pub(super) fn database(&self, name: &str) -> Result<String> {
        run(self.client("createdb").arg(name))?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    /// Its version, as it prints it.
    pub(super) fn version(&self) -> Result<String> {
        let output = Command::new(self.programs.join("postgres")).arg("--version").output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string()]);
        command
    }
}

/// The folder with the programs of PostgreSQL, of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let is_whole = |folder: &PathBuf| {
        ["initdb", "postgres", "createdb"].iter().all(|it| folder.join(it).is_file())
    };
    folders.into_iter().rfind(is_whole)
}

/// A port of 127.0.0.1 that was free a moment ago.
pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
