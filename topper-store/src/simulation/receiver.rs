//! Receivers: processes that share a store.

use std::future::pending;
use std::{
    panic::resume_unwind,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use tokio::time::{sleep, timeout};
use topper_core::{Outcome, Reply, Retry, Verifier, Webhook};
use topper_testkit::{Delivery, Lifecycle, TestKey};

use super::{
    network::Remote,
    plan::End,
    world::{Process, World},
};
use crate::{
    EventKey, Inbox, MemoryInbox, MemoryStore, Once,
    inbox::{EventFilter, InboxStore as _, RunningWorker, StoredEvent},
};

/// Signed once for all worlds: the events of a few orders and users, and the number of their order.
static EVENTS: LazyLock<Vec<(Webhook, Option<usize>)>> = LazyLock::new(|| {
    let key = TestKey::generate();
    let verifier = Verifier::builder().public_key(&key.public_jwk()).build().unwrap();
    let lifecycles =
        [Lifecycle::Onramp, Lifecycle::User, Lifecycle::OnrampFailed, Lifecycle::Offramp];
    let orders = lifecycles.iter().cycle().take(8).enumerate();
    let events = orders.flat_map(|(order, lifecycle)| {
        let events = lifecycle.events().into_iter().enumerate();
        events.map(move |(number, event)| (order, event.id(&format!("event-{order}-{number}"))))
    });
    let sign = |(order, event): (usize, topper_testkit::EventBuilder)| {
        let webhook = Delivery::signed(&key, event.to_json()).verify(&verifier).unwrap();
        let has_order = webhook.event().unwrap().order_id().is_some();
        (webhook, has_order.then_some(order))
    };
    events.map(sign).collect()
});

/// How many events there are to choose from.
pub(super) fn most() -> usize {
    EVENTS.len()
}

pub(super) struct Receivers {
    world: Arc<World>,
    pub(super) store: MemoryStore,
    pub(super) inbox: MemoryInbox,
    running: Mutex<Vec<Option<Running>>>,
}

#[derive(Clone)]
enum Running {
    Once(Once<Remote<MemoryStore>>),
    Inbox(Inbox<Remote<MemoryInbox>>, RunningWorker),
}

impl Receivers {
    pub(super) fn new(world: Arc<World>) -> Arc<Self> {
        let running = Mutex::new(vec![None; world.plan.hosts]);
        let (store, inbox) = (MemoryStore::new(), MemoryInbox::new());
        let receivers = Arc::new(Self { world, store, inbox, running });
        for host in 0..receivers.world.plan.hosts {
            receivers.start(Process { host, start: 0 });
        }
        receivers
    }

    fn start(self: &Arc<Self>, process: Process) {
        let world = Arc::clone(&self.world);
        let running = if world.plan.is_inbox {
            let inbox = Inbox::new(Remote { store: self.inbox.clone(), world, process });
            let receivers = Arc::clone(self);
            let worker = inbox.work(move |webhook| Arc::clone(&receivers).handle(process, webhook));
            Running::Inbox(inbox, worker.start())
        } else {
            Running::Once(Once::new(Remote { store: self.store.clone(), world, process }))
        };
        *self.running.lock().unwrap().get_mut(process.host).unwrap() = Some(running);
    }

    /// Ends a process, and starts it again.
    pub(super) async fn restart(self: &Arc<Self>, end: &End) {
        let Some(process) = self.world.running(end.host) else { return };
        let running = self.running.lock().unwrap().get_mut(end.host).unwrap().take();
        if let (Some(time), Some(running)) = (end.drains, &running) {
            self.world.note(format_args!("{process} drains"));
            let _ = timeout(time, running.drain()).await;
        }
        // Another end may have come first.
        if !self.world.is_alive(process) {
            return;
        }
        self.world.kills(process);
        if let Some(running) = running {
            // So that it stops asking; it gets no answer any more.
            tokio::spawn(async move { running.drain().await });
        }
        sleep(end.down).await;
        let process = self.world.starts(end.host);
        self.start(process);
    }

    pub(super) fn id(&self, event: usize) -> &'static str {
        EVENTS.get(event).unwrap().0.id()
    }

    pub(super) fn key(event: usize) -> EventKey {
        EventKey::from(&EVENTS.get(event).unwrap().0)
    }

    /// A delivery arrives.
    pub(super) async fn receive(self: Arc<Self>, process: Process, event: usize) -> Reply {
        let running = self.running.lock().unwrap().get(process.host).unwrap().clone();
        let webhook = EVENTS.get(event).unwrap().0.clone();
        match running {
            Some(Running::Once(once)) => {
                let receivers = Arc::clone(&self);
                once.run(webhook, move |webhook| receivers.handle(process, webhook)).await
            }
            Some(Running::Inbox(inbox, _)) => inbox.accept(&webhook).await,
            // It is just going down.
            None => Reply::Retry,
        }
    }

    async fn handle(self: Arc<Self>, process: Process, webhook: Webhook) -> Result<Outcome, Retry> {
        let world = &self.world;
        if !world.is_alive(process) {
            return pending().await;
        }
        let event = EVENTS.iter().position(|(it, _)| it.id() == webhook.id()).unwrap();
        let handler = world.plan.events.get(event).unwrap().handler;
        // Only an inbox keeps the events of an order apart.
        let order = EVENTS.get(event).unwrap().1.filter(|_| world.plan.is_inbox);
        let run = world.begins(process, webhook.id(), order);
        let most = u64::try_from(handler.longest.as_millis()).unwrap();
        sleep(world.random(|random| random.spread(1, most))).await;
        if !world.is_alive(process) {
            return pending().await;
        }
        let has_succeeded = world.runs(webhook.id()).0 > handler.failures;
        world.finishes(run, has_succeeded);
        match has_succeeded {
            true => Ok(Outcome::Processed),
            false if handler.panics => resume_unwind(Box::new("as planned")),
            false => Err(Retry::because("as planned")),
        }
    }

    /// The event is acknowledged, so it has to be done, or stored.
    pub(super) async fn acknowledged(&self, event: usize, reply: Reply) {
        let (id, world) = (self.id(event), &self.world);
        let is_safe = match world.plan.is_inbox {
            true => self.inbox.is_marked(&Self::key(event)).await.unwrap(),
            false => world.is_marked(id),
        };
        if !is_safe {
            world.violates(format_args!("{id} is answered {}, but not safe", reply.code()));
        }
    }

    pub(super) async fn stored(&self) -> Vec<StoredEvent> {
        self.inbox.list(&EventFilter::default(), 0, usize::MAX).await.unwrap()
    }

    /// Lets all of them end.
    pub(super) async fn end(&self) {
        let running: Vec<_> =
            self.running.lock().unwrap().iter_mut().filter_map(Option::take).collect();
        for running in running {
            let _ = timeout(Duration::from_secs(60), running.drain()).await;
        }
    }
}

impl Running {
    async fn drain(&self) {
        match self {
            Self::Once(once) => once.drain().await,
            Self::Inbox(_, worker) => worker.drain().await,
        }
    }
}
