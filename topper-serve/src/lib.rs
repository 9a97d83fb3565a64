//! Runs a receiver of Topper's webhooks: an address, health checks, deadlines for clients, and a shutdown
//! that loses no delivery.
//!
//! Each adapter has a `serve` function for its framework: `topper::axum::serve`, `topper::actix::serve`,
//! `topper::warp::serve`, `topper::rocket::serve`. All of them take a [`Server`], which has the settings.
//! This crate's own [`serve`] is for programs on hyper:
//!
//! ```rust
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use topper::serve::{ServeError, Server, serve};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ServeError> {
//! let server = Server::from_env()? // HOST, PORT, ADMIN_PORT, ...
//!     .ready(|| async { true }) // does the store answer?
//! #   .port(0).shutdown_delay(std::time::Duration::ZERO).shutdown_when(std::future::ready(()))
//!     .metrics(|| "# what a recorder renders\n".to_owned());
//! serve(server, |_request: Request<_>| async { Response::new(Full::<Bytes>::from("hello")) }).await?;
//! // Here: drain what the program itself runs, such as the worker of an inbox.
//! # Ok(())
//! # }
//! ```
//!
//! Programs depend on the crate [`topper`](https://docs.rs/topper), which has this one as `topper::serve`
//! with the feature `serve`.
//!
//! | item | what it is |
//! |---|---|
//! | [`Server`] | the settings, from the environment or in code |
//! | [`serve`], [`RequestBody`], [`Peer`] | the server for programs on hyper, and what it adds to a request |
//! | [`Server::start`], [`Running`], [`Phases`], [`Phase`] | for another framework: an address, signals and phases |
//! | [`is_signed`], [`is_lost`], [`other_slash`], [`not_configured`] | for another framework: deliveries to a wrong path |
//! | [`ServeError`] | why a server could not start, or failed |
//!
//! # Shutdown
//!
//! SIGTERM and Ctrl-C start the shutdown. A load balancer learns of it seconds later, and sends requests
//! until then. So the server keeps answering for a while:
//!
//! | phase | how long | new connections | answers | `/readyz` |
//! |---|---|---|---|---|
//! | [`Serving`](Phase::Serving) | until a signal | accepted | keep their connections | 200 |
//! | [`Leaving`](Phase::Leaving) | `SHUTDOWN_DELAY`, default: 10 s | accepted | have `Connection: close` | 503 |
//! | [`Draining`](Phase::Draining) | until everything is answered, at most 5 s | refused | have `Connection: close` | 503 |
//!
//! Connections without a request stay open until the end of the second phase: a server that closes one can
//! cross a request that is on its way. Then `serve` returns. A second signal ends the process at once, with
//! the exit code of a process that the signal killed.
//!
//! # The admin port
//!
//! With `ADMIN_PORT`, three paths are answered on a port of their own:
//!
//! - `/livez`: 200 while the process answers at all. It does not ask the store.
//! - `/readyz`: 200 while the server is serving and the check of [`Server::ready`] succeeds within 400 ms.
//!   Otherwise 503, with the reason.
//! - `/metrics`: what [`Server::metrics`] renders.
//!
//! # Slow clients
//!
//! | what | how long |
//! |---|---|
//! | from a new connection to its first request, and from the first byte of a head to its last | 5 s |
//! | the body of a delivery | 2 s, by the adapter |
//! | between two requests | 75 s |
//!
//! # Deliveries to a wrong path
//!
//! Topper never retries after 404 or 405. So a request with Topper's signature header is answered at
//! `/webhooks/topper/` as at `/webhooks/topper`, and the other way round. At any other path the answer is
//! `not_configured`, which Topper retries, and the log names the path. Requests without the header are
//! answered with 404.
//!
//! # Features
//!
//! <!-- features of topper-serve: by cargo xtask generate -->
//!
//! | feature | what for |
//! |---|---|
//! | `aws-lc` (default) | verifies with aws-lc-rs: the fastest back end, needs a C compiler |
//! | `rust-crypto` | verifies with the pure-Rust p256 crate: no C compiler |
//! | `http2` | also answers HTTP/2 without TLS, which some platforms send: for axum and warp |
//!
//! <!-- end -->
#![cfg_attr(docsrs, feature(doc_cfg))]

mod activity;
mod admin;
mod body;
mod connection;
mod env;
mod error;
mod misplaced;
mod phase;
mod running;
mod serve;
mod server;
mod signal;
mod socket;

pub use body::RequestBody;
pub use error::ServeError;
pub use misplaced::{is_lost, is_signed, not_configured, other_slash};
pub use phase::{Phase, Phases};
pub use running::Running;
pub use serve::serve;
pub use server::Server;
#[doc(inline)]
pub use topper_core::Peer;

/// The target of every log line, the same as in `topper-core`.
const LOG_TARGET: &str = "topper";

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
