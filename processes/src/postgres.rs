//! A PostgreSQL server of our own, as durable as it is by default.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use crate::{Process, free_port};

/// A PostgreSQL server of our own, on 127.0.0.1.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    data: PathBuf,
    log: PathBuf,
    port: u16,
    settings: &'static [&'static str],
    process: Option<Process>,
}

impl Postgres {
    /// Starts a server in a new folder, with settings of its own, such as `work_mem=8MB`.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed or does not start.
    pub fn start(folder: &Path, settings: &'static [&'static str]) -> io::Result<Self> {
        let programs = programs().ok_or_else(|| io::Error::other("PostgreSQL is not installed"))?;
        fs::create_dir_all(folder)?;
        if is_root()? {
            run(Command::new("chown").arg("postgres").arg(folder))?;
        }
        let (data, log) = (folder.join("data"), folder.join("log"));
        let mut postgres =
            Self { programs, data, log, port: free_port()?, settings, process: None };
        let mut initdb = postgres.own("initdb")?;
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]);
        let output = initdb.arg("-D").arg(&postgres.data).output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim()));
        }
        postgres.begin()?;
        Ok(postgres)
    }

    /// Starts it again.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub fn begin(&mut self) -> io::Result<()> {
        let mut server = self.own("postgres")?;
        server.arg("-D").arg(&self.data).args(["-p", &self.port.to_string(), "-k", ""]);
        let common = ["listen_addresses=127.0.0.1", "max_wal_size=8GB", "max_connections=200"];
        server.args(common.iter().chain(self.settings).flat_map(|setting| ["-c", setting]));
        self.process = Some(Process::start_with_log(&server, &self.log)?);
        for _ in 0..200 {
            if self.client("pg_isready").output()?.status.success() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(io::Error::other("PostgreSQL did not start"))
    }

    /// Ends it: in order, closing all connections, or at once and as if it crashed, so that it recovers
    /// at the next start.
    ///
    /// # Errors
    ///
    /// When it does not end.
    pub fn end(&mut self, is_told: bool) -> io::Result<()> {
        match self.process.take() {
            // SIGKILL would leave its children alone, and they would keep the next one from starting.
            Some(process) => process.end(if is_told { "INT" } else { "QUIT" }),
            None => Ok(()),
        }
    }

    /// Creates a database, and returns its URL.
    ///
    /// # Errors
    ///
    /// When the server refuses it.
    pub fn database(&self, name: &str) -> io::Result<String> {
        run(self.client("createdb").arg(name))?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    /// What it writes down, in its folder.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Its version, as it prints it.
    ///
    /// # Errors
    ///
    /// When it cannot be run.
    pub fn version(&self) -> io::Result<String> {
        let output = Command::new(self.programs.join("postgres")).arg("--version").output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string()]);
        command
    }

    /// PostgreSQL does not run as root.
    fn own(&self, program: &str) -> io::Result<Command> {
        let program = self.programs.join(program);
        if !is_root()? {
            return Ok(Command::new(program));
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]);
        command.arg(program);
        Ok(command)
    }
}

fn is_root() -> io::Result<bool> {
    Ok(Command::new("id").arg("-u").output()?.stdout == b"0\n")
}

fn run(command: &mut Command) -> io::Result<()> {
    let is_done = command.status()?.success();
    is_done.then_some(()).ok_or_else(|| io::Error::other(format!("{command:?} failed")))
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
