//! Clients that take their time, next to genuine deliveries.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]
#![expect(clippy::indexing_slicing, reason = "tests stop at what should not happen")]
#![expect(clippy::print_stdout, reason = "it says what it measured")]

mod receiver;
mod short;

use std::{env, fs, net::SocketAddr, path::Path, time::Duration};

use receiver::{RECEIVERS, end, start};
use short::is_left_out;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::Child,
    sync::Mutex,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use topper::{EventName, Reply};
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// What a client sends before it falls silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Half {
    Nothing,
    Head,
    Body,
}

/// One flood at a time may have all files, and the cores.
static FLOODS: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_half_requests_within_10_s_next_to_genuine_deliveries() {
    if is_left_out() {
        return;
    }
    let _alone = FLOODS.lock().await;
    // Rocket has no deadline for a head.
    let flooded = RECEIVERS.iter().filter(|receiver| !receiver.ends_with("rocket"));
    let (key, folder) = (TestKey::generate(), tempfile::tempdir().unwrap());
    let settings = [("TOPPER_PROCESSING", "verify"), ("RUST_LOG", "error")];
    let mut receivers = Vec::new();
    for receiver in flooded {
        receivers.push((receiver, start(receiver, folder.path(), &key, &settings).await));
    }
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    let delivery = Delivery::signed(&key, event.to_json());

    // Floods of all at once: an allocator keeps of them what it likes. What comes after must not add
    // to that.
    for _ in 0..2 {
        let mut first = JoinSet::new();
        for (_, (_, address)) in &receivers {
            let (delivery, address) = (delivery.clone(), *address);
            first.spawn(async move { flood(&delivery, address).await });
        }
        while first.join_next().await.transpose().unwrap().is_some() {}
    }
    for (receiver, (child, address)) in receivers {
        measure(receiver, child, &delivery, address).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gives_memory_back_with_the_allocator_of_the_unit_file() {
    if is_left_out() {
        return;
    }
    let _alone = FLOODS.lock().await;
    let (key, folder) = (TestKey::generate(), tempfile::tempdir().unwrap());
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations/topper.service");
    let unit = fs::read_to_string(unit).unwrap();
    let allocator = unit.lines().find(|line| line.starts_with("Environment=LD_PRELOAD=")).unwrap();
    let allocator = allocator.trim_start_matches("Environment=").split(' ');
    let mut settings: Vec<_> = allocator.map(|setting| setting.split_once('=').unwrap()).collect();
    settings.extend([("TOPPER_PROCESSING", "verify"), ("RUST_LOG", "error")]);
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    let delivery = Delivery::signed(&key, event.to_json());
    for receiver in RECEIVERS.iter().filter(|receiver| !receiver.ends_with("rocket")) {
        let (child, address) = start(receiver, folder.path(), &key, &settings).await;
        let process = child.id().unwrap();
        if !fs::read_to_string(format!("/proc/{process}/maps")).unwrap().contains("jemalloc") {
            assert!(env::var_os("TOPPER_TEST_REQUIRE_SERVERS").is_none(), "install libjemalloc2");
            println!("skipped: libjemalloc2 is not installed");
            return;
        }
        // Some hundred ordinary deliveries, which every process in production has had.
        for _ in 0..300 {
            let answer = delivery.send(address, "/webhooks/topper").await.unwrap();
            assert_eq!(answer.body, Reply::Processed.code());
        }
        let before = memory(process);
        flood(&delivery, address).await;
        let (flooded, ended) = (memory(process), Instant::now());
        let mut after = flooded;
        while after > before + before / 5 && ended.elapsed() < Duration::from_secs(20) {
            sleep(Duration::from_secs(1)).await;
            after = memory(process);
        }
        println!(
            "{receiver}: {before} kB before, {flooded} kB at the end of the flood, {after} kB after {:?}",
            ended.elapsed(),
        );
        assert!(after <= before + before / 5, "{receiver}: {before} kB before, {after} kB after");
        drop(end(child, "-TERM").await);
    }
}

async fn measure(receiver: &str, child: Child, delivery: &Delivery, address: SocketAddr) {
    let name = Path::new(receiver).file_name().unwrap().to_str().unwrap();
    let before = memory(child.id().unwrap());
    let (slowest, times) = flood(delivery, address).await;
    let p99 = times[times.len() * 99 / 100];
    let after = memory(child.id().unwrap());
    println!(
        "{name}: {} of each ended within {slowest:?}; p99 of {} genuine deliveries {p99:?}; \
         {before} kB before, {after} kB after",
        most_of_each(),
        times.len(),
    );
    assert!(times.len() > 100, "{name}: {}", times.len());
    // Optimised and on a machine of its own, it is under 50 ms.
    assert!(p99 < Duration::from_millis(400), "{name}: {p99:?}");
    assert!(after <= before + before / 5, "{name}: {before} kB before, {after} kB after");
    drop(end(child, "-TERM").await);
}

/// How long the slowest of each kind was held, and how long genuine deliveries took meanwhile, sorted.
async fn flood(delivery: &Delivery, address: SocketAddr) -> ([Duration; 3], Vec<Duration>) {
    let framing = format!("content-length: {}", delivery.body.len());
    let mut half_body = delivery.head("/webhooks/topper", &framing);
    half_body.extend(&delivery.body[..delivery.body.len() / 2]);
    let mut halves = JoinSet::new();
    for _ in 0..most_of_each() {
        for half in [Half::Nothing, Half::Head, Half::Body] {
            let sent = match half {
                Half::Nothing => Vec::new(),
                Half::Head => b"POST /webhooks/topper HTTP/1.1\r\nhost: localhost\r\nx-to".to_vec(),
                Half::Body => half_body.clone(),
            };
            halves.spawn(hold(address, half, sent));
        }
    }
    let (mut slowest, mut times) = ([Duration::ZERO; 3], Vec::new());
    while !halves.is_empty() {
        let sent = Instant::now();
        let answer = delivery.send(address, "/webhooks/topper").await.unwrap();
        assert_eq!(answer.body, Reply::Processed.code());
        times.push(sent.elapsed());
        while let Some(held) = halves.try_join_next() {
            let (half, time) = held.unwrap();
            let slowest = &mut slowest[half as usize];
            *slowest = time.max(*slowest);
        }
        sleep(Duration::from_millis(15)).await;
    }
    times.sort();
    (slowest, times)
}

/// Sends a half, and says how long the receiver held it, which is 10 s at the most.
async fn hold(to: SocketAddr, half: Half, sent: Vec<u8>) -> (Half, Duration) {
    let mut socket = TcpStream::connect(to).await.unwrap();
    let began = Instant::now();
    socket.write_all(&sent).await.unwrap();
    let mut received = Vec::new();
    let ended = timeout(Duration::from_secs(10), async {
        while socket.read_buf(&mut received).await.is_ok_and(|bytes| bytes > 0) {}
    });
    assert!(ended.await.is_ok(), "{half:?} is still open");
    if half == Half::Body {
        let answer = String::from_utf8_lossy(&received).into_owned();
        assert!(answer.ends_with(Reply::BodyTimeout.code()), "{answer}");
    }
    (half, began.elapsed())
}

/// 500, unless this process and the receiver may not have that many files.
fn most_of_each() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let most: usize = files.split_whitespace().nth(3).unwrap().parse().unwrap_or(usize::MAX);
    (most.saturating_sub(200) / 9).min(500)
}

/// The memory of a process, in kB.
fn memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    resident.trim().trim_end_matches(" kB").parse().unwrap()
}
