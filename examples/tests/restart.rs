//! A rolling restart under load: nothing is refused or closed without an answer while a receiver that
//! was told to end goes on accepting, and every event is finally answered.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]
#![expect(clippy::print_stdout, reason = "it says what it counted")]

mod receiver;
mod short;

use std::{
    io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use receiver::{RECEIVERS, end, start};
use short::is_left_out;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use topper::EventName;
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// Clients that send on a connection each for as long as they are let, and as many that take a new
/// connection for each delivery.
const CLIENTS: usize = 20;
/// Between two deliveries of a client: 200 a second of all.
const EVERY: Duration = Duration::from_millis(200);
const BEFORE: Duration = Duration::from_millis(1500);
/// As `SHUTDOWN_DELAY` of the receivers.
const DELAY: Duration = Duration::from_secs(2);
/// A load balancer goes over to the new receiver this long before the old one stops accepting: the
/// time that a delivery is on its way.
const MARGIN: Duration = Duration::from_millis(100);
/// A machine that is busy takes so long to tell it to end.
const HEARD: Duration = Duration::from_millis(500);
const AFTER: Duration = Duration::from_millis(700);

#[derive(Default)]
struct Counts {
    sent: AtomicUsize,
    by_old: AtomicUsize,
    /// Refused, or closed without an answer, or answered so that Topper tries again.
    failed: AtomicUsize,
    /// Answers that end their connection, and of these those from before it was told to end.
    last: AtomicUsize,
    too_early: AtomicUsize,
    /// Answers that do not, to what was sent well after it was told to end.
    too_late: AtomicUsize,
    never_answered: AtomicUsize,
}

fn add(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loses_no_delivery_in_a_rolling_restart() {
    if is_left_out() {
        return;
    }
    for receiver in RECEIVERS {
        restart(receiver).await;
    }
}

async fn restart(receiver: &'static str) {
    let key = Arc::new(TestKey::generate());
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SHUTDOWN_DELAY", "2"), ("RUST_LOG", "error"), ("TOPPER_PROCESSING", "inbox")];
    let (old, old_address) = start(receiver, folder.path(), &key, &settings).await;
    let (new, new_address) = start(receiver, folder.path(), &key, &settings).await;
    let name = Path::new(receiver).file_name().unwrap().to_str().unwrap();

    let counts = Arc::new(Counts::default());
    let began = Instant::now();
    let told_to_end = began + BEFORE;
    let goes_over = told_to_end + DELAY - MARGIN;
    let stops = told_to_end + DELAY + AFTER;
    let mut clients = JoinSet::new();
    for client in 0..2 * CLIENTS {
        let (key, counts) = (Arc::clone(&key), Arc::clone(&counts));
        let first =
            began + EVERY * u32::try_from(client).unwrap() / u32::try_from(2 * CLIENTS).unwrap();
        clients.spawn(async move {
            let mut connection = None;
            for number in 0.. {
                let at = first + EVERY * number;
                if at > stops {
                    return;
                }
                sleep_until(at).await;
                let is_old = Instant::now() < goes_over;
                let address = if is_old { old_address } else { new_address };
                let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
                    .id(&format!("event-{client}-{number}"));
                let delivery = Delivery::signed(&key, event.to_json());
                let keeps = client < CLIENTS;
                // A connection is kept to one receiver only.
                let kept = connection.take().filter(|(to, _)| keeps && *to == address);
                let asked = Instant::now();
                let answered = deliver(&delivery, address, kept.map(|(_, socket)| socket)).await;
                add(&counts.sent);
                match answered {
                    Ok((true, kept)) => {
                        if is_old {
                            add(&counts.by_old);
                            match kept {
                                None if Instant::now() < told_to_end => add(&counts.too_early),
                                None => add(&counts.last),
                                Some(_) if asked > told_to_end + HEARD => add(&counts.too_late),
                                Some(_) => {}
                            }
                        }
                        connection = kept.filter(|_| keeps).map(|socket| (address, socket));
                        continue;
                    }
                    Ok((false, _)) => println!("{name}: an answer that is no 200"),
                    Err(error) => {
                        println!("{name}: {error}, {:?} after SIGTERM", told_to_end.elapsed())
                    }
                }
                add(&counts.failed);
                // Topper tries again.
                if !matches!(deliver(&delivery, new_address, None).await, Ok((true, _))) {
                    add(&counts.never_answered);
                }
            }
        });
    }
    sleep_until(told_to_end).await;
    let ended = tokio::spawn(end(old, "-TERM"));
    while clients.join_next().await.transpose().unwrap().is_some() {}
    let output = ended.await.unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
    drop(end(new, "-INT").await);

    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    let (sent, failed, last) = (count(&counts.sent), count(&counts.failed), count(&counts.last));
    println!(
        "{name}: {sent} sent, {} answered by the old one, {last} of these ended their connection, {failed} failed",
        count(&counts.by_old)
    );
    assert!(sent > 700, "{name}: {sent} are fewer than 200 a second");
    assert_eq!(failed, 0, "{name}");
    assert_eq!(count(&counts.never_answered), 0, "{name}");
    // Every one from then on, and none before.
    assert!(last > 100, "{name}: {last}");
    assert_eq!((count(&counts.too_early), count(&counts.too_late)), (0, 0), "{name}");
}

/// Delivers on a connection, and returns it for the next one unless the answer ended it; says whether
/// the answer was 200.
async fn deliver(
    delivery: &Delivery,
    to: SocketAddr,
    kept: Option<TcpStream>,
) -> io::Result<(bool, Option<TcpStream>)> {
    let exchange = async {
        let mut socket = match kept {
            Some(socket) => socket,
            None => TcpStream::connect(to).await?,
        };
        let framing = format!("content-length: {}", delivery.body.len());
        let mut request = delivery.head("/webhooks/topper", &framing);
        request.extend(&delivery.body);
        socket.write_all(&request).await?;
        let mut received = Vec::new();
        loop {
            if socket.read_buf(&mut received).await? == 0 {
                let what = format!("closed after {} bytes of an answer", received.len());
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
            }
            let text = String::from_utf8_lossy(&received).to_ascii_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let field = |name: &str| {
                head.lines()
                    .find_map(|line| line.strip_prefix(name).map(|value| value.trim().to_owned()))
            };
            let length: usize = field("content-length:").unwrap().parse().unwrap();
            if body.len() < length {
                continue;
            }
            let is_ok = head.starts_with("http/1.1 200 ");
            if field("connection:").as_deref() != Some("close") {
                return Ok((is_ok, Some(socket)));
            }
            // What says that it closes does close, and in order.
            assert_eq!(socket.read_buf(&mut received).await?, 0);
            return Ok((is_ok, None));
        }
    };
    timeout(Duration::from_secs(4), exchange).await.map_err(|_| io::ErrorKind::TimedOut)?
}
