//! Deliveries over HTTP/2 (RFC 9113) without TLS, by prior knowledge.

use std::{io, time::Duration};

use bytes::Bytes;
use h2::{Reason, SendStream, client::SendRequest};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};
use topper_core::{
    Reply,
    protocol::{self, SIGNATURE_HEADER},
};
use topper_testkit::{Answer, Delivery};

use super::{
    Quirk,
    body::{BEGINNING, LIMIT, of_size},
    receiver::{Bench, FIRST, Receiver},
};

/// What is sent of a body.
enum Body<'a> {
    /// All of it, in pieces of at most so many bytes.
    Pieces(&'a [u8], usize),
    /// This, and then nothing more and no end.
    Unended(&'a [u8]),
    /// This, and then a reset of the stream.
    Reset(&'a [u8]),
}

/// A connection that carries any number of requests.
struct Connection(SendRequest<Bytes>);

impl Connection {
    /// `None` when the adapter says that its framework does not speak HTTP/2, and it does not.
    async fn open(receiver: &Receiver<'_>) -> Option<Self> {
        let socket = TcpStream::connect(receiver.address()).await.unwrap();
        if receiver.has(Quirk::NoHttp2) {
            assert!(!is_answered(socket).await, "the adapter says it has no HTTP/2, but it has");
            return None;
        }
        let (requests, connection) = h2::client::handshake(socket).await.unwrap();
        tokio::spawn(async move { drop(connection.await) });
        Some(Self(requests))
    }

    async fn start(
        &self,
        delivery: &Delivery,
        length: Option<usize>,
    ) -> (h2::client::ResponseFuture, SendStream<Bytes>) {
        let mut request =
            http::Request::post(format!("http://localhost{FIRST}")).version(http::Version::HTTP_2);
        for (name, value) in &delivery.headers {
            request = request.header(name.as_str(), value.as_slice());
        }
        if let Some(length) = length {
            request = request.header("content-length", length);
        }
        let mut requests = self.0.clone().ready().await.unwrap();
        requests.send_request(request.body(()).unwrap(), false).unwrap()
    }

    /// The answer, if there is one.
    async fn exchange(
        &self,
        delivery: &Delivery,
        length: Option<usize>,
        body: Body<'_>,
    ) -> Result<Answer, h2::Error> {
        let started = Instant::now();
        let (response, mut stream) = self.start(delivery, length).await;
        match body {
            Body::Pieces(body, most) => send(&mut stream, body, most),
            Body::Unended(body) => stream.send_data(Bytes::copy_from_slice(body), false)?,
            Body::Reset(body) => {
                stream.send_data(Bytes::copy_from_slice(body), false)?;
                // So that the request has begun when it breaks off.
                sleep(Duration::from_millis(100)).await;
                stream.send_reset(Reason::CANCEL);
            }
        }
        let response = response.await?;
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type");
        let content_type = content_type.map_or("", |value| value.to_str().unwrap()).to_owned();
        let mut text = Vec::new();
        let mut body = response.into_body();
        while let Some(piece) = body.data().await {
            text.extend(piece?);
        }
        let body = String::from_utf8(text).unwrap();
        Ok(Answer::new(status, content_type, body, started.elapsed()))
    }

    /// It is answered with this, in time.
    async fn answers(
        &self,
        receiver: &Receiver<'_>,
        delivery: &Delivery,
        (length, body): (Option<usize>, Body<'_>),
        reply: Reply,
    ) {
        let answer = timeout(protocol::TIMEOUT, self.exchange(delivery, length, body));
        receiver.check(&[answer.await.unwrap().unwrap()], &[reply]);
    }

    async fn accepts(&self, receiver: &Receiver<'_>, delivery: &Delivery) {
        let body = (Some(delivery.body.len()), Body::Pieces(&delivery.body, usize::MAX));
        self.answers(receiver, delivery, body, Reply::Processed).await;
        receiver.handled(&delivery.body);
    }

    async fn refuses(&self, receiver: &Receiver<'_>, delivery: &Delivery, reply: Reply) {
        let body = (Some(delivery.body.len()), Body::Pieces(&delivery.body, usize::MAX));
        self.answers(receiver, delivery, body, reply).await;
        receiver.handled_nothing();
    }
}

/// Sends a body. A server that has answered may not want the rest of it.
fn send(stream: &mut SendStream<Bytes>, body: &[u8], most: usize) {
    for piece in body.chunks(most) {
        if stream.send_data(Bytes::copy_from_slice(piece), false).is_err() {
            return;
        }
    }
    drop(stream.send_data(Bytes::new(), true));
}

/// Whether a server answers HTTP/2's preface with HTTP/2: with a frame of settings.
async fn is_answered(mut socket: TcpStream) -> bool {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let mut head = [0; 9];
    let answer = async {
        socket.write_all(preface).await?;
        socket.read_exact(&mut head).await?;
        Ok::<_, io::Error>(())
    };
    matches!(timeout(Duration::from_secs(2), answer).await, Ok(Ok(()))) && head[3] == 4
}

pub(super) async fn accepts_a_body_in_any_pieces(bench: &Bench) {
    let receiver = bench.receiver().await;
    let Some(connection) = Connection::open(&receiver).await else { return };
    for length in [true, false] {
        for most in [usize::MAX, 100, 1] {
            let delivery = receiver.completed();
            let length = length.then_some(delivery.body.len());
            let body = (length, Body::Pieces(&delivery.body, most));
            connection.answers(&receiver, &delivery, body, Reply::Processed).await;
            receiver.handled(&delivery.body);
        }
    }
}

pub(super) async fn refuses_forgeries(bench: &Bench) {
    let receiver = bench.receiver().await;
    let Some(connection) = Connection::open(&receiver).await else { return };
    let genuine = receiver.completed();
    let token = receiver.first.key.sign(&genuine.body);
    let mut forged = genuine.clone();
    forged.body.push(b' ');
    connection.refuses(&receiver, &forged, Reply::KeyUnproven).await;
    connection.accepts(&receiver, &genuine).await;
    connection.refuses(&receiver, &forged, Reply::SignatureInvalid).await;
    let unsigned = genuine.clone().without_header(SIGNATURE_HEADER);
    connection.refuses(&receiver, &unsigned, Reply::SignatureMissing).await;
    let twice = genuine.clone().header(SIGNATURE_HEADER, token);
    connection.refuses(&receiver, &twice, Reply::SignatureMalformed).await;
    connection.accepts(&receiver, &receiver.completed()).await;
}

pub(super) async fn limits_the_body(bench: &Bench) {
    let receiver = bench.receiver().await;
    let Some(connection) = Connection::open(&receiver).await else { return };
    connection.accepts(&receiver, &of_size(&receiver, LIMIT)).await;
    let larger = of_size(&receiver, LIMIT + 1);
    for length in [Some(LIMIT + 1), None] {
        let body = (length, Body::Pieces(&larger.body, 4096));
        connection.answers(&receiver, &larger, body, Reply::BodyTooLarge).await;
        receiver.handled_nothing();
    }
    connection.accepts(&receiver, &receiver.completed()).await;
}

pub(super) async fn times_out_a_slow_body(bench: &Bench) {
    let receiver = bench.receiver().await;
    let Some(connection) = Connection::open(&receiver).await else { return };
    let delivery = receiver.completed();
    for length in [Some(delivery.body.len()), None] {
        let body = (length, Body::Unended(BEGINNING));
        connection.answers(&receiver, &delivery, body, Reply::BodyTimeout).await;
        receiver.handled_nothing();
    }
    connection.accepts(&receiver, &receiver.completed()).await;
}

pub(super) async fn does_not_hand_on_a_body_that_was_reset(bench: &Bench) {
    let receiver = bench.proven().await;
    let Some(connection) = Connection::open(&receiver).await else { return };
    let delivery = receiver.completed();
    for length in [Some(delivery.body.len()), None] {
        // Even when all of it has come but its end. There is no one left to answer to.
        let answer = connection.exchange(&delivery, length, Body::Reset(&delivery.body)).await;
        assert_eq!(answer.unwrap_err().reason(), Some(Reason::CANCEL));
    }
    connection.accepts(&receiver, &delivery).await;
}

pub(super) async fn serves_many_streams_at_once(bench: &Bench) {
    let receiver = bench.receiver().await;
    let Some(connection) = Connection::open(&receiver).await else { return };
    let deliveries: Vec<Delivery> = (0..64).map(|_| receiver.completed()).collect();
    let mut started = Vec::new();
    for delivery in &deliveries {
        started.push(connection.start(delivery, None).await);
    }
    // The bodies in another order than the heads.
    for (delivery, (_, stream)) in deliveries.iter().zip(&mut started).rev() {
        send(stream, &delivery.body, 500);
    }
    for (response, _) in started {
        assert_eq!(response.await.unwrap().status(), 200);
    }
    receiver.handled_each(deliveries);
}
