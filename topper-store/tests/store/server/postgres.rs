//! PostgreSQL.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, Executor as _, postgres::PgConnection};
use tokio::sync::OnceCell;

use super::{Clock, Port, Process, program};

mod standby;

/// A server; each test gets a database of its own.
pub(crate) struct Postgres {
    url: String,
}

static SHARED: OnceCell<Option<Postgres>> = OnceCell::const_new();

/// A database of its own on the server that all tests share: the one of `TOPPER_TEST_POSTGRES_URL`,
/// without a database in it, or one that is started.
pub(crate) async fn database() -> Option<String> {
    let server = SHARED.get_or_init(|| async {
        match env::var("TOPPER_TEST_POSTGRES_URL") {
            Ok(url) => Some(Postgres { url }),
            Err(_) => {
                let own = Own::start(&["-c", "fsync=off"]).await?;
                let url = own.url();
                // It ends with this process.
                std::mem::forget(own);
                Some(Postgres { url })
            }
        }
    });
    Some(server.await.as_ref()?.database().await)
}

impl Postgres {
    async fn database(&self) -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("topper_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection =
            PgConnection::connect(&format!("{}/postgres", self.url)).await.unwrap();
        connection
            .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0")))
            .await
            .unwrap();
        format!("{}/{name}", self.url)
    }
}

/// A server that a test has for itself, to do harm to.
pub(crate) struct Own {
    bin: PathBuf,
    folder: PathBuf,
    options: Vec<String>,
    port: Port,
    clock: Option<Clock>,
    process: Option<Process>,
}

impl Own {
    pub(crate) async fn start(options: &[&str]) -> Option<Self> {
        Self::start_with(None, options).await
    }

    /// One whose clock is another.
    pub(crate) async fn start_at(clock: Clock, options: &[&str]) -> Option<Self> {
        Self::start_with(Some(clock), options).await
    }

    async fn start_with(clock: Option<Clock>, options: &[&str]) -> Option<Self> {
        let mut own = Self::new(clock, options)?;
        own.begin().await;
        Some(own)
    }

    /// One that is not started yet.
    pub(crate) fn new(clock: Option<Clock>, options: &[&str]) -> Option<Self> {
        let initdb = installed("initdb")?;
        let folder = tempfile::Builder::new().prefix("topper-postgres").tempdir().unwrap().keep();
        give(&folder);
        // Faster than `initdb`, which each server would need.
        let status = Command::new("cp")
            .arg("-a")
            .arg(initialized(&initdb))
            .arg(folder.join("data"))
            .status()
            .unwrap();
        assert!(status.success());
        Some(Self {
            bin: initdb.parent().unwrap().to_owned(),
            folder,
            options: options.iter().map(|&option| option.to_owned()).collect(),
            port: Port::reserve(),
            clock,
            process: None,
        })
    }

    /// Makes a file that only the server may read, in its folder: `data/pg_hba.conf` says who may
    /// connect.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        give(&path);
        path
    }

    /// Starts it with these, too.
    pub(crate) fn add(&mut self, options: &[&str]) {
        self.options.extend(options.iter().map(|&option| option.to_owned()));
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }

    /// Starts it, at first or again.
    pub(crate) async fn begin(&mut self) {
        let postgres = as_user(&self.bin.join("postgres"));
        let mut arguments: Vec<String> =
            postgres.get_args().map(|argument| argument.to_str().unwrap().to_owned()).collect();
        let (data, socket) = (self.folder.join("data"), self.folder.display().to_string());
        let port = self.port.number().to_string();
        let data = data.to_str().unwrap();
        arguments.extend(["-D", data, "-p", &port, "-k", &socket].map(str::to_owned));
        // Shared memory in its folder: that in /dev/shm would outlive a server that is killed.
        let options = ["max_connections=200", "dynamic_shared_memory_type=mmap"];
        arguments.extend(options.iter().flat_map(|option| ["-c", option]).map(str::to_owned));
        arguments.extend(self.options.iter().cloned());
        let program = Path::new(postgres.get_program());
        self.process = Some(Process::start(program, &arguments, &self.folder, self.clock.as_ref()));
        for _ in 0..400 {
            if PgConnection::connect(&format!("{}/postgres", self.url())).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{}", fs::read_to_string(self.folder.join("log")).unwrap());
    }

    /// Kills it, and all that belongs to it.
    pub(crate) fn kill(&mut self) {
        let pids = self.pids();
        self.process.take().unwrap().kill();
        for pid in pids {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).output();
        }
        // So that it starts at once again.
        let _ = fs::remove_file(self.folder.join("data").join("postmaster.pid"));
    }

    /// The server's process and its children.
    pub(crate) fn pids(&self) -> Vec<u32> {
        let main = self.process.as_ref().unwrap().pid();
        let output = Command::new("ps").args(["-o", "pid=", "--ppid", &main.to_string()]).output();
        let children = String::from_utf8(output.unwrap().stdout).unwrap();
        let children = children.split_whitespace().map(|pid| pid.parse().unwrap());
        std::iter::once(main).chain(children).collect()
    }

    /// Without a database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port.number())
    }

    pub(crate) async fn database(&self) -> String {
        Postgres { url: self.url() }.database().await
    }
}

/// The data of a server that has not run yet. It is made once, and kept where the tests are built.
fn initialized(initdb: &Path) -> &'static Path {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    DATA.get_or_init(|| {
        let version = Command::new(initdb).arg("--version").output().unwrap().stdout;
        // "initdb (PostgreSQL) 17.2".
        let version = String::from_utf8(version).unwrap();
        let version = version.split_whitespace().nth(2).unwrap();
        let user = if is_root() { "postgres" } else { "own" };
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("initdb-{version}-{user}"));
        if kept.exists() {
            return kept;
        }
        let folder = tempfile::Builder::new().prefix("topper-initdb").tempdir().unwrap();
        give(folder.path());
        let data = folder.path().join("data");
        let output = as_user(initdb)
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .args(["--locale=C", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Another process may do the same: what is there is whole, and stays.
        let whole = tempfile::Builder::new().prefix("initdb").tempdir_in(kept.parent().unwrap());
        let whole = whole.unwrap();
        let copied = Command::new("cp").arg("-a").arg(&data).arg(whole.path()).status().unwrap();
        assert!(copied.success());
        let renamed = fs::rename(whole.path().join("data"), &kept);
        assert!(renamed.is_ok() || kept.exists(), "{renamed:?}");
        kept
    })
}

/// A program of PostgreSQL, of the newest version.
fn installed(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|version| version.unwrap().path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    program(name, &folders)
}

/// PostgreSQL does not run as root.
pub(crate) fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// Lets the server have a folder.
pub(crate) fn give(folder: &Path) {
    if is_root() {
        assert!(Command::new("chown").arg("postgres").arg(folder).status().unwrap().success());
    }
}
