//! Receives Topper's webhooks with [axum](https://docs.rs/axum/0.8) 0.8: verified, typed, answered with the
//! right status.
//!
//! <!-- program of the guide: by cargo xtask generate -->
//!
//! ```rust,no_run
//! use axum::{Router, routing::post};
//! use topper::axum::{Verified, WebhookReply, serve};
//! use topper::{Event, Outcome, Retry, Verifier, Webhook, serve::Server};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let app = Router::new()
//!         .route("/webhooks/topper", post(receive))
//!         .with_state(Verifier::from_env()?); // TOPPER_WEBHOOK_PUBLIC_KEY
//!     serve(Server::from_env()?, app).await?; // PORT, default: 3000
//!     Ok(())
//! }
//!
//! /// Called only for a delivery that Topper signed.
//! async fn receive(verified: Verified) -> WebhookReply {
//!     verified.run(process).await
//! }
//!
//! /// Any error (`?`) is answered with 503, and Topper sends the event again.
//! async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
//!     match webhook.event()? {
//!         Event::OrderCryptoOnrampCompleted(order) => {
//!             let (amount, asset) = (order.destination.amount.as_str(), &order.destination.asset);
//!             println!("{} delivered {amount} {asset}", webhook.id()); // your work, keyed on the id
//!             Ok(Outcome::Processed)
//!         }
//!         Event::Unknown(event) => {
//!             eprintln!("{} is not known yet", event.name());
//!             Ok(Outcome::Ignored)
//!         }
//!         _ => Ok(Outcome::Ignored),
//!     }
//! }
//! ```
//!
//! <!-- end -->
//!
//! Programs depend on the crate [`topper`](https://docs.rs/topper), which has this one as `topper::axum`
//! with the feature `axum`. The example also needs its feature `serve`.
//!
//! | item | what it is |
//! |---|---|
//! | [`Verified`] | the extractor: a [`Webhook`] that Topper signed |
//! | [`WebhookReply`] | the response: made from an [`Outcome`] or a [`Reply`] by `into` |
//! | [`WebhookRejection`] | the answer to every other request |
//! | [`serve`], [`Server`], [`ServeError`] | the server |
//!
//! # State
//!
//! [`Verified`] takes its [`Verifier`] from the router's state, with `FromRef`. A route without a verifier
//! does not compile.
//!
//! For several webhooks in one program, make a router for each, with its own keys and label, and merge
//! them:
//!
//! ```rust
//! # use axum::{Router, routing::post};
//! # use topper::axum::{Verified, WebhookReply};
//! # use topper::Verifier;
//! # async fn receive(_: Verified) -> WebhookReply { topper::Outcome::Processed.into() }
//! # fn configure(sandbox: Verifier, production: Verifier) -> Router {
//! let webhook = |path, verifier| Router::new().route(path, post(receive)).with_state(verifier);
//! webhook("/sandbox", sandbox).merge(webhook("/production", production))
//! # }
//! ```
//!
//! # Refused deliveries
//!
//! A delivery that is refused never reaches a handler that takes [`Verified`]: [`WebhookRejection`] answers
//! it with the right status. To see refusals, take `Result<Verified, WebhookRejection>`.
//!
//! `Option<Verified>` does not compile. It would turn a forgery into `None`, and the handler would run for
//! everyone.
//!
//! # Limits
//!
//! The verifier sets the limit and the deadline for a body. axum's `DefaultBodyLimit` does not apply. The
//! deadline needs tokio's timer, which `#[tokio::main]` switches on.
//!
//! # Source addresses
//!
//! The client's address is the socket's peer, or comes from the forwarding header of a proxy that the
//! verifier trusts.
//!
//! With [`serve`] the peer is always known. With `axum::serve`, use
//! `into_make_service_with_connect_info::<SocketAddr>()`. Otherwise enforced sources answer every delivery
//! with 503 (`source_unknown`).
//!
//! # Testing a handler
//!
//! The crate [`topper-testkit`](https://docs.rs/topper-testkit) makes keys, events and signed deliveries:
//!
//! ```rust
//! use axum::{Router, routing::post};
//! use topper::axum::{Verified, WebhookReply};
//! use topper::{EventName, Outcome, Verifier};
//! use topper_testkit::{Delivery, EventBuilder, TestKey};
//!
//! async fn receive(webhook: Verified) -> WebhookReply {
//!     assert_eq!(webhook.id(), "the-id");
//!     Outcome::Processed.into()
//! }
//!
//! # #[tokio::main]
//! # async fn main() {
//! let key = TestKey::generate();
//! let verifier = Verifier::new(&key.public_jwk()).unwrap();
//! let app = Router::new().route("/", post(receive)).with_state(verifier);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
//! let address = listener.local_addr().unwrap();
//! tokio::spawn(async { axum::serve(listener, app).await });
//!
//! let event = EventBuilder::new(EventName::UserCreated).id("the-id");
//! let answer = Delivery::signed(&key, event.to_json()).send(address, "/").await.unwrap();
//! assert_eq!((answer.status, answer.body.as_str()), (200, "processed"));
//! # }
//! ```
//!
//! # In production
//!
//! With the feature `serve`, [`serve`] is the whole server, and [`Server`] has its settings: the address,
//! health checks and metrics on an admin port, deadlines for slow clients, and a shutdown that answers
//! every delivery in flight. A delivery to a mistyped path, or with a slash too many, is not lost: Topper
//! retries it. The module [`topper::serve`](https://docs.rs/topper/latest/topper/serve/) describes all of
//! it.
//!
//! [`Outcome`]: topper_core::Outcome
//! [`Reply`]: topper_core::Reply
//! [`Verifier`]: topper_core::Verifier
//! [`Webhook`]: topper_core::Webhook
#![cfg_attr(docsrs, feature(doc_cfg))]

mod extract;
mod reply;
#[cfg(feature = "serve")]
mod serve;

pub use extract::{Verified, WebhookRejection};
pub use reply::WebhookReply;
#[cfg(feature = "serve")]
pub use serve::serve;
#[cfg(feature = "serve")]
pub use topper_serve::{ServeError, Server};
