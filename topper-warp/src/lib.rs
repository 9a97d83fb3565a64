//! Receives Topper's webhooks with [warp](https://docs.rs/warp/0.4) 0.4: verified, typed, answered with the
//! right status.
//!
//! <!-- program of the guide: by cargo xtask generate -->
//!
//! ```rust,no_run
//! use topper::warp::{WebhookReply, recover, serve, verified};
//! use topper::{Event, Outcome, Retry, Verifier, Webhook, serve::Server};
//! use warp::Filter as _;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let verifier = Verifier::from_env()?; // TOPPER_WEBHOOK_PUBLIC_KEY
//!     let webhook = warp::path!("webhooks" / "topper")
//!         .and(warp::post())
//!         .and(verified(verifier))
//!         .then(receive)
//!         .recover(recover);
//!     serve(Server::from_env()?, warp::service(webhook)).await?; // PORT, default: 3000
//!     Ok(())
//! }
//!
//! /// Called only for a delivery that Topper signed.
//! async fn receive(webhook: Webhook) -> WebhookReply {
//!     topper::warp::run(webhook, process).await
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
//! Programs depend on the crate [`topper`](https://docs.rs/topper), which has this one as `topper::warp`
//! with the feature `warp`. The example also needs its feature `serve`.
//!
//! | item | what it is |
//! |---|---|
//! | [`verified`] | the filter: extracts a [`Webhook`] that Topper signed |
//! | [`run`] | runs your handler |
//! | [`WebhookReply`] | the reply: made from an [`Outcome`] or a [`Reply`] by `into` |
//! | [`WebhookRejection`], [`recover`] | the rejection of every other request, and the answer to it |
//! | [`serve`], [`Server`], [`ServeError`], [`peer`] | the server, and the client's address in it |
//!
//! # State
//!
//! The [`Verifier`] is an argument of [`verified`], so it cannot be forgotten. For several webhooks in one
//! program, make a filter for each, with its own keys and label:
//!
//! ```rust
//! # use topper::{Outcome, Verifier, Webhook};
//! # use topper::warp::{WebhookReply, recover, verified};
//! # use warp::Filter;
//! # async fn receive(_: Webhook) -> WebhookReply { Outcome::Processed.into() }
//! # fn filter(sandbox: Verifier, production: Verifier) -> impl Filter {
//! let hook = |path, verifier| {
//!     warp::path(path)
//!         .and(warp::path::end())
//!         .and(warp::post())
//!         .and(verified(verifier))
//!         .then(receive)
//!         .recover(recover)
//! };
//! hook("sandbox", sandbox).or(hook("production", production))
//! # }
//! ```
//!
//! # Refused deliveries
//!
//! A delivery that is refused never reaches a handler behind [`verified`]. It is rejected with a
//! [`WebhookRejection`], and [`recover`] answers it with the right status. [`recover`] passes on every
//! other rejection.
//!
//! Put [`recover`] on the webhook's own filter, before any `or`. Without it, warp answers a forgery with
//! 500, and Topper retries it. Behind an `or`, the next filter might answer it.
//!
//! To see refusals, look for a [`WebhookRejection`] in a `recover` function of your own.
//!
//! # Limits
//!
//! The verifier sets the limit and the deadline for a body, whether its length is declared or not. Do not
//! use `warp::body::content_length_limit`: it refuses chunked bodies with 411, and Topper gives up.
//!
//! # Source addresses
//!
//! The client's address is the socket's peer, or comes from the forwarding header of a proxy that the
//! verifier trusts. To read the peer yourself, use [`peer`]: `warp::addr::remote` knows it only with warp's
//! own server.
//!
//! # Testing a handler
//!
//! The crate [`topper-testkit`](https://docs.rs/topper-testkit) makes keys, events and signed deliveries:
//!
//! ```rust
//! use topper::warp::{WebhookReply, recover, verified};
//! use topper::{EventName, Outcome, Verifier, Webhook};
//! use topper_testkit::{Delivery, EventBuilder, TestKey};
//! use warp::Filter;
//!
//! async fn receive(webhook: Webhook) -> WebhookReply {
//!     assert_eq!(webhook.id(), "the-id");
//!     Outcome::Processed.into()
//! }
//!
//! # #[tokio::main]
//! # async fn main() {
//! let key = TestKey::generate();
//! let verifier = Verifier::new(&key.public_jwk()).unwrap();
//! let webhook = warp::post().and(verified(verifier)).then(receive).recover(recover);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
//! let address = listener.local_addr().unwrap();
//! tokio::spawn(warp::serve(webhook).incoming(listener).run());
//!
//! let event = EventBuilder::new(EventName::UserCreated).id("the-id");
//! let answer = Delivery::signed(&key, event.to_json()).send(address, "/").await.unwrap();
//! assert_eq!((answer.status, answer.body.as_str()), (200, "processed"));
//! # }
//! ```
//!
//! `warp::serve` needs warp's feature `server`. [`serve`] does not.
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

mod filter;
mod reply;
#[cfg(feature = "serve")]
mod serve;

pub use filter::{WebhookRejection, recover, run, verified};
pub use reply::WebhookReply;
#[cfg(feature = "serve")]
pub use serve::{peer, serve};
#[cfg(feature = "serve")]
pub use topper_serve::{ServeError, Server};
