//! Receives Topper's webhooks with [axum]: verified, typed, answered with the right status.
//!
//! ```no_run
//! use std::net::SocketAddr;
//!
//! use axum::{Router, routing::post};
//! use topper_axum::{Verified, WebhookReply};
//! use topper_core::{Event, Reply, Verifier};
//!
//! async fn receive(Verified(webhook): Verified) -> WebhookReply {
//!     match webhook.event() {
//!         Event::OrderCryptoOnrampCompleted(order) => {
//!             println!("{} {}", order.destination.amount.as_str(), order.destination.asset);
//!             Reply::Processed.into()
//!         }
//!         _ => Reply::Ignored.into(),
//!     }
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let app = Router::new()
//!     .route("/webhooks/topper", post(receive))
//!     .with_state(Verifier::from_env()?);
//! let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
//! // With connect info, so that the source address is known.
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! [`Verified`] takes its [`Verifier`](topper_core::Verifier) from the router's state, by `FromRef`:
//! a route without one does not compile. Several webhooks in one program are several routers, each
//! `with_state` of its own, joined by `Router::merge` or `Router::nest`.
//!
//! A handler that wants to see refusals takes `Result<Verified, WebhookRejection>`. There is no
//! `Option<Verified>`: a forgery must not look like an optional part that is missing.
//!
//! The runtime needs its timer (`#[tokio::main]` has it), for the deadline of the body.

mod extract;
mod reply;

pub use extract::{Verified, WebhookRejection};
pub use reply::WebhookReply;
