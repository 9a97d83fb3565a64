#![doc = include_str!("../README.md")]

mod fairing;
mod guard;
mod reply;

pub use fairing::{DefaultWebhook, fairing, fairing_for};
pub use guard::{Verified, WebhookError};
pub use reply::WebhookReply;
