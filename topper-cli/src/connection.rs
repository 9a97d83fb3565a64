//! One connection of a server of this program.

use std::{error::Error, future::Future, io, time::Duration};

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, sync::watch};

/// A request's head must be complete by then.
const HEAD: Duration = Duration::from_secs(10);

/// Answers requests until the peer or the program ends it; what is in flight then is answered.
///
/// `None` closes the connection without an answer.
pub(crate) async fn serve<F, B>(
    socket: TcpStream,
    mut ending: watch::Receiver<bool>,
    answer: impl Fn(Request<Incoming>) -> F,
) where
    F: Future<Output = Option<Response<B>>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
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
