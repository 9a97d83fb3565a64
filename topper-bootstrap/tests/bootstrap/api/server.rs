//! A server that gives one answer, byte by byte, and remembers what it was asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};
use topper_bootstrap::api::{Answer, BoxError, Client, Request};

/// What the server does after it was asked.
#[derive(Clone)]
pub(crate) enum Act {
    /// Sends the bytes, and closes the connection.
    Send(Vec<u8>),
    /// Sends a body without end.
    Endless,
    /// Sends nothing.
    #[cfg(feature = "client")]
    Hang,
}

/// A whole answer.
pub(crate) fn answer(status: u16, body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n", body.len());
    Act::Send([head.as_bytes(), body].concat())
}

/// How a connection is opened.
#[derive(Clone)]
pub(crate) enum Opening {
    Plain,
    #[cfg(feature = "client")]
    Tls(tokio_rustls::TlsAcceptor),
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(act: Act) -> Self {
        Self::start_with(Opening::Plain, act).await
    }

    pub(crate) async fn start_with(opening: Opening, act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (opening, act, log) = (opening.clone(), act.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    match opening {
                        Opening::Plain => converse(socket, act, &log).await,
                        #[cfg(feature = "client")]
                        Opening::Tls(tls) => match tls.accept(socket).await {
                            Ok(socket) => converse(socket, act, &log).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self { address, asked, task }
    }

    /// The requests, each with its head and its body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    act: Act,
    log: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut request = Vec::new();
    while !is_whole(&request) {
        if socket.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    log.lock().unwrap().push(String::from_utf8(request).unwrap());
    match act {
        Act::Send(bytes) => {
            socket.write_all(&bytes).await.ok()?;
            socket.shutdown().await.ok()
        }
        Act::Endless => {
            socket.write_all(b"HTTP/1.1 200 x\r\n\r\n").await.ok()?;
            loop {
                socket.write_all(&[b' '; 64 * 1024]).await.ok()?;
            }
        }
        #[cfg(feature = "client")]
        Act::Hang => std::future::pending().await,
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    body.len() >= lengths.next().map_or(0, |(_, length)| length.parse().unwrap())
}

/// The client of the documentation, which sends each request to the server, without TLS.
pub(crate) struct Plain {
    client: reqwest::Client,
    address: SocketAddr,
}

impl Plain {
    pub(crate) fn new(server: &Server) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        Self { client, address: server.address }
    }
}

impl Client for Plain {
    async fn send(&self, request: Request) -> Result<Answer, BoxError> {
        let path = request.url().strip_prefix("https://api.sandbox.topperpay.com").unwrap();
        let url = format!("http://{}{path}", self.address);
        let call = match request.json() {
            Some(json) => {
                let call = self.client.post(url).header("Content-Type", "application/json");
                call.body(json.to_owned())
            }
            None => self.client.get(url),
        };
        let mut response = call.send().await?;
        let mut answer = Answer::new(response.status().as_u16());
        while let Some(piece) = response.chunk().await? {
            answer.push(&piece)?;
        }
        Ok(answer)
    }
}
