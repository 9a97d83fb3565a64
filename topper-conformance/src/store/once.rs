//! A handler run once for each event.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;
use topper_core::{Outcome, Reply, Retry, Webhook};
use topper_store::{Claim, Once, Store};

use super::{Backend, Bench, LONG, SHORT, expire, lease};

/// Counts how often a handler starts and ends.
#[derive(Clone, Default)]
struct Runs {
    started: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Runs {
    fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }

    fn ended(&self) -> usize {
        self.ended.load(Ordering::SeqCst)
    }

    /// Runs a handler that takes a while, and then has a result.
    async fn run<S: Store>(
        &self,
        once: &Once<S>,
        webhook: &Webhook,
        takes: Duration,
        result: impl FnOnce() -> Result<Outcome, Retry> + Send + 'static,
    ) -> Reply {
        let runs = self.clone();
        once.run(webhook.clone(), move |_| async move {
            runs.started.fetch_add(1, Ordering::SeqCst);
            sleep(takes).await;
            let result = result();
            runs.ended.fetch_add(1, Ordering::SeqCst);
            result
        })
        .await
    }

    async fn process<S: Store>(&self, once: &Once<S>, webhook: &Webhook) -> Reply {
        self.run(once, webhook, Duration::ZERO, || Ok(Outcome::Processed)).await
    }
}

pub(super) async fn answers_a_repetition_without_the_handler<B: Backend>(bench: &Bench<B>) {
    let (once, other) = (Once::new(bench.store().await), Once::new(bench.store().await));
    let runs = Runs::default();
    assert_eq!(runs.process(&once, &bench.webhook("id")).await, Reply::Processed);
    assert_eq!(runs.process(&once, &bench.webhook("id")).await, Reply::Duplicate);
    assert_eq!(runs.process(&other, &bench.webhook("id")).await, Reply::Duplicate);
    assert_eq!(runs.started(), 1);
}

pub(super) async fn answers_at_once_while_the_handler_runs<B: Backend>(bench: &Bench<B>) {
    let (once, other) = (Once::new(bench.store().await), Once::new(bench.store().await));
    let runs = Runs::default();
    let webhook = bench.webhook("id");
    let first = runs.run(&once, &webhook, Duration::from_millis(1500), || Ok(Outcome::Processed));
    let rest = async {
        while runs.started() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
        for once in [&once, &other] {
            assert_eq!(runs.process(once, &bench.webhook("id")).await, Reply::InProgress);
        }
        let claim = other.store().claim(&lease("id"), LONG).await.unwrap();
        assert_eq!(claim, Claim::InProgress);
        assert_eq!((runs.started(), runs.ended()), (1, 0));
    };
    let (reply, ()) = both(first, rest).await;
    assert_eq!(reply, Reply::Processed);
    assert_eq!(runs.process(&other, &bench.webhook("id")).await, Reply::Duplicate);
    assert_eq!(runs.started(), 1);
}

pub(super) async fn marks_what_the_handler_ignores<B: Backend>(bench: &Bench<B>) {
    let once = Once::new(bench.store().await);
    let runs = Runs::default();
    let webhook = bench.webhook("id");
    let reply = runs.run(&once, &webhook, Duration::ZERO, || Ok(Outcome::Ignored)).await;
    assert_eq!(reply, Reply::Ignored);
    assert_eq!(runs.process(&once, &bench.webhook("id")).await, Reply::Duplicate);
    assert_eq!(runs.started(), 1);
}

pub(super) async fn frees_what_the_handler_fails<B: Backend>(bench: &Bench<B>) {
    frees(bench, || Err(Retry::because("the ledger is closed")), Reply::Retry).await;
}

pub(super) async fn frees_what_the_handler_wants_again<B: Backend>(bench: &Bench<B>) {
    frees(bench, || Ok(Outcome::InProgress), Reply::InProgress).await;
}

pub(super) async fn frees_what_the_handler_panics_at<B: Backend>(bench: &Bench<B>) {
    frees(bench, || panic!("a panic that the case wants"), Reply::Panicked).await;
}

async fn frees<B: Backend>(
    bench: &Bench<B>,
    fails: fn() -> Result<Outcome, Retry>,
    expected: Reply,
) {
    let (once, other) = (Once::new(bench.store().await), Once::new(bench.store().await));
    let runs = Runs::default();
    for _ in 0..3 {
        let reply = runs.run(&once, &bench.webhook("id"), Duration::ZERO, fails).await;
        assert_eq!(reply, expected);
    }
    assert_eq!(runs.process(&other, &bench.webhook("id")).await, Reply::Processed);
    assert_eq!(runs.process(&once, &bench.webhook("id")).await, Reply::Duplicate);
    assert_eq!(runs.started(), 4);
}

