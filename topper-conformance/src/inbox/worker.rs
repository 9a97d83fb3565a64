//! Events that an inbox accepts, and its workers process.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    task::yield_now,
    time::{sleep, timeout},
};
use topper_core::{Outcome, Reply, Retry, Webhook};
use topper_store::{
    Inbox,
    inbox::{EventFilter, EventState, Handler, InboxStore, Worker},
};
use topper_testkit::EventBuilder;

use super::{Backend, Bench, LONG, SHORT, order, rounds, stored, take, take_one, user};

/// What a handler did: which events it began and ended, in order, and when.
#[derive(Clone, Default)]
pub(super) struct Diary(Arc<Mutex<Vec<(String, Instant)>>>, Arc<AtomicUsize>);

impl Diary {
    fn note(&self, webhook: &Webhook) -> usize {
        let mut runs = self.0.lock().unwrap();
        runs.push((webhook.id().to_owned(), Instant::now()));
        runs.iter().filter(|(id, _)| id == webhook.id()).count()
    }

    pub(super) fn runs(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn times(&self) -> Vec<Instant> {
        self.0.lock().unwrap().iter().map(|(_, time)| *time).collect()
    }

    /// A handler has ended.
    fn ends(&self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }

    fn ended(&self) -> usize {
        self.1.load(Ordering::SeqCst)
    }
}

pub(super) async fn inbox<B: Backend>(bench: &Bench<B>) -> Inbox<B::Store> {
    Inbox::new(bench.store().await)
}

pub(super) async fn accept<B: Backend>(
    bench: &Bench<B>,
    inbox: &Inbox<B::Store>,
    event: &EventBuilder,
) {
    // The machine may be busy, as Topper knows: it tries again.
    for _ in 0..20 {
        match inbox.accept(&bench.webhook(event)).await {
            Reply::Retry => sleep(Duration::from_millis(100)).await,
            Reply::Accepted => return,
            reply => panic!("{reply:?} for {event:?}"),
        }
    }
    panic!("{event:?} is never accepted");
}

/// A worker whose handler notes each event in a diary; how often it was run for that event decides.
pub(super) fn worker<S: InboxStore>(
    inbox: &Inbox<S>,
    diary: &Diary,
    result: impl Fn(usize) -> Result<Outcome, Retry> + Clone + Send + Sync + 'static,
) -> Worker<S, Handler<impl Fn(Webhook) -> Ran + Send + Sync + 'static>> {
    let diary = diary.clone();
    inbox.work(move |webhook: Webhook| -> Ran {
        let (diary, result) = (diary.clone(), result.clone());
        Box::pin(async move {
            let result = result(diary.note(&webhook));
            diary.ends();
            result
        })
    })
}

pub(super) type Ran = std::pin::Pin<Box<dyn Future<Output = Result<Outcome, Retry>> + Send>>;

