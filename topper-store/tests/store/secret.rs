//! No secret of a URL is in an error, a report, a log, or a panic.

use std::{
    env,
    error::Error,
    process::{Command, Stdio},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Executor as _};
use tokio::{task::JoinSet, time::timeout};
use topper_store::{AnyStore, EventKey, Lease, Report, Store as _, StoreError};

use crate::server::{Port, redis, secure::Secure};

mod case;

use case::{Fate, Servers};

/// A part of each secret. It stays the same when a URL is cut, decoded, encoded, or in lower case.
const CANARY: &str = "an4ry";
const SERVERS: &str = "TOPPER_TEST_SECRET_SERVERS";

#[tokio::test(flavor = "multi_thread")]
async fn is_shown_nowhere() {
    let Some(secure) = Secure::shared().await else { return };
    let Some(redis) = redis::database().await else { return };
    let (database, mut admin) = secure.database().await;
    let role = "CREATE ROLE passworded_user LOGIN PASSWORD 'another' IN ROLE passworded";
    admin.execute(AssertSqlSafe(role)).await.unwrap();
    let port = Port::reserve();
    let (redis, _) = redis.trim_start_matches("redis://").split_once('/').unwrap();
    let servers = format!("127.0.0.1:{} localhost:{} {redis}", port.number(), database.port);
    // In a process of its own, whose whole output is seen.
    let output = tokio::task::spawn_blocking(move || {
        Command::new(env::current_exe().unwrap())
            .args(["secret::is_looked_for_when_told_to", "--exact", "--nocapture"])
            .env(SERVERS, servers)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    let lines = |part: &str| text.lines().filter(|line| line.contains(part)).collect::<Vec<_>>();
    assert!(
        output.status.success(),
        "{}",
        text.lines().rev().take(30).collect::<Vec<_>>().join("\n")
    );
    // What is looked for is found where it is.
    let (control, shown): (Vec<_>, Vec<_>) = lines(CANARY)
        .into_iter()
        .partition(|line| line.contains("TRACE") && line.contains("control"));
    assert_eq!(control.len(), 1);
    assert!(shown.is_empty(), "{shown:#?}");
    let unexpected = lines("UNEXPECTED");
    assert!(unexpected.is_empty(), "{unexpected:#?}");
}

/// Uses all URLs, when it is told to, and shows all that there is.
#[test]
fn is_looked_for_when_told_to() {
    let Ok(servers) = env::var(SERVERS) else { return };
    let servers: Vec<_> = servers.split(' ').map(str::to_owned).collect();
    let [nobody, postgres, redis] = servers.try_into().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(std::io::stdout);
    subscriber.init();
    tracing::trace!("control {CANARY}");
    let cases = case::all(&Servers { nobody, postgres, redis });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let tasks = cases.into_iter().enumerate();
        let mut tasks: JoinSet<()> = tasks
            .map(|(number, (url, fate))| async move { show(number, &url, fate).await })
            .collect();
        while let Some(task) = tasks.join_next().await {
            task.unwrap();
        }
    });
}

async fn show(number: usize, url: &str, fate: Fate) {
    let (connected, report) = if fate == Fate::Wrong {
        // What is not ready the first time has begun something.
        let connected = timeout(Duration::ZERO, AnyStore::connect(url)).await;
        let report = timeout(Duration::ZERO, AnyStore::check(url)).await;
        match (connected, report) {
            (Ok(connected), Ok(report)) => (connected, report),
            _ => return println!("UNEXPECTED: case {number} is not answered at once"),
        }
    } else {
        tokio::join!(AnyStore::connect(url), AnyStore::check(url))
    };
    show_report(&report);
    match (fate, connected) {
        (Fate::Wrong | Fate::Refused, Err(error)) => {
            println!("case {number}: {}", error.source().unwrap());
            show_error(&error);
            assert!(!report.is_usable());
        }
        (Fate::Works, Ok(store)) => {
            println!("case {number}: {store:?}");
            let lease = Lease::new(EventKey::new("secret", &number.to_string())).unwrap();
            store.claim(&lease, Duration::from_secs(60)).await.unwrap();
            store.complete(&lease).await.unwrap();
        }
        (_, connected) => println!("UNEXPECTED: case {number} is {:?}", connected.map(drop)),
    }
}

fn show_error(error: &StoreError) {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        println!("{error} {error:?} {error:#?}");
        next = error.source();
    }
}

fn show_report(report: &Report) {
    println!("{report:?}");
    for point in report.points() {
        println!("{point} {point:?} {}", point.found);
    }
}
