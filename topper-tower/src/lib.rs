#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

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
