//! An inbox in PostgreSQL.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::TcpListener,
    process::{Child, Command},
    time::sleep,
};
use topper_core::Outcome;
use topper_store::sqlx::{AssertSqlSafe, Connection as _, Executor as _, postgres::PgConnection};

use super::{ORDER, Receiver, accept_one_of_each};
use crate::{
    Home,
    program::{is_left_out, signal},
};

/// A server and its folder, gone with this.
pub(crate) struct Server {
    pub(crate) url: String,
    process: Child,
    folder: PathBuf,
    bin: PathBuf,
    port: String,
}

impl Server {
    /// None where PostgreSQL is not installed.
    pub(crate) async fn start() -> Option<Self> {
        if is_left_out("PostgreSQL") {
            return None;
        }
        let Some(bin) = installed() else {
            assert!(std::env::var_os("TOPPER_TEST_REQUIRE_SERVERS").is_none(), "no PostgreSQL");
            println!("skipped: PostgreSQL is not installed");
            return None;
        };
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("topper-cli-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        if is_root().await {
            assert!(
                Command::new("chown")
                    .arg("postgres")
                    .arg(&folder)
                    .status()
                    .await
                    .unwrap()
                    .success()
            );
        }
        let data = folder.join("data");
        let mut initdb = as_user(&bin.join("initdb")).await;
        initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "-D"]);
        let output = initdb.arg(&data).output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
        // Free a moment ago; were it taken in between, the server would end, and the test fail.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        drop(listener);
        let process = run(&bin, &folder, &port).await;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let server = Self { url, process, folder, bin, port };
        server.answers().await;
        Some(server)
    }

    async fn answers(&self) {
        for _ in 0..400 {
            if PgConnection::connect(&self.url).await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("PostgreSQL does not start");
    }

    /// A new database, by its URL.
    pub(crate) async fn database(&self, name: &str) -> String {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        connection.execute(statement).await.unwrap();
        format!("{}/{name}", self.url.strip_suffix("/postgres").unwrap())
    }

    /// Ends it, and every connection to it.
    pub(crate) async fn stop(&mut self) {
        signal(&self.process, "-INT").await;
        self.process.wait().await.unwrap();
    }

    /// Starts it once more, where it was.
    pub(crate) async fn start_again(&mut self) {
        self.process = run(&self.bin, &self.folder, &self.port).await;
        self.answers().await;
    }
}

async fn run(bin: &Path, folder: &Path, port: &str) -> Child {
    let mut postgres = as_user(&bin.join("postgres")).await;
    postgres.args(["-c", "fsync=off", "-p", port, "-k"]).arg(folder);
    postgres.arg("-D").arg(folder.join("data"));
    postgres.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    postgres.spawn().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.start_kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder with the programs of the newest version.
fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = versions.map(|version| version.unwrap().path().join("bin"));
    folders.filter(|folder| folder.join("initdb").is_file()).max()
}

async fn is_root() -> bool {
    Command::new("id").arg("-u").output().await.unwrap().stdout == b"0\n"
}

/// PostgreSQL does not run as root.
async fn as_user(program: &Path) -> Command {
    if !is_root().await {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

#[tokio::test]
async fn does_the_same_in_postgresql_as_in_a_file() {
    let Some(server) = Server::start().await else { return };
    let receiver = Receiver::at(Home::new(), server.database("inbox").await).await;
    accept_one_of_each(&receiver).await;

    let output = receiver.topper(&["stats", "--json"]).await;
    let stats = &output.objects()[0];
    for (field, expected) in
        [("pending", 2), ("due", 1), ("in_work", 1), ("parked", 1), ("dead", 1), ("done_today", 1)]
    {
        assert_eq!(stats[field], expected, "{stats}");
    }
    for state in ["done", "parked", "dead", "buried", "in-work"] {
        assert_eq!(receiver.ids(&["--state", state]).await, [state]);
    }
    assert_eq!(receiver.ids(&["--order", ORDER]).await, ["due"]);
    assert_eq!(receiver.ids(&["--failed"]).await, ["parked", "dead", "waiting", "buried"]);
    assert_eq!(receiver.objects(&["show", "dead"]).await[0]["signature"]["valid"], true);
    let order = receiver.objects(&["order", ORDER]).await;
    assert_eq!(order[0]["latest"], "order:crypto-onramp:completed");
    assert_eq!(receiver.topper(&["export"]).await.objects().len(), 7);

    // Not before: a worker would take up the parked event by itself.
    let output = receiver.topper(&["retry", "--all", "--yes"]).await;
    assert_eq!(output.stdout, "3 events retried\n", "{output:?}");
    // These, and the one that is due.
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let process = move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok(Outcome::Processed) }
    };
    let worker = receiver.inbox.work(process).start();
    for _ in 0..1000 {
        if runs.load(Ordering::Relaxed) == 4 {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    worker.drain().await;
    assert_eq!(runs.load(Ordering::Relaxed), 4);
    assert_eq!(receiver.ids(&["--state", "done"]).await.len(), 5);

    let output = receiver.topper(&["purge", "--older-than", "0s", "--yes"]).await;
    assert_eq!(output.stdout, "6 events purged\n", "{output:?}");
    let output = receiver.topper(&["show", "dead"]).await;
    assert!(output.code == Some(1) && output.stdout.contains("only its id is kept"));
    let output = receiver.topper(&["list", "--retrying"]).await;
    assert_eq!((output.code, &*output.stderr), (Some(0), "no events are being retried\n"));
}
