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
        let mut own = Self::prepare(options)?;
        own.begin().await;
        Some(own)
    }

    /// One that does not run yet.
    pub(crate) fn prepare(options: &[&str]) -> Option<Self> {
        let program = program("redis-server", &["/usr/local/bin".into()])?;
        let folder = tempfile::Builder::new().prefix("topper-redis").tempdir().unwrap().keep();
        Some(Self {
            program,
            folder,
            options: options.iter().map(|&option| option.to_owned()).collect(),
            port: Port::reserve(),
            process: None,
        })
    }

    /// A Sentinel that watches a server under the name `topper`, and calls it down after a second.
    pub(crate) async fn sentinel(watched: &Self, options: &[&str]) -> Option<Self> {
        let mut own = Self::prepare(&[])?;
        let file = own.folder.join("sentinel.conf");
        let lines = [
            "bind 127.0.0.1".to_owned(),
            format!("port {}", own.port()),
            format!("dir {}", own.folder.display()),
            format!("sentinel monitor topper 127.0.0.1 {} 1", watched.port()),
            "sentinel down-after-milliseconds topper 1000".to_owned(),
            "sentinel failover-timeout topper 5000".to_owned(),
        ];
        let options = options.iter().map(|&option| option.to_owned());
        fs::write(&file, lines.into_iter().chain(options).collect::<Vec<_>>().join("\n")).unwrap();
        own.options = vec![file.display().to_string(), "--sentinel".to_owned()];
        own.process = Some(Process::start(&own.program, &own.options, &own.folder, None));
        own.answers().await;
        Some(own)
    }

    /// Starts it, at first or again.
    pub(crate) async fn begin(&mut self) {
        self.launch();
        self.answers().await;
    }

    fn launch(&mut self) {
        let (folder, port) = (self.folder.display().to_string(), self.port().to_string());
        let arguments = [
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
        ];
        let mut arguments = arguments.map(str::to_owned).to_vec();
        arguments.extend(self.options.iter().cloned());
        self.process = Some(Process::start(&self.program, &arguments, &self.folder, None));
    }

    /// Waits until it answers, be it with an error.
    async fn answers(&self) {
        let client = redis::Client::open(self.url()).unwrap();
        for _ in 0..400 {
            if let Ok(mut connection) = client.get_multiplexed_async_connection().await {
                match redis::cmd("PING").exec_async(&mut connection).await {
                    Err(error) if error.is_io_error() || error.code() == Some("LOADING") => {}
                    _ => return,
                }
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

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }

    /// Without a database.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// A connection to ask it other things with.
    pub(crate) async fn connection(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// Sends a command, whose answer is not looked at.
    pub(crate) async fn command(&self, words: &str) {
        self.try_command(words).await.unwrap();
    }

    pub(crate) async fn try_command(&self, words: &str) -> redis::RedisResult<()> {
        let words: Vec<_> = words.split(' ').collect();
        redis::cmd(words.first().unwrap())
            .arg(words.get(1..).unwrap())
            .exec_async(&mut self.connection().await)
            .await
    }

    /// A line of its `INFO`.
    pub(crate) async fn info(&self, name: &str) -> String {
        let mut connection = self.connection().await;
        let info: String = redis::cmd("INFO").query_async(&mut connection).await.unwrap();
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap_or_default().trim().to_owned()
    }
}
