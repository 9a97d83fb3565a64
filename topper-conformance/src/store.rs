//! What every store must do, as a suite of tests.
//!
//! [`store_conformance!`](crate::store_conformance!) makes one named test of every [case](CASES).
//! There is no way to leave one out. The [crate's front page](crate) has an example.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a case fails as a test does, by panicking")]

use std::time::Duration;

use tokio::time::timeout;
use topper_core::{EventName, Verifier, Webhook};
use topper_store::{EventKey, Lease, Store};
use topper_testkit::{Delivery, EventBuilder, TestKey};

mod key;
mod lease;
mod list;
mod once;
mod race;

pub use list::CASES;

/// A race takes seconds; a case that hangs should say which it is.
const MOST_TIME: Duration = Duration::from_secs(300);
/// A term that does not end while a case runs.
const LONG: Duration = Duration::from_secs(600);
/// A term that a case waits for.
const SHORT: Duration = Duration::from_secs(1);

/// The store under test.
pub trait Backend: Sized + Send + Sync + 'static {
    /// What it is.
    type Store: Store;

    /// An empty store, which lasts until this is dropped. `None` skips the test: for a server that
    /// is not there.
    fn empty() -> impl Future<Output = Option<Self>>;

    /// A connection of its own to that store, as each receiver has one.
    fn connect(&self) -> impl Future<Output = Self::Store>;
}

/// One case of the suite.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    name: &'static str,
    about: &'static str,
}

impl Case {
    /// Its name, as in `lease::renews`; also the name of its test.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What must hold.
    pub fn about(&self) -> &'static str {
        self.about
    }
}

/// Runs the case of that name; what the tests made by
/// [`store_conformance!`](crate::store_conformance!) call.
///
/// # Panics
///
/// When there is none, or the store does not do what it must.
pub fn run<B: Backend>(name: &str) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ended = runtime.block_on(async {
        let Some(backend) = B::empty().await else { return Ok(()) };
        timeout(MOST_TIME, list::run(name, &Bench::new(backend))).await
    });
    runtime.shutdown_background();
    assert!(ended.is_ok(), "{name} has not ended after {MOST_TIME:?}");
}

/// Makes a test of every [case](crate::store::CASES) for a
/// [store](crate::store::Backend), in a module `store_conformance`.
#[macro_export]
macro_rules! store_conformance {
    ($backend:ty) => {
        $crate::__store_cases! { [$crate::__store_tests] [$backend] }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __store_tests {
    ([$backend:ty] $(mod $module:ident { $($case:ident $about:literal)* })*) => {
        #[cfg(test)]
        mod store_conformance {
            use super::*;

            $(mod $module {
                use super::*;

                $(#[test]
                fn $case() {
                    $crate::store::run::<$backend>(
                        concat!(stringify!($module), "::", stringify!($case)),
                    );
                })*
            })*
        }
    };
}

/// A store, and events for it.
struct Bench<B> {
    backend: B,
    key: TestKey,
    verifier: Verifier,
}

impl<B: Backend> Bench<B> {
    fn new(backend: B) -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        Self { backend, key, verifier }
    }

    async fn store(&self) -> B::Store {
        self.backend.connect().await
    }

    /// An event as it arrives now.
    fn webhook(&self, id: &str) -> Webhook {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(id);
        Delivery::signed(&self.key, event.to_json()).verify(&self.verifier).unwrap()
    }
}

fn lease(id: &str) -> Lease {
    lease_of("default", id)
}

fn lease_of(label: &str, id: &str) -> Lease {
    Lease::new(EventKey::new(label, id)).unwrap()
}

/// Longer than a short term, by any clock that is not off by more than half of it.
async fn expire() {
    tokio::time::sleep(SHORT * 3 / 2).await;
}
