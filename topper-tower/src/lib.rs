#![doc = include_str!("../README.md")]

mod body;
mod reply;
mod service;
mod verified;

pub use reply::WebhookReply;
#[cfg(feature = "tokio")]
pub use service::TokioTimer;
pub use service::WebhookService;
#[doc(inline)]
pub use topper_core::Peer;
pub use verified::Verified;
