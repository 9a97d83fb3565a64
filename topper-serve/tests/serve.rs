//! A server on real sockets: its health, its end, and deliveries to a wrong place.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use topper_core::Reply;
use topper_serve::{Peer, RequestBody, ServeError, Server, serve};
use topper_testkit::{Answer, exchange};

/// A port that was free a moment ago.
fn free() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

struct Started {
    address: SocketAddr,
    admin: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Result<(), ServeError>>,
}

impl Started {
    async fn new(set: impl FnOnce(Server) -> Server) -> Self {
        let (address, admin) = (free(), free());
        let (end, told_to_end) = oneshot::channel();
        let server = Server::new()
            .host(address.ip())
            .port(address.port())
            .admin(admin)
            .shutdown_delay(Duration::from_secs(1))
            .shutdown_when(async move { drop(told_to_end.await) });
        let ended = tokio::spawn(serve(set(server), answer));
        let started = Self { address, admin, end: Some(end), ended };
        let listens = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(5), listens).await.unwrap();
        started
    }

    fn end(&mut self) {
        self.end.take().unwrap().send(()).unwrap();
    }

    async fn ended(self) {
        timeout(Duration::from_secs(5), self.ended).await.unwrap().unwrap().unwrap();
    }
}

/// A program with a path that has a slash at its end, one that has none, and one that reads before it
/// looks.
async fn answer(request: Request<RequestBody>) -> Response<Full<Bytes>> {
    assert!(request.extensions().get::<Peer>().unwrap().0.ip().is_loopback());
    let path = request.uri().path().to_owned();
    if !["/slash/", "/none", "/reads", "/slow"].contains(&path.as_str()) {
        return response(404, "nothing is there");
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    match path.as_str() {
        "/reads" => return response(404, "nothing is there"),
        "/slow" => sleep(Duration::from_secs(2)).await,
        _ => {}
    }
    response(200, body)
}

fn response(status: u16, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn request(path: &str, is_signed: bool, connection: &str) -> String {
    let signed = if is_signed { "x-topper-jws-signature: a..b\r\n" } else { "" };
    format!(
        "POST {path} HTTP/1.1\r\nhost: h\r\n{signed}connection: {connection}\r\ncontent-length: 4\r\n\r\nbody"
    )
}

async fn post(to: SocketAddr, path: &str, is_signed: bool) -> Answer {
    exchange(to, request(path, is_signed, "close")).await.unwrap()
}

async fn get(to: SocketAddr, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    let answer = exchange(to, request).await.unwrap();
    (answer.status, answer.body)
}

#[tokio::test]
async fn takes_a_delivery_with_another_slash_and_its_whole_body() {
    let server = Started::new(|server| server).await;
    for path in ["/none", "/none/", "/slash", "/slash/", "/none/?a=b"] {
        let answer = post(server.address, path, true).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "body"), "{path}");
    }
    let reply = Reply::NotConfigured;
    for path in ["/other", "/none/more", "/reads", "/reads/"] {
        let answer = post(server.address, path, true).await;
        assert_eq!((answer.status, answer.body.as_str()), (reply.status(), reply.code()), "{path}");
    }
    for path in ["/none/", "/slash", "/other"] {
        assert_eq!(post(server.address, path, false).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn answers_a_request_that_is_in_flight_at_the_end() {
    let mut server = Started::new(|server| server.shutdown_delay(Duration::ZERO)).await;
    let address = server.address;
    let slow = tokio::spawn(async move { post(address, "/slow", true).await });
    sleep(Duration::from_millis(300)).await;
    server.end();
    let refuses = async {
        while TcpStream::connect(address).await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(1), refuses).await.unwrap();
    assert_eq!(slow.await.unwrap().status, 200);
    server.ended().await;
}

#[tokio::test]
async fn gives_up_on_what_is_in_flight_after_the_drain_time() {
    let drain = Duration::from_millis(200);
    let mut server =
        Started::new(|server| server.shutdown_delay(Duration::ZERO).drain_time(drain)).await;
    let address = server.address;
    let slow =
        tokio::spawn(async move { exchange(address, request("/slow", true, "close")).await });
    sleep(Duration::from_millis(300)).await;
    server.end();
    let told = Instant::now();
    server.ended().await;
    assert!(told.elapsed() < Duration::from_secs(1));
    assert!(slow.await.unwrap().is_err());
}

#[tokio::test]
async fn keeps_an_idle_connection_while_it_leaves_and_ends_it_with_an_answer() {
    let mut server = Started::new(|server| server).await;
    let mut used = TcpStream::connect(server.address).await.unwrap();
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    for socket in [&mut used, &mut idle] {
        let answer = converse(socket, &request("/none", true, "keep-alive")).await;
        assert!(!answer.contains("connection: close"), "{answer}");
    }
    server.end();
    sleep(Duration::from_millis(500)).await;
    let answer = converse(&mut used, &request("/none", true, "keep-alive")).await;
    assert!(
        answer.starts_with("http/1.1 200 ") && answer.contains("connection: close"),
        "{answer}"
    );
    assert_eq!(used.read(&mut [0; 8]).await.unwrap(), 0);
    // The other one lives until the end, and ends in order.
    assert!(timeout(Duration::from_millis(200), idle.read(&mut [0; 8])).await.is_err());
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap(), 0);
    server.ended().await;
}

#[tokio::test]
async fn answers_a_connection_that_has_sent_nothing_yet_at_the_end() {
    let mut server = Started::new(|server| server.shutdown_delay(Duration::ZERO)).await;
    let mut late = TcpStream::connect(server.address).await.unwrap();
    server.end();
    sleep(Duration::from_millis(200)).await;
    let answer = converse(&mut late, &request("/none", true, "keep-alive")).await;
    assert!(answer.starts_with("http/1.1 200 "), "{answer}");
    server.ended().await;
}

/// The answer in lower case.
async fn converse(socket: &mut TcpStream, request: &str) -> String {
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"body") {
        assert!(socket.read_buf(&mut received).await.unwrap() > 0);
    }
    String::from_utf8(received).unwrap().to_ascii_lowercase()
}

#[tokio::test]
async fn says_why_it_is_not_ready() {
    let mut server = Started::new(|server| server).await;
    assert_eq!(get(server.admin, "/readyz").await, (200, "ready".to_owned()));
    assert_eq!(get(server.admin, "/livez").await, (200, "alive".to_owned()));
    assert_eq!(get(server.admin, "/metrics").await.0, 404);
    assert_eq!(post(server.admin, "/livez", false).await.status, 405);
    server.end();
    let leaves =
        async { while get(server.admin, "/readyz").await != (503, "shutting down".to_owned()) {} };
    timeout(Duration::from_secs(1), leaves).await.unwrap();
    assert_eq!(get(server.admin, "/livez").await.0, 200);
    let admin = server.admin;
    server.ended().await;
    // It is still asked while the program drains what is its own.
    assert_eq!(get(admin, "/readyz").await, (503, "shutting down".to_owned()));

    let failing = Started::new(|server| server.ready(|| async { false })).await;
    assert_eq!(get(failing.admin, "/readyz").await, (503, "a check failed".to_owned()));
    let hanging = Started::new(|server| server.ready(std::future::pending)).await;
    let asked = Instant::now();
    assert_eq!(get(hanging.admin, "/readyz").await, (503, "a check took too long".to_owned()));
    assert!((400..900).contains(&asked.elapsed().as_millis()), "{:?}", asked.elapsed());
    let metered = Started::new(|server| server.metrics(|| "topper_x 1\n".to_owned())).await;
    assert_eq!(get(metered.admin, "/metrics").await, (200, "topper_x 1\n".to_owned()));
}

#[tokio::test]
async fn names_the_port_that_is_taken() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap();
    for server in [
        Server::new().host(address.ip()).port(address.port()),
        Server::new().port(0).admin_port(address.port()),
    ] {
        let error = serve(server, answer).await.unwrap_err();
        assert_eq!(error.to_string(), format!("cannot listen on {address}"));
    }
}

#[cfg(feature = "http2")]
#[tokio::test]
async fn answers_http2_and_says_goodbye() {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let mut server = Started::new(|server| server).await;
    let socket = TokioIo::new(TcpStream::connect(server.address).await.unwrap());
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), socket).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = |path: &str| {
        let request = Request::post(format!("http://h{path}"));
        let request = request.header("x-topper-jws-signature", "a..b");
        request.body(Full::<Bytes>::from("body")).unwrap()
    };
    for (path, status) in [("/none/", 200), ("/other", Reply::NotConfigured.status())] {
        let answer = client.send_request(request(path)).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
    server.end();
    // A GOAWAY ends the connection long before the end of the accepting time.
    timeout(Duration::from_millis(900), connection).await.unwrap().unwrap().unwrap();
    server.ended().await;
}
