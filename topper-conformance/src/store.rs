//! Tests what every store must do.
//!
//! [`store_conformance!`](crate::store_conformance!) makes a separate test of every [case](CASES);
//! you cannot leave one out. The [crate's front page](crate) has an example.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a case fails as a test does, by panicking")]

use topper_core::{EventName, Webhook};
use topper_store::{EventKey, Lease, Store};
use topper_testkit::EventBuilder;

use crate::suite::{LONG, SHORT, Signer, block_on, expire, rounds};

mod attempt;
mod key;
mod lease;
mod list;
mod once;
mod race;

pub use crate::suite::Case;
pub use list::CASES;

/// The store under test.
pub trait Backend: Sized + Send + Sync + 'static {
    /// The store's type.
    type Store: Store;

    /// Whether the store counts attempts. A store that does not always returns
    /// [`Seen::first`](topper_store::Seen::first).
    const COUNTS: bool = true;

    /// Creates an empty store, which lasts until this is dropped. `None` skips the test, for
    /// example when its server is not running.
    fn empty() -> impl Future<Output = Option<Self>>;

    /// Opens another connection to that store, as each receiver does.
    fn connect(&self) -> impl Future<Output = Self::Store>;
}

/// Runs the case with a name; the tests of [`store_conformance!`](crate::store_conformance!) call
/// it.
///
/// # Panics
///
/// When there is no such case, or the store does not do what it must.
pub fn run<B: Backend>(name: &str) {
    block_on(name, async {
        if let Some(backend) = B::empty().await {
            list::run(name, &Bench::new(backend)).await;
        }
    });
}

/// Makes a test of every [case](crate::store::CASES) for a
/// [store](crate::store::Backend), in a module `store_conformance`.
#[macro_export]
macro_rules! store_conformance {
    ($backend:ty) => {
        $crate::__store_cases! { [$crate::__suite_tests] [store store_conformance $backend] }
    };
}

/// A store, and events for it.
struct Bench<B> {
    backend: B,
    signer: Signer,
}

impl<B: Backend> Bench<B> {
    fn new(backend: B) -> Self {
        Self { backend, signer: Signer::new() }
    }

    async fn store(&self) -> B::Store {
        self.backend.connect().await
    }

    /// An event as it arrives now.
    fn webhook(&self, id: &str) -> Webhook {
        self.signer.webhook(&EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(id))
    }
}

fn lease(id: &str) -> Lease {
    lease_of("default", id)
}

fn lease_of(label: &str, id: &str) -> Lease {
    Lease::new(EventKey::new(label, id)).unwrap()
}
