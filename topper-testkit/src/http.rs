//! HTTP/1.1 exchanges, byte by byte: an HTTP client would repair what a test has broken.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
    time::{sleep, timeout},
};
use topper_core::protocol;

/// Our answers have a few hundred bytes.
const MOST_BYTES: usize = 64 * 1024;

/// An HTTP answer to a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The value of `Content-Type`, or empty.
    pub content_type: String,
    /// The body.
    pub body: String,
    /// The time from the start of the connection to the end of this answer.
    pub elapsed: Duration,
}

impl Answer {
    /// Creates an answer that another client has read, for example over HTTP/2.
    pub fn new(
        status: u16,
        content_type: impl Into<String>,
        body: impl Into<String>,
        elapsed: Duration,
    ) -> Self {
        Self { status, content_type: content_type.into(), body: body.into(), elapsed }
    }
}

/// One thing that a client does on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Waits.
    Pause(Duration),
    /// Ends its side of the connection: it will send no more.
    Finish,
}

/// Sends raw bytes over its own connection, and reads one answer.
///
/// # Errors
///
/// When the connection fails, or no readable answer comes within 4 s, as long as Topper waits.
pub async fn exchange(to: SocketAddr, request: impl Into<Vec<u8>>) -> io::Result<Answer> {
    let mut answers = converse(to, vec![Act::Send(request.into())], 1).await?;
    answers.pop().ok_or_else(no_answer)
}

/// Acts as told over its own connection, until it has read `count` answers.
///
/// # Errors
///
/// When the connection fails, or fewer readable answers come within 4 s, as long as Topper waits.
pub async fn converse(to: SocketAddr, acts: Vec<Act>, count: usize) -> io::Result<Vec<Answer>> {
    let started = Instant::now();
    let answers = timeout(protocol::TIMEOUT, async {
        let (read, write) = TcpStream::connect(to).await?.into_split();
        // Ends when it is dropped, also if the time is over before the answers are there.
        let mut writing = JoinSet::new();
        writing.spawn(act(write, acts));
        receive(read, count, started).await
    });
    let answers = answers
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no answer within 4 s"))??;
    if answers.len() == count { Ok(answers) } else { Err(no_answer()) }
}

/// Reads until there are enough answers, or there is nothing more to read.
async fn receive(
    mut socket: OwnedReadHalf,
    count: usize,
    started: Instant,
) -> io::Result<Vec<Answer>> {
    let mut received = Vec::new();
    loop {
        let has_ended = match socket.read_buf(&mut received).await {
            Ok(bytes) => bytes == 0 || received.len() > MOST_BYTES,
            // A server that answers early may reset the connection; its answer counts.
            Err(_) if !received.is_empty() => true,
            Err(error) => return Err(error),
        };
        if has_ended && received.is_empty() && count > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer"));
        }
        let answers = parse(&received, has_ended, started.elapsed());
        if answers.len() >= count || has_ended {
            return Ok(answers);
        }
    }
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

/// All answers that are there in full, up to one that cannot be read.
fn parse(received: &[u8], has_ended: bool, elapsed: Duration) -> Vec<Answer> {
    let mut rest = std::str::from_utf8(received).unwrap_or_default();
    let mut answers = Vec::new();
    while let Some((answer, after)) = parse_one(rest, has_ended, elapsed) {
        rest = after;
        // `100 Continue` and its like announce an answer.
        if answer.status >= 200 {
            answers.push(answer);
        }
    }
    answers
}

fn parse_one(text: &str, has_ended: bool, elapsed: Duration) -> Option<(Answer, &str)> {
    let (head, after) = text.split_once("\r\n\r\n")?;
    let status: u16 = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let header = |name: &str| {
        head.split("\r\n").skip(1).find_map(|line| {
            let (other, value) = line.split_once(':')?;
            other.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let length = match header("content-length") {
        Some(length) => length.parse().ok()?,
        None if status < 200 => 0,
        // Without a length the body goes on to the end of the connection.
        None if has_ended => after.len(),
        None => return None,
    };
    let (body, rest) = after.split_at_checked(length)?;
    let content_type = header("content-type").unwrap_or_default().to_owned();
    Some((Answer { status, content_type, body: body.to_owned(), elapsed }, rest))
}
