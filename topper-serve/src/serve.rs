//! The server for programs and frameworks on hyper.

use std::{
    error::Error,
    io,
    net::{SocketAddr, TcpListener as StdListener},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{LOG_TARGET, Phase, Phases, RequestBody, ServeError, Server, connection::attend};

/// The maximum number of connections at a time. More wait to be accepted.
const MOST_CONNECTIONS: usize = 10_000;
/// The pause after a failure to accept. Most often there are no file descriptors left until others are
/// closed.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers requests with a service, until shutdown is requested and everything in flight is answered.
///
/// It is for programs and frameworks on hyper. Each adapter has its own `serve` for its framework. Each
/// request has a [`Peer`](crate::Peer) in its extensions.
///
/// # Errors
///
/// When it cannot listen, or cannot wait for signals.
pub async fn serve<S, F, B>(server: Server, service: S) -> Result<(), ServeError>
where
    S: Fn(Request<RequestBody>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut running = server.start()?;
    let address = running.address();
    let listener = running.listen()?;
    let phases = running.phases();
    let mut connections = Connections::new(phases.clone(), service);
    running.serving();
    let listener =
        TcpListener::from_std(listener).map_err(|cause| ServeError::Listen { address, cause })?;
    select! {
        () = connections.accept(&listener) => {}
        () = phases.reached(Phase::Draining) => {}
    }
    // Connections that the system accepted before the end are answered too.
    if let Ok(listener) = listener.into_std() {
        connections.accept_rest(&listener);
    }
    if timeout(running.drain_time(), connections.ended()).await.is_err() {
        tracing::warn!(target: LOG_TARGET, "some connections were not closed in time");
    }
    running.ended();
    Ok(())
}

/// The connections of a server. They end when this is dropped.
pub(crate) struct Connections<S> {
    all: JoinSet<()>,
    phases: Phases,
    service: Arc<S>,
}

impl<S, F, B> Connections<S>
where
    S: Fn(Request<RequestBody>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    pub(crate) fn new(phases: Phases, service: S) -> Self {
        Self { all: JoinSet::new(), phases, service: Arc::new(service) }
    }

    /// Accepts connections until the server stops.
    pub(crate) async fn accept(&mut self, listener: &TcpListener) {
        loop {
            let may_accept = self.all.len() < MOST_CONNECTIONS;
            select! {
                accepted = listener.accept(), if may_accept => match accepted {
                    Ok((socket, peer)) => self.attend(socket, peer),
                    Err(error) if is_of_one_connection(&error) => {}
                    Err(error) => {
                        tracing::warn!(target: LOG_TARGET, %error, "cannot accept a connection");
                        sleep(PAUSE).await;
                    }
                },
                // A panic ends only its connection, and is reported by the panic hook.
                Some(_) = self.all.join_next() => {}
            }
        }
    }

    /// Accepts the waiting connections, without waiting for more.
    fn accept_rest(&mut self, listener: &StdListener) {
        while self.all.len() < MOST_CONNECTIONS {
            let Ok((socket, peer)) = listener.accept() else { return };
            let socket = socket.set_nonblocking(true).and_then(|()| TcpStream::from_std(socket));
            if let Ok(socket) = socket {
                self.attend(socket, peer);
            }
        }
    }

    /// Waits until all have ended.
    async fn ended(&mut self) {
        while self.all.join_next().await.is_some() {}
    }

    fn attend(&mut self, socket: TcpStream, peer: SocketAddr) {
        // An answer is one small write.
        drop(socket.set_nodelay(true));
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let (phases, service) = (self.phases.clone(), Arc::clone(&self.service));
        self.all.spawn(attend(socket, peer, phases, service));
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
