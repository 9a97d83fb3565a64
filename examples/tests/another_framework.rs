//! The code of the guide "Another framework": it runs, passes the conformance suite, and stands in the
//! guide as it is here.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

// guide: begin
use std::{convert::Infallible, net::SocketAddr};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, header::CONTENT_TYPE};
use tokio::time::timeout;
use topper::{Admitted, Error, Head, ReadError, Reply, Verifier, Webhook};

/// Everything until a delivery is verified.
async fn verify(
    verifier: &Verifier,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Webhook, Error> {
    let (head, body) = request.into_parts();
    let mut admitted = verifier.admit(&Head::new(Some(peer.ip()), &head.headers))?;
    let read = timeout(admitted.body_time_left(), read(&mut admitted, body)).await;
    admitted.finish(read.unwrap_or(Err(ReadError::TimedOut)))
}

/// Pushes each chunk of the body as it is received.
async fn read(admitted: &mut Admitted, mut body: Incoming) -> Result<(), ReadError> {
    while let Some(frame) = body.frame().await {
        if let Some(chunk) = frame.map_err(|_| ReadError::BrokeOff)?.data_ref() {
            admitted.push(chunk)?;
        }
    }
    Ok(())
}

/// The status and the code, whatever the outcome.
fn answer(reply: Reply) -> Result<Response<Full<&'static [u8]>>, Infallible> {
    let mut response = Response::new(Full::new(reply.code().as_bytes()));
    *response.status_mut() = reply.status().try_into().unwrap_or_default();
    let text = hyper::header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    Ok(response)
}
// guide: end

use std::{fs, net::IpAddr, path::Path};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use topper_conformance::adapter::{Adapter, Endpoint, Quirk, Server};

struct Hyper;

impl Adapter for Hyper {
    const NAME: &'static str = "hyper";
    const QUIRKS: &'static [Quirk] = &[Quirk::NoHttp2];

    async fn serve(bind: IpAddr, first: Endpoint, second: Endpoint) -> Server {
        let listener = TcpListener::bind((bind, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = async move {
            while let Ok((socket, peer)) = listener.accept().await {
                tokio::spawn(connection(socket, peer, first.clone(), second.clone()));
            }
        };
        Server::task(address, tokio::spawn(accepting))
    }
}

async fn connection(socket: TcpStream, peer: SocketAddr, first: Endpoint, second: Endpoint) {
    let service = service_fn(move |request: Request<Incoming>| {
        let endpoint = match (request.method().as_str(), request.uri().path()) {
            ("POST", "/first") => Some(first.clone()),
            ("POST", "/second") => Some(second.clone()),
            _ => None,
        };
        async move {
            let Some(Endpoint { verifier, probe, .. }) = endpoint else {
                let mut response = answer(Reply::Ignored)?;
                *response.status_mut() = hyper::StatusCode::NOT_FOUND;
                return Ok(response);
            };
            answer(match verify(&verifier, peer, request).await {
                Ok(webhook) => match probe.accept(&webhook) {
                    Some(reply) => reply,
                    None => tokio::spawn(webhook.handle(|it| probe.handle(it)))
                        .await
                        .unwrap_or(Reply::Retry),
                },
                Err(error) => error.reply(),
            })
        }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
}

topper_conformance::adapter_conformance!(Hyper);

#[test]
fn stands_in_the_guide_as_it_runs_here() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(here.join(path)).unwrap();
    let (code, guide) =
        (read("tests/another_framework.rs"), read("../docs/guide/another-framework.md"));
    let code = code.split("// guide: begin\n").nth(1).unwrap();
    let code = code.split("// guide: end\n").next().unwrap();
    assert!(code.lines().count() > 30 && guide.contains(code), "copy the code into the guide");
}
