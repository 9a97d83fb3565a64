//! Connections that end, and others that are opened for them.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{Event, Keeper, map::MAP_PAUSE};
use crate::{
    cause::Cause,
    redis::{
        connection::{Link, OpenError},
        lane::LaneId,
        url::Address,
    },
};

impl Keeper {
    pub(super) fn breaks_if(&mut self, lane: Option<usize>, cause: Cause) {
        if let Some(lane) = lane {
            self.breaks(lane, cause);
        }
    }

    pub(super) fn breaks(&mut self, lane: usize, cause: Cause) {
        let Some(lane) = self.lanes.get_mut(lane) else { return };
        // Once is enough.
        let Some(pause) = lane.breaks(cause) else { return };
        self.trouble.set(lane.trouble.clone());
        let (id, node) = (lane.id, lane.node.clone());
        self.open(id, node, pause);
        self.ask_for_map(Duration::ZERO);
    }

    /// Connects in the background.
    pub(super) fn open(&mut self, id: LaneId, node: Option<Address>, pause: Duration) {
        let finder = Arc::clone(&self.finder);
        self.events.push(Box::pin(async move {
            sleep(pause).await;
            let opened = match &node {
                None => finder.open_again().await,
                Some(node) => finder.open_node(node).await,
            };
            Event::Opened(id, opened)
        }));
    }

    pub(super) fn opened(&mut self, id: LaneId, opened: Result<Link, OpenError>) {
        let number = self.next_number();
        // A node may have left its cluster meanwhile.
        let Some(lane) = self.lanes.iter_mut().find(|lane| lane.id == id) else { return };
        match opened {
            Ok(link) => {
                lane.opens(link, number);
                self.trouble.set(None);
                let waiting = std::mem::take(&mut self.waiting);
                self.dispatch(waiting);
            }
            Err(OpenError { error, .. }) => {
                let pause = lane.fails(error);
                self.trouble.set(lane.trouble.clone());
                let node = lane.node.clone();
                self.open(id, node, pause);
                self.ask_for_map(MAP_PAUSE);
            }
        }
    }
}
