//! Test suites for your own adapters and stores: the suites that the Topper SDK's adapters and
//! stores pass.
//!
//! Topper sends webhooks about crypto purchases. An *adapter* receives them with a web framework; a
//! *store* remembers which events have been processed. To test a handler, use `topper-testkit`
//! instead.
//!
//! Each macro makes a separate test of every case; you cannot leave one out.
//!
//! # An adapter
//!
//! [`adapter_conformance!`] sends requests to your adapter over real sockets, and checks each
//! answer. Implement [`adapter::Adapter`], here for the adapter for axum:
//!
//! ```
//! use std::net::{IpAddr, SocketAddr};
//!
//! use axum::{Router, extract::{FromRef, State}, routing::post};
//! use tokio::net::TcpListener;
//! use topper_axum::{Verified, WebhookReply};
//! use topper_conformance::adapter::{Adapter, Endpoint, Probe, Server};
//! use topper_core::Verifier;
//!
//! struct Axum;
//!
//! impl Adapter for Axum {
//!     const NAME: &'static str = "axum";
//!
//!     async fn serve(bind: IpAddr, first: Endpoint, second: Endpoint) -> Server {
//!         let listener = TcpListener::bind((bind, 0)).await.unwrap();
//!         let address = listener.local_addr().unwrap();
//!         let app = Router::new()
//!             .merge(Router::new().route("/first", post(receive)).with_state(App(first)))
//!             .merge(Router::new().route("/second", post(receive)).with_state(App(second)))
//!             .into_make_service_with_connect_info::<SocketAddr>();
//!         Server::task(address, tokio::spawn(async move { axum::serve(listener, app).await }))
//!     }
//! }
//!
//! #[derive(Clone)]
//! struct App(Endpoint);
//!
//! impl FromRef<App> for Verifier {
//!     fn from_ref(app: &App) -> Self {
//!         app.0.verifier.clone()
//!     }
//! }
//!
//! impl FromRef<App> for Probe {
//!     fn from_ref(app: &App) -> Self {
//!         app.0.probe.clone()
//!     }
//! }
//!
//! async fn receive(State(probe): State<Probe>, verified: Verified) -> WebhookReply {
//!     match probe.accept(&verified) {
//!         Some(reply) => reply.into(),
//!         None => verified.run(|webhook| probe.handle(webhook)).await,
//!     }
//! }
//!
//! topper_conformance::adapter_conformance!(Axum);
//! # fn main() {
//! #     topper_conformance::adapter::run::<Axum>("endpoint::keeps_two_webhooks_apart");
//! # }
//! ```
//!
//! # A store
//!
//! [`store_conformance!`] claims, renews and completes events, alone and in races. Implement
//! [`store::Backend`], here for the store in memory:
//!
//! ```
//! use topper_conformance::store::Backend;
//! use topper_store::MemoryStore;
//!
//! struct Memory(MemoryStore);
//!
//! impl Backend for Memory {
//!     type Store = MemoryStore;
//!
//!     async fn empty() -> Option<Self> {
//!         Some(Self(MemoryStore::new()))
//!     }
//!
//!     async fn connect(&self) -> MemoryStore {
//!         self.0.clone()
//!     }
//! }
//!
//! topper_conformance::store_conformance!(Memory);
//! # fn main() {
//! #     topper_conformance::store::run::<Memory>("lease::is_given_to_one");
//! # }
//! ```
//!
//! # The store of an inbox
//!
//! [`inbox_conformance!`] accepts, takes and ends events, alone and in races, and runs workers on
//! them. Implement [`inbox::Backend`], here for the inbox in memory:
//!
//! ```
//! use topper_conformance::inbox::Backend;
//! use topper_store::MemoryInbox;
//!
//! struct Memory(MemoryInbox);
//!
//! impl Backend for Memory {
//!     type Store = MemoryInbox;
//!
//!     async fn empty() -> Option<Self> {
//!         Some(Self(MemoryInbox::new()))
//!     }
//!
//!     async fn connect(&self) -> MemoryInbox {
//!         self.0.clone()
//!     }
//! }
//!
//! topper_conformance::inbox_conformance!(Memory);
//! # fn main() {
//! #     topper_conformance::inbox::run::<Memory>("order::gives_one_event_at_a_time");
//! # }
//! ```
//!
//! # Environment variables
//!
//! - `TOPPER_CONFORMANCE_DIR`: a folder. Each case of an adapter writes the answers it received to
//!   `NAME/CASE` in it.
//! - `TOPPER_STORE_ROUNDS`: how often the races of a store or an inbox run (default: 2).
//!
//! # Features
//!
//! - `aws-lc`, `rust-crypto`: check this crate alone with that back end. Neither is needed: the
//!   verifier under test uses whatever back end your adapter's or store's own dependencies switch on.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod adapter;
pub mod inbox;
pub mod store;
mod suite;

/// The README's example compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
