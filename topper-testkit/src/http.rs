//! One HTTP/1.1 exchange, byte by byte: an HTTP client would mend what a test has broken.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// What Topper waits for an answer.
const TOPPER_TIMEOUT: Duration = Duration::from_secs(4);
/// An answer of ours has a few hundred bytes.
const MOST_BYTES: u64 = 64 * 1024;

/// The answer to a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// From the connection to the end of the answer.
    pub elapsed: Duration,
}

/// Writes raw bytes to a socket of its own, and reads one answer up to the end of the connection.
///
/// # Errors
///
/// When there is no connection, or no readable answer within the 4 s Topper waits.
pub async fn exchange(to: SocketAddr, request: &[u8]) -> io::Result<Answer> {
    let started = Instant::now();
    let mut answer = Vec::new();
    timeout(TOPPER_TIMEOUT, async {
        let mut socket = TcpStream::connect(to).await?;
        // A server that has seen enough answers and closes while we still write; its answer counts.
        let written = socket.write_all(request).await;
        let read = (&mut socket).take(MOST_BYTES).read_to_end(&mut answer).await;
        if answer.is_empty() { written.and(read.map(drop)) } else { Ok(()) }
    })
    .await
    .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no answer within 4 s"))??;
    parse(&answer, started.elapsed())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP/1.1 answer"))
}

fn parse(answer: &[u8], elapsed: Duration) -> Option<Answer> {
    let (head, body) = std::str::from_utf8(answer).ok()?.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned(), elapsed })
}
