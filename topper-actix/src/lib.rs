//! Receives Topper's webhooks with [actix-web](https://docs.rs/actix-web/4) 4: verified, typed, answered
//! with the right status.
//!
//! <!-- program of the guide: by cargo xtask generate -->
//!
//! ```rust,no_run
//! use actix_web::{App, web};
//! use topper::actix::{Verified, WebhookReply, serve};
//! use topper::{Event, Outcome, Retry, Verifier, Webhook, serve::Server};
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let verifier = Verifier::from_env()?; // TOPPER_WEBHOOK_PUBLIC_KEY
//!     let app = move || {
//!         App::new()
//!             .app_data(verifier.clone())
//!             .route("/webhooks/topper", web::post().to(receive))
//!     };
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
//! Programs depend on the crate [`topper`](https://docs.rs/topper), which has this one as `topper::actix`
//! with the feature `actix`. The example also needs its feature `serve`.
//!
//! | item | what it is |
//! |---|---|
//! | [`Verified`] | the extractor: a [`Webhook`] that Topper signed |
//! | [`WebhookReply`] | the responder: made from an [`Outcome`] or a [`Reply`] by `into` |
//! | [`WebhookError`] | the answer to every other request |
//! | [`serve`], [`Server`], [`ServeError`] | the server |
//!
//! # State
//!
//! [`Verified`] takes its [`Verifier`] from `app_data` of the resource, the scope or the app; the innermost
//! one counts. It can be a `Verifier` or a `web::Data<Verifier>`. Use one of these forms in a program:
//! where a route sees two different verifiers, one in each form, every delivery is answered with 500.
//!
//! Create the verifier once, outside the closure that makes an app for each worker, and clone it inside.
//! Clones share their keys and counts. Without a verifier, every delivery is answered with 500
//! (`not_configured`), which is logged as an error and which Topper retries.
//!
//! For several webhooks in one program, make a resource or scope for each, with its own keys and label:
//!
//! ```rust
//! # use actix_web::{App, web};
//! # use topper::actix::{Verified, WebhookReply};
//! # use topper::Verifier;
//! # async fn receive(_: Verified) -> WebhookReply { topper::Outcome::Processed.into() }
//! # fn configure(sandbox: Verifier, production: Verifier) {
//! let app = App::new()
//!     .service(web::resource("/sandbox").app_data(sandbox).route(web::post().to(receive)))
//!     .service(web::resource("/production").app_data(production).route(web::post().to(receive)));
//! # }
//! ```
//!
//! # Refused deliveries
//!
//! A delivery that is refused never reaches a handler that takes [`Verified`]: [`WebhookError`] is a
//! `ResponseError`, and answers it with the right status. To see refusals, take `Result<Verified,
//! WebhookError>`, and return the error.
//!
//! Never take `Option<Verified>`. It compiles, because actix-web makes an option of every extractor, but it
//! turns a forgery into `None`, and the handler runs for everyone.
//!
//! # Limits
//!
//! The verifier sets the limit and the deadline for a body. actix-web's `PayloadConfig` does not apply. The
//! body is not decompressed before it is verified: the signature covers the bytes that Topper sent.
//!
//! # Source addresses
//!
//! The client's address is the socket's peer, or comes from the forwarding header of a proxy that the
//! verifier trusts. actix-web's `realip_remote_addr` is not used: it believes a header from anyone.
//!
//! # Testing a handler
//!
//! The crate [`topper-testkit`](https://docs.rs/topper-testkit) makes keys, events and signed deliveries:
//!
//! ```rust
//! use actix_web::{App, body::to_bytes, http::StatusCode, test, web};
//! use topper::actix::{Verified, WebhookReply};
//! use topper::{EventName, Outcome, Verifier, protocol::SIGNATURE_HEADER};
//! use topper_testkit::{EventBuilder, TestKey};
//!
//! async fn receive(webhook: Verified) -> WebhookReply {
//!     assert_eq!(webhook.id(), "the-id");
//!     Outcome::Processed.into()
//! }
//!
//! # #[actix_web::main]
//! # async fn main() {
//! let key = TestKey::generate();
//! let verifier = Verifier::new(&key.public_jwk()).unwrap();
//! let app = App::new().app_data(verifier).route("/", web::post().to(receive));
//! let app = test::init_service(app).await;
//!
//! let body = EventBuilder::new(EventName::UserCreated).id("the-id").to_json();
//! let request = test::TestRequest::post()
//!     .uri("/")
//!     .insert_header((SIGNATURE_HEADER, key.sign(&body)))
//!     .set_payload(body);
//! let response = test::call_service(&app, request.to_request()).await;
//! assert_eq!(response.status(), StatusCode::OK);
//! assert_eq!(to_bytes(response.into_body()).await.unwrap(), "processed");
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

pub use extract::{Verified, WebhookError};
pub use reply::WebhookReply;
#[cfg(feature = "serve")]
pub use serve::serve;
#[cfg(feature = "serve")]
pub use topper_serve::{ServeError, Server};
