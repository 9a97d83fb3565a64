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
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

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
    StoreError,
    cause::Cause,
    queue::{Asked, Trouble, Verdict},
};

mod landing;
mod map;

use map::{Cluster, MAP_PAUSE};

/// The most in one write.
const MOST_AT_ONCE: usize = 256;
/// How long a step waits for a connection, or may be sent again: less than a claim may take.
const PATIENCE: Duration = Duration::from_millis(400);
/// How often what waits is looked at.
const TICK: Duration = Duration::from_millis(20);
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
    pub(super) async fn run(mut self, mut asking: mpsc::Receiver<Asked>) {
        let mut asked = Vec::with_capacity(MOST_AT_ONCE);
        loop {
            match self.next(&mut asking, &mut asked).await {
                Event::Ended => return,
                Event::Asked => {
                    let taken = asked.drain(..).filter_map(Taken::new).collect();
                    self.dispatch(taken);
                }
                Event::Landed(number, landed) => self.land(number, landed),
                Event::Closed(lane) => self.breaks(lane, Cause::Closed),
                Event::Opened(id, opened) => self.opened(id, opened),
                Event::Mapped(map) => self.mapped(map),
                Event::Tick => self.tick(),
            }
        }
    }

    async fn next(&mut self, asking: &mut mpsc::Receiver<Asked>, asked: &mut Vec<Asked>) -> Event {
        poll_fn(|context| {
            // What is to be sent, before the connections are driven; what came, after it.
            for _ in 0..2 {
                if let Poll::Ready(Some(event)) = self.events.poll_next_unpin(context) {
                    return Poll::Ready(event);
                }
                for (number, lane) in self.lanes.iter_mut().enumerate() {
                    if let Some(link) = &mut lane.link
                        && link.driver.poll(context).is_ready()
                    {
                        return Poll::Ready(Event::Closed(number));
                    }
                }
            }
            asking.poll_recv_many(context, asked, MOST_AT_ONCE).map(|count| match count {
                0 => Event::Ended,
                _ => Event::Asked,
            })
        })
        .await
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
            None => cluster.map.primary(slot(&script::key(taken.asked.lease.key())))?,
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
            Some(link) if lane.in_flight < MOST_IN_FLIGHT => {
                lane.in_flight += 1;
                let number = lane.number;
                for taken in &mut taken {
                    taken.tries = taken.tries.saturating_add(1);
                }
                let retention = Duration::from_millis(self.retention.load(Ordering::Relaxed));
                let flight = fly(link.sender.clone(), taken, retention);
                self.events.push(Box::pin(async move { Event::Landed(number, flight.await) }));
            }
            _ => self.wait(taken),
        }
    }

    fn wait(&mut self, mut taken: Vec<Taken>) {
        let until = Instant::now() + PATIENCE;
        for taken in &mut taken {
            taken.until.get_or_insert(until);
        }
        self.waiting.append(&mut taken);
        if !std::mem::replace(&mut self.is_ticking, true) {
            self.events.push(Box::pin(async {
                sleep(TICK).await;
                Event::Tick
            }));
        }
    }

    /// Sends what waits, or says that it waited long enough.
    fn tick(&mut self) {
        self.is_ticking = false;
        let now = Instant::now();
        let (over, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|taken| taken.until.is_some_and(|until| until <= now));
        for taken in over {
            let lane = self.lane(&taken).and_then(|lane| self.lanes.get(lane));
            let trouble = lane.and_then(|lane| lane.trouble.clone());
            taken.answer(Err(trouble.unwrap_or_else(|| StoreError::new(Busy))));
        }
        self.dispatch(waiting);
    }

    fn breaks_if(&mut self, lane: Option<usize>, cause: Cause) {
        if let Some(lane) = lane {
            self.breaks(lane, cause);
        }
    }

    fn breaks(&mut self, lane: usize, cause: Cause) {
        let Some(lane) = self.lanes.get_mut(lane) else { return };
        // Once is enough.
        let Some(pause) = lane.breaks(cause) else { return };
        self.trouble.set(lane.trouble.clone());
        let (id, node) = (lane.id, lane.node.clone());
        self.open(id, node, pause);
        self.ask_for_map(Duration::ZERO);
    }

    /// Connects in the background.
    fn open(&mut self, id: LaneId, node: Option<Address>, pause: Duration) {
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

    fn opened(&mut self, id: LaneId, opened: Result<Link, OpenError>) {
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

#[derive(Debug, thiserror::Error)]
#[error("the server was too busy for 0.4 s")]
struct Busy;
