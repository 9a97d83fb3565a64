//! The receiver that is killed: this test's own program, started anew with these variables.

use std::{env, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{FromRef, State},
    routing::post,
};
use topper_axum::{Verified, WebhookReply};
use topper_core::Verifier;
use topper_store::{AnyStore, Claim, Lease, LeaseError, Once, Store, StoreError};

use crate::{
    ledger::{Ledger, Open},
    program::{say, stop_at},
};

pub(super) const KEY: &str = "TOPPER_TEST_RECEIVER_KEY";
pub(super) const PORT: &str = "TOPPER_TEST_RECEIVER_PORT";
pub(super) const STORE: &str = "TOPPER_TEST_RECEIVER_STORE";
pub(super) const LEDGER: &str = "TOPPER_TEST_RECEIVER_LEDGER";
pub(super) const POINT: &str = "TOPPER_TEST_RECEIVER_POINT";

/// Where it stops and waits to be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    BeforeClaim,
    AfterClaim,
    InHandler,
    AfterHandler,
    BeforeMark,
    AfterMark,
}

impl Point {
    pub(super) const ALL: [Self; 6] = [
        Self::BeforeClaim,
        Self::AfterClaim,
        Self::InHandler,
        Self::AfterHandler,
        Self::BeforeMark,
        Self::AfterMark,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BeforeClaim => "before the claim",
            Self::AfterClaim => "after the claim",
            Self::InHandler => "in the handler",
            Self::AfterHandler => "after the handler",
            Self::BeforeMark => "before the mark",
            Self::AfterMark => "after the mark",
        }
    }

    pub(super) fn is_between_effect_and_mark(self) -> bool {
        matches!(self, Self::AfterHandler | Self::BeforeMark)
    }

    /// Says so and waits for the end, when this is where it is to be killed.
    async fn reach(self) {
        if env::var(POINT).is_ok_and(|point| point == self.name()) {
            stop_at(self.name()).await;
        }
    }
}

/// A store that stops at the points around it.
struct Stopping(AnyStore);

impl Store for Stopping {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        Point::BeforeClaim.reach().await;
        let claim = self.0.claim(lease, term).await;
        Point::AfterClaim.reach().await;
        claim
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        self.0.renew(lease, term).await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        Point::BeforeMark.reach().await;
        let result = self.0.complete(lease).await;
        Point::AfterMark.reach().await;
        result
    }

    async fn release(&self, lease: &Lease, failure: Option<&str>) -> Result<(), LeaseError> {
        self.0.release(lease, failure).await
    }
}

#[derive(Clone)]
struct App {
    verifier: Verifier,
    once: Once<Stopping>,
    ledger: Open,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

async fn receive(State(app): State<App>, Verified(webhook): Verified) -> WebhookReply {
    let ledger = app.ledger;
    let reply = app
        .once
        .run(webhook, move |webhook| async move {
            Point::InHandler.reach().await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let reply = ledger.write(&webhook).await;
            Point::AfterHandler.reach().await;
            reply
        })
        .await;
    reply.into()
}

/// Not a test by itself: without the variables it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn runs_when_told_to() {
    let Ok(key) = env::var(KEY) else { return };
    let store = AnyStore::connect(&env::var(STORE).unwrap()).await.unwrap();
    let app = App {
        verifier: Verifier::new(&key).unwrap(),
        once: Once::new(Stopping(store)).lease_term(Duration::from_secs(1)),
        ledger: Ledger::parse(&env::var(LEDGER).unwrap()).open().await,
    };
    let address = SocketAddr::from(([127, 0, 0, 1], env::var(PORT).unwrap().parse().unwrap()));
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    say("listening");
    let app = Router::new().route("/", post(receive)).with_state(app);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
}
