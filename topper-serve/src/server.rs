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

/// The settings of a server: its address, shutdown, health checks and metrics.
///
/// [`from_env`](Self::from_env) reads them from environment variables. Later calls override them. The
/// server starts when you pass it to a `serve` function.
#[must_use = "it does nothing until it is passed to `serve`"]
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
    /// Creates settings for port 3000 on all addresses, IPv6 and IPv4, without an admin port.
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

    /// Sets the address to listen on; default: all addresses, IPv6 and IPv4, or only IPv4 if there is
    /// no IPv6.
    pub fn host(mut self, host: impl Into<IpAddr>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Sets the port to listen on; default: 3000. With 0, the system chooses a port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the address where `/livez`, `/readyz` and `/metrics` are answered; default: none.
    ///
    /// Do not make it reachable from outside: these paths show the state of the program.
    pub fn admin(mut self, address: impl Into<SocketAddr>) -> Self {
        self.admin = Some(address.into());
        self
    }

    /// Answers `/livez`, `/readyz` and `/metrics` on this port of the loopback address.
    pub fn admin_port(self, port: u16) -> Self {
        self.admin((Ipv4Addr::LOCALHOST, port))
    }

    /// Sets how long the server keeps accepting requests after shutdown is requested; default: 10 s.
    ///
    /// Load balancers keep sending requests for seconds. Meanwhile, `/readyz` answers 503, and each
    /// answer closes its connection.
    pub fn shutdown_delay(mut self, delay: Duration) -> Self {
        self.leave_for = delay;
        self
    }

    /// Sets how long deliveries in flight may take after the server stops accepting connections;
    /// default: 5 s, because Topper waits 4 s.
    pub fn drain_time(mut self, time: Duration) -> Self {
        self.drain_for = time;
        self
    }

    /// Sets the check for `/readyz`: whether the program has what it needs, such as its store.
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

    /// Sets what `/metrics` answers, in the text format of Prometheus; default: 404.
    pub fn metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.render = Some(Arc::new(render));
        self
    }

    /// Sets a future that requests the shutdown, instead of SIGTERM and Ctrl-C.
    pub fn shutdown_when(mut self, told_to_end: impl Future<Output = ()> + Send + 'static) -> Self {
        self.told_to_end = Some(Box::pin(told_to_end));
        self
    }

    /// Reserves the address, answers on the admin port, and waits for signals. It is for frameworks
    /// without an adapter: the `serve` functions call it.
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
