//! The settings of a server.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use crate::{Running, ServeError};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
pub(crate) type Check = Arc<dyn Fn() -> BoxFuture<bool> + Send + Sync>;
pub(crate) type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// A server that has not been started: where it listens, how it ends, and what it says of itself.
///
/// [`from_env`](Self::from_env) reads the settings from the environment. What is set in code
/// afterwards takes the place of what it read.
#[must_use = "it serves once it is given to `serve`"]
pub struct Server {
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) leave_for: Duration,
    pub(crate) drain_for: Duration,
    pub(crate) check: Option<Check>,
    pub(crate) render: Option<Render>,
    pub(crate) told_to_end: Option<BoxFuture<()>>,
}

impl Server {
    /// A server on port 3000 of all addresses, IPv6 and IPv4, without an admin port.
    pub fn new() -> Self {
        Self {
            host: None,
            port: 3000,
            admin: None,
            leave_for: Duration::from_secs(10),
            drain_for: Duration::from_secs(5),
            check: None,
            render: None,
            told_to_end: None,
        }
    }

    /// The address to listen on; default: all, IPv6 and IPv4, or IPv4 alone where there is no IPv6.
    pub fn host(mut self, host: impl Into<IpAddr>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The port to listen on; default: 3000. With 0 the system chooses one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Where `/livez`, `/readyz` and `/metrics` are answered; default: nowhere.
    ///
    /// They say how the program is doing: let no one reach them from outside.
    pub fn admin(mut self, address: impl Into<SocketAddr>) -> Self {
        self.admin = Some(address.into());
        self
    }

    /// `/livez`, `/readyz` and `/metrics` on a port of the loopback address.
    pub fn admin_port(self, port: u16) -> Self {
        self.admin((Ipv4Addr::LOCALHOST, port))
    }

    /// How long it goes on accepting and answering after it was told to end; default: 10 s.
    ///
    /// Load balancers send for seconds to a server that is ending. Meanwhile `/readyz` answers 503,
    /// and each answer ends its connection.
    pub fn shutdown_delay(mut self, delay: Duration) -> Self {
        self.leave_for = delay;
        self
    }

    /// How long deliveries in flight may take once nothing is accepted any more; default: 5 s, for
    /// Topper waits 4 s.
    pub fn drain_time(mut self, time: Duration) -> Self {
        self.drain_for = time;
        self
    }

    /// What `/readyz` asks: whether what the program needs is there, such as its store.
    ///
    /// A check that takes longer than 400 ms counts as failed.
    pub fn ready<C, F>(mut self, check: C) -> Self
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = bool> + Send + 'static,
    {
        self.check = Some(Arc::new(move || Box::pin(check())));
        self
    }

    /// What `/metrics` answers, in the text format of Prometheus; without it, 404.
    pub fn metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.render = Some(Arc::new(render));
        self
    }

    /// What tells it to end, in the place of SIGTERM and Ctrl-C.
    pub fn shutdown_when(mut self, told_to_end: impl Future<Output = ()> + Send + 'static) -> Self {
        self.told_to_end = Some(Box::pin(told_to_end));
        self
    }

    /// Takes the address, answers on the admin port, and waits for signals: for a framework of your
    /// own. Every adapter's `serve` does it.
    ///
    /// # Errors
    ///
    /// When it cannot listen, or cannot wait for signals.
    pub fn start(self) -> Result<Running, ServeError> {
        Running::start(self)
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("admin", &self.admin)
            .field("shutdown_delay", &self.leave_for)
            .field("drain_time", &self.drain_for)
            .finish_non_exhaustive()
    }
}
