#![doc = include_str!("../README.md")]

mod filter;
mod reply;

pub use filter::{WebhookRejection, recover, run, verified};
pub use reply::WebhookReply;