pub(super) async fn goes_on_past_the_budget<B: Backend>(bench: &Bench<B>) {
    let once = Once::new(bench.store().await).budget(Duration::from_secs(1));
    let other = Once::new(bench.store().await);
    let runs = Runs::default();
    let webhook = bench.webhook("id");
    // The budget begins when the delivery arrives.
    sleep(Duration::from_millis(900)).await;
    let reply = runs.run(&once, &webhook, Duration::from_secs(2), || Ok(Outcome::Processed)).await;
    assert_eq!(reply, Reply::Retry);
    assert!(webhook.elapsed() < Duration::from_millis(1700), "it is answered late");
    assert_eq!((runs.started(), runs.ended()), (1, 0));
    assert_eq!(runs.process(&other, &bench.webhook("id")).await, Reply::InProgress);
    once.drain().await;
    assert_eq!(runs.ended(), 1);
    assert_eq!(runs.process(&other, &bench.webhook("id")).await, Reply::Duplicate);
    assert_eq!(runs.started(), 1);
}

pub(super) async fn goes_on_when_the_connection_drops<B: Backend>(bench: &Bench<B>) {
    let once = Once::new(bench.store().await);
    let runs = Runs::default();
    let webhook = bench.webhook("id");
    let run = runs.run(&once, &webhook, Duration::from_millis(500), || Ok(Outcome::Processed));
    // Servers drop the handler's future when the client has gone.
    assert!(tokio::time::timeout(Duration::from_millis(100), run).await.is_err());
    once.drain().await;
    assert_eq!((runs.started(), runs.ended()), (1, 1));
    assert_eq!(runs.process(&once, &bench.webhook("id")).await, Reply::Duplicate);
}

pub(super) async fn renews_while_the_handler_runs<B: Backend>(bench: &Bench<B>) {
    let once = Once::new(bench.store().await).lease_term(SHORT);
    let other = Once::new(bench.store().await);
    let runs = Runs::default();
    let webhook = bench.webhook("id");
    let first = runs.run(&once, &webhook, SHORT * 3, || Ok(Outcome::Processed));
    let rest = async {
        while runs.started() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
        while runs.ended() == 0 {
            let reply = runs.process(&other, &bench.webhook("id")).await;
            assert!(matches!(reply, Reply::InProgress | Reply::Duplicate), "{reply:?}");
            sleep(Duration::from_millis(50)).await;
        }
    };
    assert_eq!(both(first, rest).await.0, Reply::Processed);
    assert_eq!(runs.started(), 1);
}

pub(super) async fn takes_over_after_a_crash<B: Backend>(bench: &Bench<B>) {
    let (store, once) = (bench.store().await, Once::new(bench.store().await));
    let runs = Runs::default();
    assert!(store.claim(&lease("id"), SHORT).await.unwrap().is_new());
    assert_eq!(runs.process(&once, &bench.webhook("id")).await, Reply::InProgress);
    expire().await;
    assert_eq!(runs.process(&once, &bench.webhook("id")).await, Reply::Processed);
    assert_eq!(runs.started(), 1);
}

pub(super) async fn drains<B: Backend>(bench: &Bench<B>) {
    let once = Arc::new(Once::new(bench.store().await));
    once.drain().await;
    let runs = Runs::default();
    for number in 0..10 {
        let (once, runs, webhook) =
            (Arc::clone(&once), runs.clone(), bench.webhook(&number.to_string()));
        tokio::spawn(async move {
            runs.run(&once, &webhook, Duration::from_millis(500), || Ok(Outcome::Processed)).await
        });
    }
    while runs.started() < 10 {
        sleep(Duration::from_millis(5)).await;
    }
    // The last has only just started.
    assert!(once.running() > 0);
    once.drain().await;
    assert_eq!((runs.ended(), once.running()), (10, 0));
    for number in 0..10 {
        let reply = runs.process(&once, &bench.webhook(&number.to_string())).await;
        assert_eq!(reply, Reply::Duplicate);
    }
}

/// Two futures at once, in one task.
async fn both<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    use std::task::Poll;
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    let (mut a, mut b) = (None, None);
    std::future::poll_fn(|context| {
        if a.is_none()
            && let Poll::Ready(value) = first.as_mut().poll(context)
        {
            a = Some(value);
        }
        if b.is_none()
            && let Poll::Ready(value) = second.as_mut().poll(context)
        {
            b = Some(value);
        }
        if a.is_some() && b.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (a.unwrap(), b.unwrap())
}
