//! A started server.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    process,
    time::Duration,
};

use socket2::Socket;

use crate::{LOG_TARGET, Phase, Phases, ServeError, Server, admin, signal::Signals, socket};

/// A started server, which has its address, answers on the admin port, and waits for signals.
///
/// [`serve`](crate::serve) and the adapters use it. With another framework, call
/// [`listen`](Self::listen) and [`serving`](Self::serving), stop when [`Phase::Draining`] is
/// [reached](Phases::reached), and call [`ended`](Self::ended).
#[derive(Debug)]
pub struct Running {
    socket: Option<Socket>,
    address: SocketAddr,
    admin: Option<SocketAddr>,
    phases: Phases,
    drain_for: Duration,
}

impl Running {
    pub(crate) fn start(server: Server) -> Result<Self, ServeError> {
        let phases = Phases::new();
        let (socket, address) = socket::bind(server.host, server.port)?;
        let admin = match server.admin {
            None => None,
            Some(wanted) => {
                let (socket, address) = socket::bind(Some(wanted.ip()), wanted.port())?;
                let listener = socket::listen(socket)
                    .map_err(|cause| ServeError::Listen { address, cause })?;
                let admin = admin::Admin::new(phases.clone(), server.check, server.render);
                admin.start(listener).map_err(|cause| ServeError::Listen { address, cause })?;
                Some(address)
            }
        };
        let leaving = leave(phases.clone(), server.leave_for);
        match server.told_to_end {
            Some(told_to_end) => drop(tokio::spawn(async move {
                told_to_end.await;
                tracing::info!(target: LOG_TARGET, "shutdown requested");
                leaving.await;
            })),
            None => {
                let signals = Signals::new().map_err(ServeError::Signals)?;
                drop(tokio::spawn(end_on_signals(signals, leaving)));
            }
        }
        Ok(Self { socket: Some(socket), address, admin, phases, drain_for: server.drain_for })
    }

    /// The address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the admin port.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// The current phase, to read and to wait for.
    pub fn phases(&self) -> Phases {
        self.phases.clone()
    }

    /// How long deliveries in flight may take after the server stops accepting connections.
    pub fn drain_time(&self) -> Duration {
        self.drain_for
    }

    /// Starts to listen on the address, and returns a non-blocking listener. It works only once, so
    /// that no copy keeps the port open after the end.
    ///
    /// # Errors
    ///
    /// When another process listens there, or the address was [released](Self::release).
    pub fn listen(&mut self) -> Result<TcpListener, ServeError> {
        let error = |cause| ServeError::Listen { address: self.address, cause };
        let taken = self.socket.take().ok_or_else(|| error(io::ErrorKind::NotConnected.into()))?;
        socket::listen(taken).map_err(error)
    }

    /// Releases the address, for a framework that binds by itself.
    pub fn release(&mut self) -> SocketAddr {
        self.socket = None;
        self.address
    }

    /// Marks the server as serving, so that `/readyz` can answer 200.
    pub fn serving(&self) {
        self.phases.advance(Phase::Serving);
        tracing::info!(
            target: LOG_TARGET,
            address = %self.address,
            admin = self.admin.map(tracing::field::display),
            "waiting for deliveries",
        );
    }

    /// Marks the server as ended: nothing is in flight any more.
    pub fn ended(&self) {
        self.phases.advance(Phase::Ended);
    }
}

/// From the signal until the server stops accepting connections.
async fn leave(phases: Phases, time: Duration) {
    phases.advance(Phase::Leaving);
    tracing::info!(target: LOG_TARGET, ?time, "no longer ready; still answering");
    tokio::time::sleep(time).await;
    tracing::info!(target: LOG_TARGET, "no longer accepting connections");
    phases.advance(Phase::Draining);
}

async fn end_on_signals(mut signals: Signals, leaving: impl Future<Output = ()>) {
    let (name, _) = signals.next().await;
    tracing::info!(target: LOG_TARGET, signal = name, "shutdown requested");
    let at_once = async {
        let (name, code) = signals.next().await;
        tracing::warn!(target: LOG_TARGET, signal = name, "second signal; exiting at once");
        process::exit(code)
    };
    tokio::select! {
        () = at_once => {}
        // Also while the program drains its own work.
        () = async { leaving.await; std::future::pending().await } => {}
    }
}
