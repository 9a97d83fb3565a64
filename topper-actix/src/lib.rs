#![doc = include_str!("../README.md")]

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
