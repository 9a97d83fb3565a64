//! What every adapter must do, as a suite of tests over real sockets.
//!
//! The rules of a delivery are in `topper-core`; an adapter brings it the facts of a request. This
//! suite tests that it does: it serves two endpoints with the adapter, sends them what Topper
//! sends, what forgers and faulty proxies send, and what no HTTP client would send, and looks at
//! each answer: its status, its whole body, its content type, that it came, that it came within
//! 3.5 s of the 4 s that Topper waits, and whether the handler ran.
//!
//! [`adapter_conformance!`](crate::adapter_conformance!) makes one named test of every
//! [case](CASES). There is no way to leave one out. The [crate's front page](crate) has an example.

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

/// The adapter under test: a server with two endpoints.
pub trait Adapter {
    /// The name of the adapter, as in `axum`.
    const NAME: &'static str;

    /// What the framework does that no adapter can mend.
    ///
    /// The cases that a quirk is about pass only when the framework in fact has it.
    const QUIRKS: &'static [Quirk] = &[];

    /// Serves `POST /first` and `POST /second` on a free port of an address, and returns when
    /// connections are accepted.
    ///
    /// Each delivery is verified by the verifier of its endpoint. What was verified is handed to
    /// [`Probe::accept`]: the reply it returns, if any, is the answer. Otherwise it is handed to
    /// [`Probe::handle`], whose result is the answer. Runs on a tokio runtime of several threads;
    /// a framework with a runtime of its own may start that in a thread.
    fn serve(
        bind: IpAddr,
        first: Endpoint,
        second: Endpoint,
    ) -> impl Future<Output = Server> + 'static;
}

/// What a framework does before an adapter is asked, so that some case cannot end as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// The server does not speak HTTP/2 without TLS to clients that know beforehand.
    NoHttp2,
    /// Lines of headers that are not UTF-8 are taken out.
    HidesLinesNotUtf8,
    /// Nothing is answered before some bytes of a body have come, however long that takes.
    WaitsForTheBody,
}

/// What one path is served with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Endpoint {
    /// Verifies its deliveries.
    pub verifier: Verifier,
    /// Handles them.
    pub probe: Probe,
}

/// A server that is running; it stops when this is dropped.
pub struct Server {
    address: SocketAddr,
    #[expect(dead_code, reason = "what counts is when it is dropped")]
    guard: Box<dyn Any + Send>,
}

impl Server {
    /// A server at an address, and something that stops it when it is dropped.
    pub fn new(address: SocketAddr, guard: impl Send + 'static) -> Self {
        Self { address, guard: Box::new(guard) }
    }

    /// A server in a task, which is aborted.
    pub fn task<T: Send + 'static>(address: SocketAddr, task: tokio::task::JoinHandle<T>) -> Self {
        struct Abort<T>(tokio::task::JoinHandle<T>);
        impl<T> Drop for Abort<T> {
            fn drop(&mut self) {
                self.0.abort();
            }
        }
        Self::new(address, Abort(task))
    }

    /// Where it is.
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
    /// Its name, as in `body::times_out`; also the name of its test.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What must hold.
    pub fn about(&self) -> &'static str {
        self.about
    }

    /// Runs it against an adapter.
    ///
    /// With `TOPPER_CONFORMANCE_DIR` set, the answers that came are written to a file there, in a
    /// folder of the adapter, under the name of the case.
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

/// Runs the case of that name; what the tests made by
/// [`adapter_conformance!`](crate::adapter_conformance!) call.
///
/// # Panics
///
/// When there is none, or the adapter does not do what it must.
pub fn run<A: Adapter>(name: &str) {
    match CASES.iter().find(|case| case.name == name) {
        Some(case) => case.run::<A>(),
        None => panic!("no case has the name {name}"),
    }
}

/// Makes a test of every [case](crate::adapter::CASES) for an
/// [adapter](crate::adapter::Adapter), in a module `conformance`.
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
