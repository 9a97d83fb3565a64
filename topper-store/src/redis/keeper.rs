//! Keeps the connections: takes what is asked, sends it, and connects again when a server is not there.
//!
//! All of a store goes through one task. What is asked at the same moment is one write, and several
//! such are in flight at once.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::{select, task::yield_now, time::Instant};

use super::{
    answer::Failure,
    cluster::{Map, slot},
    connection::{Link, MOST_IN_FLIGHT, OpenError},
    finder::Finder,
    flight::{Taken, fly},
    lane::{Lane, LaneId},
    script,
    url::Address,
};
use crate::{
    cause::Cause,
    queue::{Asked, Asking, Trouble, Verdict},
};

mod landing;
mod map;
mod opening;
mod waiting;

use map::Cluster;

/// The most in one write.
const MOST_AT_ONCE: usize = 256;
/// How long a step waits for a connection, or may be sent again: less than a claim may take.
const PATIENCE: Duration = Duration::from_millis(400);
pub(super) struct Keeper {
    finder: Arc<Finder>,
    trouble: Trouble,
    /// In milliseconds.
    retention: Arc<AtomicU64>,
    lanes: Vec<Lane>,
    /// In a cluster.
    cluster: Option<Cluster>,
    waiting: Vec<Taken>,
    is_ticking: bool,
    is_watching: bool,
    events: FuturesUnordered<Pin<Box<dyn Future<Output = Event> + Send>>>,
    /// How many lanes and links there were.
    count: u64,
}

enum Event {
    Asked,
    /// No one can ask any more.
    Ended,
    Landed(u64, Vec<(Taken, Result<Verdict, Failure>)>),
    /// The connection of a lane has ended.
    Closed(usize),
    Opened(LaneId, Result<Link, OpenError>),
    Mapped(Result<Map, OpenError>),
    Tick,
    Watch,
}

impl Keeper {
    /// With the links that were opened to check the servers.
    pub(super) fn new(
        finder: Arc<Finder>,
        links: Vec<Link>,
        map: Option<Map>,
        trouble: Trouble,
        retention: Arc<AtomicU64>,
    ) -> Self {
        let mut keeper = Self {
            finder,
            trouble,
            retention,
            lanes: Vec::new(),
            cluster: None,
            waiting: Vec::new(),
            is_ticking: false,
            is_watching: false,
            events: FuturesUnordered::new(),
            count: 0,
        };
        for link in links {
            let node = map.is_some().then(|| link.address.clone());
            let mut lane = Lane::new(LaneId(keeper.next_number()), node);
            lane.opens(link, keeper.next_number());
            keeper.lanes.push(lane);
        }
        keeper.cluster = map.map(Cluster::new);
        keeper
    }

    fn next_number(&mut self) -> u64 {
        self.count = self.count.saturating_add(1);
        self.count
    }

    /// Runs until no one can ask any more.
    pub(super) async fn run(mut self, asking: Asking) {
        let mut asked = Vec::with_capacity(MOST_AT_ONCE);
        loop {
            match self.next(&asking, &mut asked).await {
                Event::Ended => return,
                Event::Asked => {
                    if self.is_busy() {
                        // So that what others ask now is in the same write.
                        yield_now().await;
                        asking.take_more(&mut asked, MOST_AT_ONCE);
                    }
                    let taken = asked.drain(..).filter_map(Taken::new).collect();
                    self.dispatch(taken);
                }
                Event::Landed(number, landed) => self.land(number, landed),
                Event::Closed(lane) => self.breaks(lane, Cause::Closed),
                Event::Opened(id, opened) => self.opened(id, opened),
                Event::Mapped(map) => self.mapped(map),
                Event::Tick => self.tick(),
                Event::Watch => self.watched(),
            }
        }
    }

    async fn next(&mut self, asking: &Asking, asked: &mut Vec<Asked>) -> Event {
        let happens = poll_fn(|context| {
            if let Poll::Ready(Some(event)) = self.events.poll_next_unpin(context) {
                return Poll::Ready(event);
            }
            for (number, lane) in self.lanes.iter_mut().enumerate() {
                if let Some(link) = &mut lane.link
                    && link.poll_end(context).is_ready()
                {
                    return Poll::Ready(Event::Closed(number));
                }
            }
            Poll::Pending
        });
        select! {
            biased;
            event = happens => event,
            count = asking.recv_many(asked, MOST_AT_ONCE) => match count {
                0 => Event::Ended,
                _ => Event::Asked,
            },
        }
    }

    fn is_busy(&self) -> bool {
        self.lanes.iter().any(|lane| !lane.in_flight.is_empty())
    }

    /// Sends each to where its key is, when there is a connection, and lets it wait otherwise.
    fn dispatch(&mut self, taken: Vec<Taken>) {
        if self.cluster.is_none() {
            return self.launch(0, taken);
        }
        let mut lanes: Vec<Vec<Taken>> = Vec::new();
        for taken in taken {
            match self.lane(&taken) {
                // One at a time, so that only its own command follows `ASKING`.
                Some(lane) if taken.detour.is_some() => self.launch(lane, vec![taken]),
                Some(lane) => {
                    lanes.resize_with(lanes.len().max(lane.saturating_add(1)), Vec::new);
                    if let Some(lane) = lanes.get_mut(lane) {
                        lane.push(taken);
                    }
                }
                None => self.wait(vec![taken]),
            }
        }
        for (lane, taken) in lanes.into_iter().enumerate() {
            self.launch(lane, taken);
        }
    }

    /// Where the key of a step is.
    fn lane(&mut self, taken: &Taken) -> Option<usize> {
        let Some(cluster) = &self.cluster else { return Some(0) };
        let node = match &taken.detour {
            Some(node) => node,
            None => cluster.map.primary(slot(&script::key(taken.asked.ask.lease.key())))?,
        };
        match self.lanes.iter().position(|lane| lane.node.as_ref() == Some(node)) {
            Some(lane) => Some(lane),
            None => {
                let node = node.clone();
                Some(self.add(node))
            }
        }
    }

    fn add(&mut self, node: Address) -> usize {
        let id = LaneId(self.next_number());
        self.lanes.push(Lane::new(id, Some(node.clone())));
        self.open(id, Some(node), Duration::ZERO);
        self.lanes.len().saturating_sub(1)
    }

    fn launch(&mut self, lane: usize, mut taken: Vec<Taken>) {
        if taken.is_empty() {
            return;
        }
        let Some(lane) = self.lanes.get_mut(lane) else { return self.wait(taken) };
        match &lane.link {
            Some(link) if lane.in_flight.len() < MOST_IN_FLIGHT => {
                lane.in_flight.push_back(Instant::now());
                let number = lane.number;
                for taken in &mut taken {
                    taken.tries = taken.tries.saturating_add(1);
                }
                let retention = Duration::from_millis(self.retention.load(Ordering::Relaxed));
                let flight = fly(link.sender.clone(), taken, retention);
                self.events.push(Box::pin(async move { Event::Landed(number, flight.await) }));
                self.watch();
            }
            _ => self.wait(taken),
        }
    }
}
