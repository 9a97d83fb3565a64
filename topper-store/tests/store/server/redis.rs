//! Redis.

use std::{
    env, fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::sync::OnceCell;

use super::{Port, Process, program};

static SHARED: OnceCell<Option<String>> = OnceCell::const_new();

/// A database of its own on the server that all tests share: the one of `TOPPER_TEST_REDIS_URL`,
/// whose databases it empties, or one that is started.
pub(crate) async fn database() -> Option<String> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let server = SHARED.get_or_init(|| async {
        match env::var("TOPPER_TEST_REDIS_URL") {
            Ok(url) => Some(url),
            Err(_) => {
                let own = Own::start(&["--databases", "1000"]).await?;
                let url = own.url();
                // It ends with this process.
                std::mem::forget(own);
                Some(url)
            }
        }
    });
    let url = format!("{}/{}", server.await.as_ref()?, NEXT.fetch_add(1, Ordering::Relaxed));
    let mut connection = redis::Client::open(url.as_str())
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    redis::cmd("FLUSHDB").exec_async(&mut connection).await.unwrap();
    Some(url)
}

/// A server that a test has for itself, to do harm to.
pub(crate) struct Own {
    program: PathBuf,
    folder: PathBuf,
    options: Vec<String>,
    port: Port,
    process: Option<Process>,
}

impl Own {
    pub(crate) async fn start(options: &[&str]) -> Option<Self> {
        let program = program("redis-server", &["/usr/local/bin".into()])?;
        let folder = tempfile::Builder::new().prefix("topper-redis").tempdir().unwrap().keep();
        let mut own = Self {
            program,
            folder,
            options: options.iter().map(|&option| option.to_owned()).collect(),
            port: Port::reserve(),
            process: None,
        };
        own.begin().await;
        Some(own)
    }

    /// Starts it, at first or again.
    pub(crate) async fn begin(&mut self) {
        let (folder, port) = (self.folder.display().to_string(), self.port.number().to_string());
        let mut arguments: Vec<String> = [
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--dir",
            &folder,
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.extend(self.options.iter().cloned());
        self.process = Some(Process::start(&self.program, &arguments, &self.folder, None));
        let client = redis::Client::open(self.url()).unwrap();
        for _ in 0..400 {
            if let Ok(mut connection) = client.get_multiplexed_async_connection().await
                && redis::cmd("PING").exec_async(&mut connection).await.is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{}", fs::read_to_string(self.folder.join("log")).unwrap());
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().pid()
    }

    /// Without a database.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port.number())
    }
}
