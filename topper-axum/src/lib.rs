#![doc = include_str!("../README.md")]

mod extract;
mod reply;

pub use extract::{Verified, WebhookRejection};
pub use reply::WebhookReply;
