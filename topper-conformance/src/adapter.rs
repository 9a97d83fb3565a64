//! Tests what every adapter must do, over real sockets.
//!
//! The rules for a delivery are in `topper-core`; an adapter passes it the facts of a request. This
//! suite serves two endpoints with the adapter. It sends what Topper sends, what forgers and faulty
//! proxies send, and what no HTTP client would send. For each request it checks that an answer
//! comes, its status, its complete body, its content type, whether the handler ran, and that the
//! answer comes within 3.5 s of the 4 s that Topper waits.
//!
//! [`adapter_conformance!`](crate::adapter_conformance!) makes a separate test of every
//! [case](CASES); you cannot leave one out. The [crate's front page](crate) has an example.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a case fails as a test does, by panicking")]

use std::{
    any::Any,
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    pin::Pin,
    time::Duration,
};

use tokio::time::timeout;
use topper_core::Verifier;

mod body;
mod connection;
mod endpoint;
mod event;
mod handler;
mod header;
mod http2;
mod key;
mod list;
mod log;
mod probe;
mod receiver;
mod source;
#[cfg(test)]
mod tests;

pub use list::CASES;
pub use probe::Probe;

use receiver::Bench;

/// A case takes seven seconds at most; one that hangs should say which it is.
const MOST_TIME: Duration = Duration::from_secs(60);

/// The adapter under test: it serves two endpoints.
pub trait Adapter {
    /// The name of the adapter, such as `axum`.
    const NAME: &'static str;

    /// What the framework does and the adapter cannot change.
    ///
    /// The cases about a quirk pass only if the framework really has it.
    const QUIRKS: &'static [Quirk] = &[];

    /// Serves `POST /first` and `POST /second` on a free port of an address, and returns once it
    /// accepts connections.
    ///
    /// Each delivery is verified by the verifier of its endpoint. Pass a verified delivery to
    /// [`Probe::accept`]. If that returns a reply, answer with it. Otherwise pass it to
    /// [`Probe::handle`], and answer with its result. This runs on a multi-threaded tokio runtime;
    /// a framework with its own runtime may start that in a thread.
    fn serve(
        bind: IpAddr,
        first: Endpoint,
        second: Endpoint,
    ) -> impl Future<Output = Server> + 'static;
}

/// What a framework does before it calls an adapter, so that some cases cannot end as they should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// The server does not speak HTTP/2 without TLS to clients with prior knowledge.
    NoHttp2,
    /// The framework removes header lines that are not UTF-8.
    HidesLinesNotUtf8,
    /// The framework answers nothing before it has received the first bytes of a body, however long
    /// that takes.
    WaitsForTheBody,
}

/// One endpoint: how to verify and handle its deliveries.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Endpoint {
    /// Verifies its deliveries.
    pub verifier: Verifier,
    /// Handles its deliveries.
    pub probe: Probe,
}

/// A running server; it stops when this is dropped.
pub struct Server {
    address: SocketAddr,
    #[expect(dead_code, reason = "what counts is when it is dropped")]
    guard: Box<dyn Any + Send>,
}

impl Server {
    /// Creates it from the server's address and a guard that stops the server when it is dropped.
    pub fn new(address: SocketAddr, guard: impl Send + 'static) -> Self {
        Self { address, guard: Box::new(guard) }
    }

    /// Creates it from the server's address and its task, which is aborted when this is dropped.
    pub fn task<T: Send + 'static>(address: SocketAddr, task: tokio::task::JoinHandle<T>) -> Self {
        struct Abort<T>(tokio::task::JoinHandle<T>);
        impl<T> Drop for Abort<T> {
            fn drop(&mut self) {
                self.0.abort();
            }
        }
        Self::new(address, Abort(task))
    }

    /// Returns its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// One case of the suite.
#[derive(Clone, Copy)]
pub struct Case {
    name: &'static str,
    about: &'static str,
    run: for<'a> fn(&'a Bench) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
}

impl Case {
    /// Returns its name, such as `body::times_out`; it is also the name of its test.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what must hold.
    pub fn about(&self) -> &'static str {
        self.about
    }

    /// Runs it for an adapter.
    ///
    /// If `TOPPER_CONFORMANCE_DIR` is set, it writes the answers to a file with the name of the
    /// case, in a folder with the name of the adapter.
    ///
    /// # Panics
    ///
    /// When the adapter does not do what it must.
    pub fn run<A: Adapter>(&self) {
        let bench =
            Bench::new(A::QUIRKS, |bind, first, second| Box::pin(A::serve(bind, first, second)));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let ended = runtime.block_on(async { timeout(MOST_TIME, (self.run)(&bench)).await });
        runtime.shutdown_background();
        assert!(ended.is_ok(), "{} has not ended after {MOST_TIME:?}", self.name);
        if let Some(folder) = std::env::var_os("TOPPER_CONFORMANCE_DIR") {
            let folder = PathBuf::from(folder).join(A::NAME);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(self.name.replace("::", ".")), bench.transcript()).unwrap();
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

/// Runs the case with a name; the tests of [`adapter_conformance!`](crate::adapter_conformance!)
/// call it.
///
/// # Panics
///
/// When there is no such case, or the adapter does not do what it must.
pub fn run<A: Adapter>(name: &str) {
    match CASES.iter().find(|case| case.name == name) {
        Some(case) => case.run::<A>(),
        None => panic!("no case has the name {name}"),
    }
}

/// Makes a test of every [case](crate::adapter::CASES) for an [adapter](crate::adapter::Adapter),
/// in a module `conformance`.
#[macro_export]
macro_rules! adapter_conformance {
    ($adapter:ty) => {
        $crate::__adapter_cases! { [$crate::__adapter_tests] [$adapter] }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __adapter_tests {
    (
        [$adapter:ty]
        $(mod $module:ident { $($case:ident $about:literal)* })*
        faults { $($fault:ident)* }
    ) => {
        #[cfg(test)]
        mod conformance {
            use super::*;

            $(mod $module {
                use super::*;

                $(#[test]
                fn $case() {
                    $crate::adapter::run::<$adapter>(
                        concat!(stringify!($module), "::", stringify!($case)),
                    );
                })*
            })*

            mod fault {
                use super::*;

                $(#[test]
                fn $fault() {
                    $crate::adapter::run::<$adapter>(concat!("fault::", stringify!($fault)));
                })*
            }
        }
    };
}
