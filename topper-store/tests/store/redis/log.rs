//! What is logged, and what claims say, while there is no server.

use std::{
    error::Error as _,
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};
use topper_store::{EventKey, Lease, RedisStore, Store as _};
use tracing_subscriber::fmt::MakeWriter;

use super::SECRET;
use crate::server::redis::Own;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn all(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains("s3cret"), "{text}");
        text.lines().map(str::to_owned).collect()
    }

    fn with(&self, part: &str) -> usize {
        self.all().iter().filter(|line| line.contains(part)).count()
    }
}

fn run<F: Future<Output = ()>>(test: impl FnOnce(Lines) -> F) {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(test(lines)));
}

async fn claims(store: &RedisStore) -> Result<(), String> {
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    let claimed = store.claim(&lease, Duration::from_secs(1)).await;
    claimed.map(drop).map_err(|error| error.source().unwrap().to_string())
}

#[test]
fn says_once_that_the_server_is_gone_and_once_that_it_is_back() {
    run(async |lines: Lines| {
        let options = ["--requirepass", "s3cret/word", "--appendfsync", "everysec"];
        let Some(mut server) = Own::start(&options).await else { return };
        let url = format!("redis://:{SECRET}@127.0.0.1:{}/0", server.port());
        let store = RedisStore::connect(&url).await.unwrap();
        assert_eq!(lines.with("`appendfsync` is everysec"), 1, "{:?}", lines.all());
        server.kill();
        // Also when nothing is asked.
        let warned = async {
            while lines.with("lost the connection") == 0 {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(5), warned).await.unwrap();
        for _ in 0..3 {
            let started = Instant::now();
            let error = claims(&store).await.unwrap_err();
            let waited = started.elapsed();
            assert!(error.contains("connection refused"), "{error}");
            assert!(waited > Duration::from_millis(350), "it waited {waited:?}");
            assert!(waited < Duration::from_millis(900), "it waited {waited:?}");
        }
        server.begin().await;
        let back = async {
            while claims(&store).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(5), back).await.unwrap();
        assert_eq!(lines.with("lost the connection"), 1, "{:?}", lines.all());
        assert_eq!(lines.with("connected to 127.0.0.1"), 1, "{:?}", lines.all());
        assert_eq!(lines.all().len(), 3, "{:?}", lines.all());
        assert!(!format!("{store:?}").contains("s3cret"));
        println!("{}", lines.all().join("\n"));
    });
}

#[test]
fn says_nothing_of_a_connection_that_was_idle() {
    run(async |lines: Lines| {
        let Some(server) = Own::start(&["--timeout", "1"]).await else { return };
        let store = RedisStore::connect(&server.url()).await.unwrap();
        for _ in 0..2 {
            sleep(Duration::from_millis(2500)).await;
            claims(&store).await.unwrap();
        }
        assert_eq!(lines.all(), Vec::<String>::new());
    });
}
