//! What a keeper knows of a cluster.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{Event, Keeper};
use crate::redis::{cluster::Map, connection::OpenError, url::Address};

/// The time between questions about where the slots are.
pub(super) const MAP_PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Cluster {
    pub(super) map: Map,
    /// Who can be asked for a map, in turn.
    nodes: Vec<Address>,
    is_asking: bool,
}

impl Cluster {
    pub(super) fn new(map: Map) -> Self {
        Self { nodes: map.primaries(), map, is_asking: false }
    }

    pub(super) fn put(&mut self, slot: u16, to: Address) {
        if self.map.primary(slot) != Some(&to) {
            self.map.put(slot, to);
        }
    }

    /// Those that are gone stay: they may come back, when no other can be asked.
    fn learn(&mut self, nodes: &[Address]) {
        for node in nodes {
            if !self.nodes.contains(node) {
                self.nodes.push(node.clone());
            }
        }
    }
}

impl Keeper {
    /// In a cluster, unless it is being asked for.
    pub(super) fn ask_for_map(&mut self, pause: Duration) {
        let Some(cluster) = &mut self.cluster else { return };
        if std::mem::replace(&mut cluster.is_asking, true) || cluster.nodes.is_empty() {
            return;
        }
        cluster.nodes.rotate_left(1);
        let Some(node) = cluster.nodes.first().cloned() else { return };
        let finder = Arc::clone(&self.finder);
        self.events.push(Box::pin(async move {
            sleep(pause).await;
            Event::Mapped(finder.map(&node).await)
        }));
    }

    pub(super) fn mapped(&mut self, map: Result<Map, OpenError>) {
        let Some(cluster) = &mut self.cluster else { return };
        cluster.is_asking = false;
        if let Ok(map) = map {
            let primaries = map.primaries();
            cluster.learn(&primaries);
            cluster.map = map;
            self.lanes.retain(|lane| lane.node.as_ref().is_some_and(|it| primaries.contains(it)));
            for node in primaries {
                if !self.lanes.iter().any(|lane| lane.node.as_ref() == Some(&node)) {
                    self.add(node);
                }
            }
            let waiting = std::mem::take(&mut self.waiting);
            self.dispatch(waiting);
        }
        if self.lanes.iter().any(|lane| lane.link.is_none()) {
            self.ask_for_map(MAP_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_was_added_is_asked_for_a_map_too() {
        let node = |host: &str| Address { host: host.to_owned(), port: 6379 };
        let mut map = Map::default();
        map.put(0, node("first"));
        let mut cluster = Cluster::new(map);
        cluster.learn(&[node("first"), node("added")]);
        cluster.learn(&[node("added")]);
        assert_eq!(cluster.nodes, [node("first"), node("added")]);
    }
}
