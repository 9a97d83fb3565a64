//! What the suites for stores share.

#![expect(clippy::unwrap_used, reason = "a case fails as a test does, by panicking")]

use std::time::Duration;

use tokio::time::timeout;
use topper_core::{Verifier, Webhook};
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// A race takes seconds; a case that hangs should say which it is.
const MOST_TIME: Duration = Duration::from_secs(300);
/// A term that does not end while a case runs.
pub(crate) const LONG: Duration = Duration::from_secs(600);
/// A term that a case waits for.
pub(crate) const SHORT: Duration = Duration::from_secs(1);

/// Ids that look alike, and are different.
pub(crate) const ALIKE: &[&str] = &[
    "a",
    "A",
    "a ",
    " a",
    "a\0",
    "\0a",
    "\0",
    "\0\0",
    "a\n",
    "é",
    "e\u{301}",
    "É",
    "ß",
    "ss",
    "1",
    "01",
    "1.0",
    "1e0",
    "NULL",
    "%",
    "_",
    "*",
    "[a]",
    "?",
    "'",
    "\"",
    "\\",
    "\\x61",
    "{a}",
    "a:b",
    "a:",
    ":a",
    "\u{1F980}",
    "\u{FEFF}a",
];

/// One case of the suite.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
}

impl Case {
    /// Returns its name, such as `lease::renews`; it is also the name of its test.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what must hold.
    pub fn about(&self) -> &'static str {
        self.about
    }
}

/// Runs a case on a runtime of its own.
pub(crate) fn block_on(name: &str, case: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ended = runtime.block_on(async { timeout(MOST_TIME, case).await });
    runtime.shutdown_background();
    assert!(ended.is_ok(), "{name} has not ended after {MOST_TIME:?}");
}

/// Makes a list of cases a table and a function that runs one by its name.
macro_rules! cases {
    ([] $(mod $module:ident { $($case:ident $about:literal)* })*) => {
        /// Every case, in order.
        ///
        /// | case | what must hold |
        /// |---|---|
        $($(#[doc = concat!("| `", stringify!($module), "::", stringify!($case), "` | ", $about, " |")])*)*
        pub const CASES: &[Case] = &[
            $($(Case {
                name: concat!(stringify!($module), "::", stringify!($case)),
                about: $about,
            },)*)*
        ];

        pub(super) async fn run<B: Backend>(name: &str, bench: &Bench<B>) {
            match name {
                $($(concat!(stringify!($module), "::", stringify!($case)) => {
                    $module::$case(bench).await
                })*)*
                _ => panic!("no case has the name {name}"),
            }
        }
    };
}
pub(crate) use cases;

/// Makes a list of cases a module of tests.
#[doc(hidden)]
#[macro_export]
macro_rules! __suite_tests {
    (
        [$suite:ident $tests:ident $backend:ty]
        $(mod $module:ident { $($case:ident $about:literal)* })*
    ) => {
        #[cfg(test)]
        mod $tests {
            use super::*;

            $(mod $module {
                use super::*;

                $(#[test]
                fn $case() {
                    $crate::$suite::run::<$backend>(
                        concat!(stringify!($module), "::", stringify!($case)),
                    );
                })*
            })*
        }
    };
}

/// Signs events, and verifies them as a receiver does.
pub(crate) struct Signer {
    key: TestKey,
    verifier: Verifier,
}

impl Signer {
    pub(crate) fn new() -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        Self { key, verifier }
    }

    /// The event as it arrives now.
    pub(crate) fn webhook(&self, event: &EventBuilder) -> Webhook {
        Delivery::signed(&self.key, event.to_json()).verify(&self.verifier).unwrap()
    }

    /// The same at a webhook with another label.
    pub(crate) fn webhook_of(&self, label: &str, event: &EventBuilder) -> Webhook {
        let key = self.key.public_jwk();
        let verifier = Verifier::builder().public_key(&key).label(label).build().unwrap();
        Delivery::signed(&self.key, event.to_json()).verify(&verifier).unwrap()
    }
}

/// How often races are run.
pub(crate) fn rounds() -> usize {
    std::env::var("TOPPER_STORE_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap())
}

/// Longer than a short term, by any clock that is not off by more than half of it.
pub(crate) async fn expire() {
    tokio::time::sleep(SHORT * 3 / 2).await;
}
