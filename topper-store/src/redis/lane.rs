//! The way to one server: a connection, or the attempts to have one.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::{connection::Link, url::Address};
use crate::{
    StoreError,
    cause::{Cause, ConnectError},
};

/// The pauses between attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// A connection that ends sooner was none.
const SHORT_LIFE: Duration = Duration::from_millis(200);

/// Each lane has one of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct LaneId(pub(super) u64);

pub(super) struct Lane {
    pub(super) id: LaneId,
    /// The node of a cluster; `None` for the one server, wherever that is.
    pub(super) node: Option<Address>,
    pub(super) link: Option<Link>,
    /// Of its link, so that what is late from one before is not taken for it.
    pub(super) number: u64,
    /// When each write was sent whose answers are to come.
    pub(super) in_flight: VecDeque<Instant>,
    /// Why there is no link.
    pub(super) trouble: Option<StoreError>,
    opened: Instant,
    pause: Duration,
    is_warned: bool,
}

impl Lane {
    pub(super) fn new(id: LaneId, node: Option<Address>) -> Self {
        Self {
            id,
            node,
            link: None,
            number: 0,
            in_flight: VecDeque::new(),
            trouble: None,
            opened: Instant::now(),
            pause: Duration::ZERO,
            is_warned: false,
        }
    }

    pub(super) fn opens(&mut self, link: Link, number: u64) {
        if self.is_warned {
            tracing::info!(target: "topper", store = "redis", "connected to Redis at {} again", link.address);
        }
        self.link = Some(link);
        self.number = number;
        self.in_flight.clear();
        self.trouble = None;
        self.opened = Instant::now();
        self.is_warned = false;
    }

    /// Gives the connection up, and says how long to wait before the next.
    pub(super) fn breaks(&mut self, cause: Cause) -> Option<Duration> {
        let link = self.link.take()?;
        self.in_flight.clear();
        // A server may close what is idle: that alone is nothing to warn of.
        let is_idle = matches!(cause, Cause::Closed);
        let error = ConnectError { address: link.address.to_string(), cause };
        if !is_idle {
            self.warn(&error);
        }
        self.trouble = Some(StoreError::new(error));
        self.pause = match self.opened.elapsed() < SHORT_LIFE {
            true => LONGEST_PAUSE,
            false => Duration::ZERO,
        };
        Some(self.pause)
    }

    /// An attempt to connect failed: says how long to wait before the next.
    pub(super) fn fails(&mut self, error: ConnectError) -> Duration {
        self.warn(&error);
        self.trouble = Some(StoreError::new(error));
        self.pause = (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        self.pause
    }

    /// Once until there is a connection again.
    fn warn(&mut self, error: &ConnectError) {
        if !std::mem::replace(&mut self.is_warned, true) {
            tracing::warn!(
                target: "topper",
                store = "redis",
                "connection to Redis lost, connecting again: {error}",
            );
        }
    }
}
