//! One connection of a server of this program.

use std::{error::Error, future::Future, io, pin::Pin, time::Duration};

use http_body_util::combinators::UnsyncBoxBody;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, sync::watch};

/// A request's head must be complete by then.
const HEAD: Duration = Duration::from_secs(10);

pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>>;
/// `None` closes the connection without an answer.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Option<Answer>> + Send>>;
/// What answers requests. The types are the same for all servers, so that they are compiled once.
pub(crate) type Answerer = Box<dyn Fn(Request<Incoming>) -> Answering + Send + Sync>;

/// Answers requests until the peer or the program ends it; what is in flight then is answered.
pub(crate) async fn serve(socket: TcpStream, mut ending: watch::Receiver<bool>, answer: Answerer) {
    let service = service_fn(|request| {
        // In a task of its own: a client that hangs up does not stop it half-way.
        let answer = tokio::spawn(answer(request));
        async move {
            let answer = answer.await.map_err(io::Error::other)?;
            answer.ok_or_else(|| io::Error::other("no answer"))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(socket), service);
    tokio::pin!(connection);
    tokio::select! {
        // A connection that breaks is the client's business.
        _ = &mut connection => return,
        _ = ending.wait_for(|&has_ended| has_ended) => (),
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
