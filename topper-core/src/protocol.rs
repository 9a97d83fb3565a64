//! Topper's side of a webhook: its signature header, addresses, timeout and retries.
//!
//! Source: "Webhooks" in Topper's documentation.

use std::{net::Ipv4Addr, time::Duration};

/// The name of the header with the signature, in lower case.
pub const SIGNATURE_HEADER: &str = "x-topper-jws-signature";

/// How long Topper waits for an answer to a delivery.
pub const TIMEOUT: Duration = Duration::from_secs(4);

/// How often Topper retries at most, after the first delivery of an event.
pub const MAX_RETRIES: u32 = 10;

/// How long Topper retries, approximately. The exact schedule is not published.
pub const RETRY_WINDOW: Duration = Duration::from_secs(3 * 3600);

/// The IP addresses that Topper sends webhooks from.
///
/// The list is part of this version and can become outdated. That is why
/// [`SourceMode::Observe`](crate::SourceMode::Observe) is the default.
pub const ADDRESSES: &[Ipv4Addr] = &[
    Ipv4Addr::new(35, 188, 196, 183),
    Ipv4Addr::new(104, 198, 177, 219),
    Ipv4Addr::new(104, 154, 232, 87),
    Ipv4Addr::new(130, 211, 229, 195),
    Ipv4Addr::new(104, 198, 221, 24),
    Ipv4Addr::new(104, 197, 27, 15),
    Ipv4Addr::new(35, 194, 9, 154),
    Ipv4Addr::new(104, 154, 144, 51),
    Ipv4Addr::new(104, 197, 210, 12),
    Ipv4Addr::new(35, 225, 6, 73),
];
