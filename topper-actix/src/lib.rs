#![doc = include_str!("../README.md")]

mod extract;
mod reply;

pub use extract::{Verified, WebhookError};
pub use reply::WebhookReply;
