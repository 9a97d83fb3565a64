//! An endpoint that answers each request as it is told, and remembers it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

#[derive(Clone, Copy)]
pub(crate) enum Behaviour {
    Answer(u16),
    /// Answers so many milliseconds later.
    Slow(u64),
    Redirect(u16),
    Hang,
    Close,
    /// Promises more of a body than it sends.
    BreakOff,
    Chunked,
    UntilClose,
    /// Announces its answer.
    Interim,
    /// Sends a body without end.
    Endless,
}

#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// How many were being answered when it came, itself included.
    pub(crate) at_once: usize,
}

impl Request {
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let lines = self.head.split("\r\n").filter_map(|line| line.split_once(": "));
        let lines = lines.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.to_owned()).collect()
    }
}

#[derive(Default)]
struct Log {
    requests: Vec<Request>,
    open: usize,
}

pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Log>>,
    task: JoinHandle<()>,
}

impl Endpoint {
    /// `behave` gets the number of requests before this one.
    pub(crate) async fn start(behave: impl Fn(usize) -> Behaviour + Send + Sync + 'static) -> Self {
        Self::start_with(None, behave).await
    }

    pub(crate) async fn start_with(
        tls: Option<TlsAcceptor>,
        behave: impl Fn(usize) -> Behaviour + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = Arc::clone(&log);
        let behave = Arc::new(behave);
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (log, behave, tls) = (Arc::clone(&shared), Arc::clone(&behave), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(socket, &log, &*behave).await,
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                serve(socket, &log, &*behave).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, log, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/webhooks/topper?a=b", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().requests.clone()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: S,
    log: &Mutex<Log>,
    behave: &(dyn Fn(usize) -> Behaviour + Sync),
) {
    let Some((head, body)) = read(&mut socket).await else { return };
    let behaviour = {
        let mut log = log.lock().unwrap();
        log.open += 1;
        let request = Request { head, body, at_once: log.open };
        log.requests.push(request);
        behave(log.requests.len() - 1)
    };
    answer(&mut socket, behaviour).await;
    log.lock().unwrap().open -= 1;
    let _ = socket.shutdown().await;
}

async fn read<S: AsyncRead + Unpin>(socket: &mut S) -> Option<(String, Vec<u8>)> {
    let mut received = Vec::new();
    loop {
        if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(received[..end + 2].to_vec()).unwrap();
            let length = head
                .split("\r\n")
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, value)| value.parse().unwrap());
            if received.len() >= end + 4 + length {
                return Some((head, received[end + 4..].to_vec()));
            }
        }
        if socket.read_buf(&mut received).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

async fn answer<S: AsyncWrite + Unpin>(socket: &mut S, behaviour: Behaviour) {
    let plain = "content-type: text/plain\r\n";
    let text = match behaviour {
        Behaviour::Answer(status) => format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n"),
        Behaviour::Slow(millis) => {
            sleep(Duration::from_millis(millis)).await;
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        Behaviour::Redirect(status) => {
            format!("HTTP/1.1 {status} x\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")
        }
        Behaviour::Hang => {
            sleep(Duration::from_secs(60)).await;
            return;
        }
        Behaviour::Close => return,
        Behaviour::BreakOff => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbroke".to_owned(),
        Behaviour::Chunked => format!(
            "HTTP/1.1 200 OK\r\n{plain}transfer-encoding: chunked\r\n\r\n\
             7\r\nin two \r\n6\r\nchunks\r\n0\r\n\r\n"
        ),
        Behaviour::UntilClose => format!("HTTP/1.1 200 OK\r\n{plain}\r\nto the end"),
        Behaviour::Interim => format!(
            "HTTP/1.1 103 Early Hints\r\n\r\n\
             HTTP/1.1 200 OK\r\n{plain}content-length: 7\r\n\r\nat last"
        ),
        Behaviour::Endless => {
            let head = format!("HTTP/1.1 200 OK\r\n{plain}\r\n");
            if socket.write_all(head.as_bytes()).await.is_ok() {
                while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
            }
            return;
        }
    };
    // The client may have gone.
    let _ = socket.write_all(text.as_bytes()).await;
}