/// Waits until an event is in a state.
pub(super) async fn reaches<S: InboxStore>(store: &S, id: &str, state: EventState) {
    let reached = timeout(Duration::from_secs(60), async {
        while stored(store, id).await.state != state {
            sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(reached.await.is_ok(), "{id} is never {state}: {:?}", stored(store, id).await);
}

async fn until_done<S: InboxStore>(store: &S, count: usize) {
    let done = EventFilter { state: Some(EventState::Done), ..EventFilter::default() };
    while store.list(&done, 0, 10_000).await.unwrap().len() < count {
        sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn answers_accepted_then_duplicate<B: Backend>(bench: &Bench<B>) {
    let (inbox, other) = (inbox(bench).await, inbox(bench).await);
    accept(bench, &inbox, &user("id")).await;
    for inbox in [&inbox, &other] {
        assert_eq!(inbox.accept(&bench.webhook(&user("id"))).await, Reply::Duplicate);
    }
    let taken = take_one(other.store(), LONG).await;
    assert_eq!(inbox.accept(&bench.webhook(&user("id"))).await, Reply::Duplicate);
    assert_eq!(taken.lease.key().id(), "id");
}

pub(super) async fn runs_each_event_once<B: Backend>(bench: &Bench<B>) {
    const EVENTS: usize = 200;
    let inboxes = [inbox(bench).await, inbox(bench).await];
    let diary = Diary::default();
    let workers: Vec<_> = (0..4)
        .map(|number| {
            let worker =
                worker(inboxes.get(number % 2).unwrap(), &diary, |_| Ok(Outcome::Processed));
            worker.concurrency([1, 3, 16, 16].into_iter().nth(number).unwrap()).start()
        })
        .collect();
    for event in 0..EVENTS {
        accept(bench, inboxes.get(event % 2).unwrap(), &user(&event.to_string())).await;
    }
    until_done(inboxes.first().unwrap().store(), EVENTS).await;
    for worker in &workers {
        worker.drain().await;
        assert_eq!(worker.running(), 0);
    }
    let mut runs: Vec<usize> = diary.runs().iter().map(|id| id.parse().unwrap()).collect();
    runs.sort_unstable();
    assert_eq!(runs, (0..EVENTS).collect::<Vec<_>>());
}

pub(super) async fn keeps_the_order_of_each_order<B: Backend>(bench: &Bench<B>) {
    const ORDERS: usize = 40;
    let inboxes = [inbox(bench).await, inbox(bench).await];
    for round in 0..rounds() {
        // 77 and 200 have no common factor: every event once, far from its neighbours.
        for event in (0..ORDERS * 5).map(|number| number * 77 % (ORDERS * 5)) {
            let (of, place) = (format!("{round}-{}", event / 5), event % 5);
            let event = order(&of, &format!("{of}-{place}"), u32::try_from(place).unwrap());
            accept(bench, inboxes.first().unwrap(), &event).await;
        }
        let diary = Diary::default();
        let is_in_work = Arc::new(Mutex::new(HashMap::<String, bool>::new()));
        let workers: Vec<_> = (0..4)
            .map(|number| {
                let (diary, is_in_work) = (diary.clone(), Arc::clone(&is_in_work));
                let worker = inboxes.get(number % 2).unwrap().work(move |webhook: Webhook| {
                    let (diary, is_in_work) = (diary.clone(), Arc::clone(&is_in_work));
                    async move {
                        let (order, _) = webhook.id().rsplit_once('-').unwrap();
                        let order = order.to_owned();
                        let was_in_work = is_in_work.lock().unwrap().insert(order.clone(), true);
                        if was_in_work != Some(true) {
                            diary.note(&webhook);
                        }
                        sleep(Duration::from_millis(2)).await;
                        is_in_work.lock().unwrap().insert(order, false);
                        Ok(Outcome::Processed)
                    }
                });
                worker.start()
            })
            .collect();
        until_done(inboxes.first().unwrap().store(), (round + 1) * ORDERS * 5).await;
        for worker in workers {
            worker.drain().await;
        }
        let mut orders = HashMap::<String, Vec<usize>>::new();
        for id in diary.runs() {
            let (order, place) = id.rsplit_once('-').unwrap();
            orders.entry(order.to_owned()).or_default().push(place.parse().unwrap());
        }
        assert_eq!(orders.len(), ORDERS);
        for (order, places) in orders {
            assert_eq!(places, [0, 1, 2, 3, 4], "{order}, of what ran alone");
        }
    }
}

pub(super) async fn renews_while_the_handler_runs<B: Backend>(bench: &Bench<B>) {
    let inboxes = [inbox(bench).await, inbox(bench).await];
    let diary = Diary::default();
    let workers = inboxes.each_ref().map(|inbox| {
        let diary = diary.clone();
        let worker = inbox.work(move |webhook| {
            let diary = diary.clone();
            async move {
                diary.note(&webhook);
                sleep(SHORT * 3).await;
                Ok(Outcome::Processed)
            }
        });
        worker.lease_term(SHORT).start()
    });
    let [inbox, _] = &inboxes;
    accept(bench, inbox, &user("id")).await;
    reaches(inbox.store(), "id", EventState::Done).await;
    for worker in workers {
        worker.drain().await;
    }
    assert_eq!(diary.runs().len(), 1);
    assert_eq!(stored(inbox.store(), "id").await.attempts, 1);
}

pub(super) async fn drains<B: Backend>(bench: &Bench<B>) {
    let inbox = inbox(bench).await;
    let diary = Diary::default();
    let worker = {
        let diary = diary.clone();
        inbox.work(move |webhook| {
            let diary = diary.clone();
            async move {
                diary.note(&webhook);
                sleep(SHORT).await;
                diary.ends();
                Ok(Outcome::Processed)
            }
        })
    };
    let worker = worker.concurrency(4).start();
    for number in 0..10 {
        accept(bench, &inbox, &user(&number.to_string())).await;
    }
    while diary.runs().len() < 4 {
        sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(worker.running(), 4);
    worker.drain().await;
    let runs = diary.runs().len();
    assert_eq!((diary.ended(), worker.running()), (runs, 0));
    let done = EventFilter { state: Some(EventState::Done), ..EventFilter::default() };
    assert_eq!(inbox.store().list(&done, 0, 100).await.unwrap().len(), runs, "what ran is marked");
    sleep(SHORT * 2).await;
    assert_eq!(diary.runs().len(), runs, "it takes more after it was drained");
    // What it had not begun is due at once, and has no attempt.
    assert!(runs < 10, "all ran before it was drained");
    let take = take(inbox.store(), 10, LONG).await;
    assert_eq!(take.events.len(), 10 - runs);
    assert!(take.events.iter().all(|taken| taken.attempts == 1 && !taken.was_cut_off));
    worker.drain().await;
}

pub(super) async fn starts_at_once<B: Backend>(bench: &Bench<B>) {
    let inbox = inbox(bench).await;
    let diary = Diary::default();
    let worker = worker(&inbox, &diary, |_| Ok(Outcome::Processed)).start();
    let mut waits = Vec::new();
    for number in 0_usize..11 {
        // It is idle, at another moment of its second each time.
        sleep(Duration::from_millis(130)).await;
        accept(bench, &inbox, &user(&number.to_string())).await;
        let accepted = Instant::now();
        while diary.runs().len() <= number {
            sleep(Duration::from_millis(1)).await;
        }
        let begun = *diary.times().last().unwrap();
        waits.push(begun.saturating_duration_since(accepted));
    }
    waits.sort_unstable();
    // A machine may be busy once, or twice.
    let usual = *waits.get(waits.len() / 2).unwrap();
    assert!(usual < Duration::from_millis(100), "{waits:?}");
    worker.drain().await;
}

pub(super) async fn takes_up_what_a_crash_left<B: Backend>(bench: &Bench<B>) {
    let inbox = inbox(bench).await;
    accept(bench, &inbox, &user("id")).await;
    let crashed = take_one(inbox.store(), SHORT).await;
    let diary = Diary::default();
    let started = Instant::now();
    let worker = worker(&inbox, &diary, |_| Ok(Outcome::Processed)).start();
    reaches(inbox.store(), "id", EventState::Done).await;
    assert!(started.elapsed() >= SHORT / 2, "it did not wait for the lease");
    assert_eq!(diary.runs().len(), 1);
    assert_eq!(stored(inbox.store(), "id").await.attempts, 2);
    super::is_lost(inbox.store().renew(&crashed.lease, LONG).await);
    worker.drain().await;
}

pub(super) async fn wakes_no_one_for_nothing<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    bench.accept(&store, &user("id")).await;
    // What is stored may wake it, and a connection that begins.
    let often = async {
        for _ in 0..10 {
            store.woken().await;
            yield_now().await;
        }
    };
    assert!(timeout(SHORT / 2, often).await.is_err(), "it is woken again and again");
}
