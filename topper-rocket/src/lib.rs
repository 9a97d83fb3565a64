//! Receives Topper's webhooks with [Rocket](https://docs.rs/rocket/0.5) 0.5: verified, typed, answered with
//! the right status.
//!
//! <!-- program of the guide: by cargo xtask generate -->
//!
//! ```rust,no_run
//! use rocket::{post, routes};
//! use topper::rocket::{Verified, WebhookReply, fairing, serve};
//! use topper::{Event, Outcome, Retry, Verifier, Webhook, serve::Server};
//!
//! #[rocket::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let verifier = Verifier::from_env()?; // TOPPER_WEBHOOK_PUBLIC_KEY
//!     let rocket = rocket::build().attach(fairing(verifier)).mount("/", routes![receive]);
//!     serve(Server::from_env()?, rocket).await?; // PORT, default: 3000
//!     Ok(())
//! }
//!
//! /// Called only for a delivery that Topper signed.
//! #[post("/webhooks/topper", data = "<verified>")]
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
//! Programs depend on the crate [`topper`](https://docs.rs/topper), which has this one as `topper::rocket`
//! with the feature `rocket`. The example also needs its feature `serve`. It listens on port 3000 (default
//! of `PORT`), not on Rocket's port 8000.
//!
//! Leave `format` out of the route. With it, Rocket answers 404 to another content type, and Topper gives
//! up.
//!
//! | item | what it is |
//! |---|---|
//! | [`Verified`] | the data guard: a [`Webhook`] that Topper signed |
//! | [`fairing`], [`fairing_for`] | attaches a [`Verifier`] to the rocket: for one webhook, or for one of several |
//! | [`WebhookReply`] | the responder: made from an [`Outcome`] or a [`Reply`] by `into` |
//! | [`WebhookError`] | the answer to every other request |
//! | [`serve`], [`Server`], [`ServeError`] | the server |
//!
//! # State
//!
//! [`fairing`] gives the rocket its [`Verifier`]. Without it, a rocket with a route that takes [`Verified`]
//! does not launch.
//!
//! For several webhooks in one program, define a marker type for each, and attach a verifier with its own
//! keys and label:
//!
//! ```rust
//! # use rocket::{post, routes};
//! # use topper::{Outcome, Verifier};
//! use topper::rocket::{Verified, WebhookReply, fairing_for};
//!
//! enum Sandbox {}
//! enum Production {}
//!
//! #[post("/sandbox", data = "<verified>")]
//! async fn sandbox(verified: Verified<Sandbox>) -> WebhookReply {
//!     # let _ = verified;
//!     Outcome::Ignored.into()
//! }
//!
//! #[post("/production", data = "<verified>")]
//! async fn production(verified: Verified<Production>) -> WebhookReply {
//!     # let _ = verified;
//!     Outcome::Processed.into()
//! }
//!
//! # fn build(for_sandbox: Verifier, for_production: Verifier) -> rocket::Rocket<rocket::Build> {
//! rocket::build()
//!     .attach(fairing_for::<Sandbox>(for_sandbox))
//!     .attach(fairing_for::<Production>(for_production))
//!     .mount("/", routes![sandbox, production])
//! # }
//! ```
//!
//! # Refused deliveries
//!
//! A delivery that is refused never reaches a handler that takes [`Verified`]. In Rocket a guard cannot
//! answer, only a catcher can. So the fairing registers a catcher for the status 597, which no one else
//! uses, and that catcher sends the right status and code. The catchers of your program do not see
//! refusals, and cannot turn them into pages or redirects. There is one exception: a fairing that is
//! attached later can register a default catcher for a longer path. A refusal may then be answered with
//! 597, which Topper retries.
//!
//! To see refusals, take `Result<Verified, WebhookError>`. [`WebhookError`] is a `Responder` with the right
//! status.
//!
//! Never take `Option<Verified>`. It compiles, because Rocket makes an option of every guard, but it turns
//! a forgery into `None`, and the handler runs for everyone.
//!
//! # Limits
//!
//! The verifier sets the limit and the deadline for a body. Rocket's `limits` do not apply. The deadline
//! starts when the guard runs. Before that, Rocket waits for the first 14 bytes of a body without a
//! deadline. Put a proxy in front that has one, or rely on Topper, which hangs up after 4 s and retries.
//!
//! # Source addresses
//!
//! The client's address is the socket's peer, or comes from the forwarding header of a proxy that the
//! verifier trusts. Rocket's `client_ip` is not used: it believes a header from anyone. Rocket drops header
//! lines that are not UTF-8, so the proxy must replace its forwarding header, not append to what a client
//! sent.
//!
//! # Shutting down without `serve`
//!
//! [`serve`] launches the rocket, and shuts it down without losing a delivery. Without it, Rocket 0.5 waits
//! for signals in a task of its own. When a signal arrives while the server is working, `launch` may return
//! at once with an error, and the deliveries in flight are lost. So switch Rocket's own signals off, and
//! wait for them in the task that launches:
//!
//! ```rust,no_run
//! use rocket::{Config, tokio};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let mut config = Config::from(Config::figment());
//! config.shutdown.ctrlc = false;
//! #[cfg(unix)]
//! config.shutdown.signals.clear();
//!
//! let rocket = rocket::custom(config).ignite().await?; // with the fairing and the routes
//! let shutdown = rocket.shutdown();
//! let mut launch = std::pin::pin!(rocket.launch());
//! tokio::select! {
//!     ended = &mut launch => ended?,
//!     _ = tokio::signal::ctrl_c() => {
//!         shutdown.notify();
//!         launch.await?
//!     }
//! };
//! # Ok(())
//! # }
//! ```
//!
//! # Testing a handler
//!
//! The crate [`topper-testkit`](https://docs.rs/topper-testkit) makes keys, events and signed deliveries:
//!
//! ```rust
//! use rocket::{http::{Header, Status}, local::blocking::Client, post, routes};
//! use topper::rocket::{Verified, WebhookReply, fairing};
//! use topper::{EventName, Outcome, Verifier, protocol::SIGNATURE_HEADER};
//! use topper_testkit::{EventBuilder, TestKey};
//!
//! #[post("/", data = "<verified>")]
//! async fn receive(verified: Verified) -> WebhookReply {
//!     assert_eq!(verified.id(), "the-id");
//!     Outcome::Processed.into()
//! }
//!
//! let key = TestKey::generate();
//! let verifier = Verifier::new(&key.public_jwk()).unwrap();
//! let rocket = rocket::build().attach(fairing(verifier)).mount("/", routes![receive]);
//! let client = Client::untracked(rocket).unwrap();
//!
//! let body = EventBuilder::new(EventName::UserCreated).id("the-id").to_json();
//! let signature = Header::new(SIGNATURE_HEADER, key.sign(&body));
//! let response = client.post("/").header(signature).body(body).dispatch();
//! assert_eq!(response.status(), Status::Ok);
//! assert_eq!(response.into_string().unwrap(), "processed");
//! ```
//!
//! # In production
//!
//! With the feature `serve`, [`serve`] is the whole server, and [`Server`] has its settings: the address,
//! health checks and metrics on an admin port, deadlines for slow clients, and a shutdown that answers
//! every delivery in flight. A delivery to a mistyped path, or with a slash too many, is not lost: Topper
//! retries it. The module [`topper::serve`](https://docs.rs/topper/latest/topper/serve/) describes all of
//! it. Rocket's own settings for address, port, signals and shutdown do not apply then.
//!
//! [`Outcome`]: topper_core::Outcome
//! [`Reply`]: topper_core::Reply
//! [`Verifier`]: topper_core::Verifier
//! [`Webhook`]: topper_core::Webhook
#![cfg_attr(docsrs, feature(doc_cfg))]

mod fairing;
mod guard;
mod reply;
#[cfg(feature = "serve")]
mod serve;

pub use fairing::{DefaultWebhook, fairing, fairing_for};
pub use guard::{Verified, WebhookError};
pub use reply::WebhookReply;
#[cfg(feature = "serve")]
pub use serve::serve;
#[cfg(feature = "serve")]
pub use topper_serve::{ServeError, Server};
