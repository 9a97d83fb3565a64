//! To graphile_worker.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions};
use serde::{Deserialize, Serialize};
use topper::store::sqlx::PgPool;

use crate::{
    Receiver,
    process::{Port, Process, installed, until},
};

/// Starts PostgreSQL with its files in a folder.
fn postgres(folder: &Path, port: &Port) -> Option<Process> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders: Vec<PathBuf> = versions.map(|it| it.unwrap().path().join("bin")).collect();
    let initdb = installed("initdb", &folders)?;
    let postgres = initdb.with_file_name("postgres");
    let (data, port) = (folder.join("data"), port.number().to_string());
    let (data, folder) = (data.to_str().unwrap(), folder.to_str().unwrap());
    // It does not run as root.
    let user = ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if is_root {
        assert!(Command::new("chown").args(["postgres", folder]).status().unwrap().success());
    }
    let command = |program: &Path, arguments: &[&str]| -> (PathBuf, Vec<String>) {
        let program = program.to_str().unwrap();
        let all =
            if is_root { [&user[..], &[program], arguments].concat() } else { arguments.to_vec() };
        let program = if is_root { "setpriv" } else { program };
        (program.into(), all.into_iter().map(str::to_owned).collect())
    };
    let (program, arguments) = command(
        &initdb,
        &[
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
            data,
        ],
    );
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (program, arguments) =
        command(&postgres, &["-D", data, "-p", &port, "-k", folder, "-c", "fsync=off"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Some(Process::start(&program, &arguments, &[]))
}

fn bridge(url: &str) -> Process {
    let bridge = Path::new(env!("CARGO_BIN_EXE_bridge-graphile"));
    Process::start(bridge, &[], &[("TOPPER_STORE_URL", url)])
}

/// What the jobs were run with.
static JOBS: Mutex<Vec<Job>> = Mutex::new(Vec::new());

#[derive(Clone, Deserialize, Serialize)]
struct Job {
    label: String,
    id: String,
    name: String,
    body: String,
    signature: String,
}

impl TaskHandler for Job {
    const IDENTIFIER: &'static str = "topper_event";

    async fn run(self, _: WorkerContext) -> impl IntoTaskHandlerResult {
        JOBS.lock().unwrap().push(self);
    }
}

fn count() -> usize {
    JOBS.lock().unwrap().len()
}

/// A worker runs the jobs meanwhile. It forgets the key of each that is done, so that a second job of an event
/// would be run.
#[tokio::test(flavor = "multi_thread")]
async fn each_event_becomes_one_job_also_when_the_bridge_is_killed() {
    let folder = tempfile::Builder::new().prefix("topper-bridge").tempdir().unwrap();
    let port = Port::reserve();
    let Some(_server) = postgres(folder.path(), &port) else { return };
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", port.number());
    let mut pool = None;
    until("PostgreSQL does not answer", async || {
        pool = PgPool::connect(&url).await.ok();
        pool.is_some()
    })
    .await;
    let worker = WorkerOptions::default().schema("graphile_worker").define_job::<Job>();
    let worker = worker.concurrency(4).pg_pool(pool.unwrap()).init().await.unwrap();
    tokio::spawn(async move { worker.run().await.unwrap() });

    let mut receiver = Receiver::new(&url).await;
    for _ in 0..6 {
        receiver.accept(50).await;
        let (running, before) = (bridge(&url), count());
        until("no job is run", async || count() > before).await;
        running.kill();
    }
    let _running = bridge(&url);
    until("the inbox does not get empty", async || receiver.is_empty().await).await;
    until("not every job is run", async || count() >= receiver.ids.len()).await;

    let jobs = JOBS.lock().unwrap().clone();
    let mut ids = Vec::new();
    for job in &jobs {
        assert_eq!(
            (job.label.as_str(), job.name.as_str()),
            ("default", "order:crypto-onramp:completed")
        );
        assert_eq!(receiver.verify(&job.signature, job.body.as_bytes()), job.id);
        ids.push(job.id.clone());
    }
    receiver.expect_each_once(&ids);
}
