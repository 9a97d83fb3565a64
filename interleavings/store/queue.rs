//! The queue between a store's clones and its connections.

use std::{sync::Arc, time::Duration};

use shuttle::future::{JoinHandle, block_on};
use tokio::{
    spawn,
    time::{pause, resume, timeout},
};

use topper_core::internal::WithCauses;

use crate::{
    StoreError,
    queue::{Ask, Asking, Queue, Trouble},
};

/// What time is called when it may be over at any moment.
const ANY: Duration = Duration::from_millis(400);
const ASKS: u32 = 3;

/// Asks for the number itself.
struct Number(u32);

impl Ask for Number {
    type Answer = u32;
}

fn start() -> (Queue<Number>, Arc<Asking<Number>>) {
    let (queue, asking) = Queue::new(Trouble::default());
    (queue, Arc::new(asking))
}

type Asked = JoinHandle<Result<u32, StoreError>>;

/// So many tasks, each of which asks for its number.
fn ask(queue: Queue<Number>, asks: u32) -> Vec<Asked> {
    let asking = |number| {
        let queue = queue.clone();
        spawn(async move { queue.ask(Number(number)).await })
    };
    (0..asks).map(asking).collect()
}

/// Which of them were answered. No other answer than the right one will do, and no error that is not said.
async fn answered(asked: Vec<Asked>, error: &str) -> Vec<u32> {
    let mut answered = Vec::new();
    for (number, asked) in (0..).zip(asked) {
        match asked.await.unwrap() {
            Ok(answer) => {
                assert_eq!(answer, number, "another answer than the right one");
                answered.push(number);
            }
            Err(other) => {
                let other = WithCauses(&other).to_string();
                assert!(other.contains(error), "{number}: {other}");
            }
        }
    }
    answered
}

/// A connection that answers until no one can ask any more, or so many times; what it took.
async fn answer(asking: Arc<Asking<Number>>, most: usize, times: usize) -> Vec<u32> {
    let (mut batch, mut taken) = (Vec::new(), Vec::new());
    for _ in 0..times {
        if asking.recv_many(&mut batch, most).await == 0 {
            break;
        }
        asking.take_more(&mut batch, most);
        for asked in batch.drain(..) {
            if asked.take() {
                let Number(number) = asked.ask;
                taken.push(number);
                asked.answer(Ok(number));
            }
        }
    }
    taken
}

async fn join(connections: Vec<JoinHandle<Vec<u32>>>) -> Vec<u32> {
    let mut taken = Vec::new();
    for connection in connections {
        taken.extend(connection.await.unwrap());
    }
    taken.sort_unstable();
    taken
}

fn connect(asking: Arc<Asking<Number>>, times: usize) -> Vec<JoinHandle<Vec<u32>>> {
    (1..3).map(|most| spawn(answer(Arc::clone(&asking), most, times))).collect()
}

pub(super) fn each_ask_is_answered_once() {
    pause();
    block_on(async {
        let (queue, asking) = start();
        let connections = connect(asking, usize::MAX);
        let asked = ask(queue, ASKS);
        let all: Vec<u32> = (0..ASKS).collect();
        assert_eq!(answered(asked, "no error").await, all);
        assert_eq!(join(connections).await, all, "something was taken twice, or not at all");
    });
}

pub(super) fn an_ask_that_was_taken_is_never_busy() {
    resume();
    block_on(async {
        let (queue, asking) = start();
        let connections = connect(asking, usize::MAX);
        let asked = ask(queue, ASKS);
        let answered = answered(asked, "were busy").await;
        assert_eq!(join(connections).await, answered, "what was taken is what was answered");
    });
}

pub(super) fn an_ask_that_is_dropped_delays_no_other() {
    block_on(async {
        let (queue, asking) = start();
        let connections = connect(asking, usize::MAX);
        resume();
        let hasty = queue.clone();
        let dropped = spawn(async move { timeout(ANY, hasty.ask(Number(ASKS))).await.is_ok() });
        pause();
        let asked = ask(queue, ASKS - 1);
        assert_eq!(answered(asked, "no error").await.len(), 2);
        let is_answered = dropped.await.unwrap();
        let taken = join(connections).await;
        assert!(!is_answered || taken.contains(&ASKS), "an answer from no one");
        assert!(taken.starts_with(&[0, 1]) && taken.len() <= 3, "{taken:?}");
    });
}

pub(super) fn a_connection_that_leaves_passes_its_wake_up_on() {
    block_on(async {
        let (queue, asking) = start();
        resume();
        let leaving = Arc::clone(&asking);
        let leaves = spawn(async move {
            // What it has taken it answers.
            timeout(ANY, answer(leaving, 1, 1)).await.unwrap_or_default()
        });
        pause();
        let stays = spawn(answer(asking, 1, usize::MAX));
        let asked = ask(queue, ASKS);
        assert_eq!(answered(asked, "no error").await.len(), 3);
        assert_eq!(join(vec![leaves, stays]).await, [0, 1, 2]);
    });
}

pub(super) fn each_ask_ends_with_the_connections() {
    pause();
    block_on(async {
        let (queue, asking) = start();
        let connections = connect(asking, 1);
        let asked = ask(queue, ASKS);
        let answered = answered(asked, "connections are closed").await;
        assert_eq!(join(connections).await, answered, "what was taken is what was answered");
    });
}

pub(super) fn a_connection_that_waits_for_the_end_takes_no_wake_up() {
    pause();
    block_on(async {
        let (queue, asking) = start();
        let waiting = Arc::clone(&asking);
        let connecting = spawn(async move { waiting.ended().await });
        let connections = vec![spawn(answer(asking, 1, usize::MAX))];
        let asked = ask(queue, ASKS);
        assert_eq!(answered(asked, "no error").await.len(), 3);
        assert_eq!(join(connections).await, [0, 1, 2]);
        connecting.await.unwrap();
    });
}
