#![doc = include_str!("../README.md")]

mod future;
mod reply;
mod service;
mod verified;

pub use future::ResponseFuture;
pub use reply::WebhookReply;
#[cfg(feature = "tokio")]
pub use service::TokioTimer;
pub use service::WebhookService;
#[doc(inline)]
pub use topper_core::Peer;
pub use verified::Verified;
