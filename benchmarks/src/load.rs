//! The load: distinct events that were signed before the clock runs, over connections that stay open.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;
use topper::EventName;
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::PATH;

/// So many requests are in flight.
pub const CONNECTIONS: usize = 64;

/// Signed events, as bytes of requests.
#[derive(Debug)]
pub struct Events {
    key: TestKey,
    requests: Vec<Vec<u8>>,
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl Events {
    /// None yet, of a new key.
    pub fn new() -> Self {
        Self { key: TestKey::generate(), requests: Vec::new() }
    }

    /// The key that receivers verify with.
    pub fn public_jwk(&self) -> String {
        self.key.public_jwk()
    }

    /// The requests so far.
    pub fn requests(&self) -> &[Vec<u8>] {
        &self.requests
    }

    /// Signs more events, until there are so many.
    pub fn sign(&mut self, count: usize) {
        let missing = count.saturating_sub(self.requests.len());
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let key = &self.key;
        let made: Vec<Vec<u8>> = thread::scope(|scope| {
            let part = move || (0..missing.div_ceil(threads)).map(|_| request(key)).collect();
            let parts: Vec<_> = (0..threads).map(|_| scope.spawn(part)).collect();
            let parts = parts.into_iter().filter_map(|part| part.join().ok());
            parts.flat_map(|part: Vec<Vec<u8>>| part).collect()
        });
        self.requests.extend(made);
    }
}

fn request(key: &TestKey) -> Vec<u8> {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
    let delivery = Delivery::signed(key, event);
    let framing = format!("content-length: {}", delivery.body.len());
    [delivery.head(PATH, &framing), delivery.body].concat()
}

/// What came of a round.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Round {
    /// How many requests were answered with 200.
    pub requests: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The median of the times to an answer, in microseconds.
    pub p50: u64,
    /// All but one in a hundred were answered in this time, in microseconds.
    pub p99: u64,
}

/// Sends for so long, or until all were sent unless they are sent again; each connection sends the next
/// request when it has the answer.
///
/// # Errors
///
/// When a connection fails, or an answer is not 200.
pub fn round(
    port: u16,
    requests: &[Vec<u8>],
    time: Duration,
    is_reused: bool,
) -> io::Result<Round> {
    let next = AtomicUsize::new(0);
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(port)?);
    }
    let started = Instant::now();
    let parts: Vec<io::Result<Vec<u64>>> = thread::scope(|scope| {
        let threads: Vec<_> = connections
            .iter_mut()
            .map(|connection| {
                let next = &next;
                scope.spawn(move || {
                    let mut times = Vec::new();
                    while started.elapsed() < time {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let at = if is_reused { number % requests.len().max(1) } else { number };
                        let Some(request) = requests.get(at) else { break };
                        let sent = Instant::now();
                        connection.exchange(request)?;
                        times.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
                    }
                    Ok(times)
                })
            })
            .collect();
        let lost = || Err(io::Error::other("a thread ended"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| lost())).collect()
    });
    let seconds = started.elapsed().as_secs_f64();
    let mut times = Vec::new();
    for part in parts {
        times.extend(part?);
    }
    times.sort_unstable();
    let at = |percent: usize| {
        times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)))
    };
    let (p50, p99) = (at(50).copied().unwrap_or_default(), at(99).copied().unwrap_or_default());
    Ok(Round { requests: times.len(), seconds, p50, p99 })
}

/// A connection, and what was read of an answer.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a request and reads the answer to its end.
    fn exchange(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut chunk = [0; 2048];
        loop {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                return Err(io::Error::other("the receiver ended the connection"));
            }
            self.buffer.extend_from_slice(chunk.get(..read).unwrap_or_default());
            match answer(&self.buffer) {
                Some(200) => return Ok(()),
                Some(_) => {
                    let text = String::from_utf8_lossy(&self.buffer);
                    return Err(io::Error::other(format!("an answer is not 200: {text}")));
                }
                None => {}
            }
        }
    }
}

/// The status of an answer, once it is complete.
fn answer(bytes: &[u8]) -> Option<u16> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let body = bytes.get(end + 4..)?;
    let is_complete = match length {
        Some(length) => body.len() >= length,
        None => body.ends_with(b"0\r\n\r\n"),
    };
    is_complete.then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nprocessed";
        assert_eq!(answer(whole), Some(200));
        assert_eq!(answer(&whole[..whole.len() - 1]), None);
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"), None);
        assert_eq!(answer(b"HTTP/1.1 401 Unauthorized\r\ncontent-length:0\r\n\r\n"), Some(401));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
        assert_eq!(answer(chunked), Some(200));
        assert_eq!(answer(&chunked[..chunked.len() - 5]), None);
    }

    #[test]
    fn events_are_distinct_and_are_signed_once() {
        let mut events = Events::new();
        events.sign(3);
        let before = events.requests().to_vec();
        assert!(before.len() >= 3);
        events.sign(2);
        assert_eq!(events.requests(), before);
        let mut distinct = before.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), before.len());
    }
}
