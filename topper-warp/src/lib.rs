#![doc = include_str!("../README.md")]

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
