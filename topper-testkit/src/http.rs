//! HTTP/1.1 exchanges, byte by byte: an HTTP client would mend what a test has broken.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, tcp::OwnedWriteHalf},
    time::{sleep, timeout},
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
    /// The value of `Content-Type`, or nothing.
    pub content_type: String,
    /// The body.
    pub body: String,
    /// From the connection to the end of the last answer.
    pub elapsed: Duration,
}

/// What a client does on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Waits.
    Pause(Duration),
    /// Says that it will send no more.
    Finish,
}

/// Sends raw bytes over a connection of its own, and reads one answer.
///
/// # Errors
///
/// When there is no connection, or no readable answer within the 4 s Topper waits.
pub async fn exchange(to: SocketAddr, request: impl Into<Vec<u8>>) -> io::Result<Answer> {
    let mut answers = converse(to, vec![Act::Send(request.into())]).await?;
    answers.pop().ok_or_else(no_answer)
}

/// Does what it is told over a connection of its own, and reads every answer up to its end.
///
/// The last request should ask for the connection to be closed.
///
/// # Errors
///
/// When there is no connection, or no readable answer within the 4 s Topper waits.
pub async fn converse(to: SocketAddr, acts: Vec<Act>) -> io::Result<Vec<Answer>> {
    let started = Instant::now();
    let received = timeout(TOPPER_TIMEOUT, async {
        let (read, write) = TcpStream::connect(to).await?.into_split();
        let writing = tokio::spawn(act(write, acts));
        let mut received = Vec::new();
        let result = read.take(MOST_BYTES).read_to_end(&mut received).await;
        writing.abort();
        // A server that answers early may reset the connection; its answer counts.
        if received.is_empty() { result.map(|_| received) } else { Ok(received) }
    });
    let received = received
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no answer within 4 s"))??;
    parse(&received, started.elapsed()).filter(|answers| !answers.is_empty()).ok_or_else(no_answer)
}

async fn act(mut socket: OwnedWriteHalf, acts: Vec<Act>) -> io::Result<()> {
    for act in acts {
        match act {
            Act::Send(bytes) => socket.write_all(&bytes).await?,
            Act::Pause(time) => sleep(time).await,
            Act::Finish => socket.shutdown().await?,
        }
    }
    // The socket would say with its end that nothing more comes; a client waits for its answer.
    std::future::pending().await
}

fn no_answer() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no readable HTTP/1.1 answer")
}

/// All answers that are there; `None` when one of them cannot be read.
fn parse(received: &[u8], elapsed: Duration) -> Option<Vec<Answer>> {
    let mut rest = std::str::from_utf8(received).ok()?;
    let mut answers = Vec::new();
    while !rest.is_empty() {
        let (head, after) = rest.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status: u16 = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
        let header = |name: &str| {
            head.split("\r\n").skip(1).find_map(|line| {
                let (other, value) = line.split_once(':')?;
                other.eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        // Without a length the body goes on to the end of the connection.
        let length = match header("content-length") {
            Some(length) => length.parse().ok()?,
            None if (100..200).contains(&status) => 0,
            None => after.len(),
        };
        let (body, next) = after.split_at_checked(length)?;
        rest = next;
        if status >= 200 {
            answers.push(Answer {
                status,
                content_type: header("content-type").unwrap_or_default().to_owned(),
                body: body.to_owned(),
                elapsed,
            });
        }
    }
    Some(answers)
}
