use std::{
    pin::Pin,
    task::{Context, Waker},
};

use super::*;

/// A question that is a number. Its answer is a number, too.
struct Number(usize);

impl Ask for Number {
    type Answer = usize;
}

type Answered = Pin<Box<dyn Future<Output = Result<usize, StoreError>>>>;

/// Asks, without waiting for the answer: an error if it is refused at once.
fn ask(queue: &Queue<Number>, number: usize) -> Result<Answered, StoreError> {
    let queue = queue.clone();
    let mut answered: Answered = Box::pin(async move { queue.ask(Number(number)).await });
    match answered.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        std::task::Poll::Ready(Err(error)) => Err(error),
        std::task::Poll::Ready(Ok(_)) => panic!("an answer before anything is taken"),
        std::task::Poll::Pending => Ok(answered),
    }
}

fn numbers(batch: &[Asked<Number>]) -> Vec<usize> {
    batch.iter().map(|asked| asked.ask.0).collect()
}

#[tokio::test(start_paused = true)]
async fn is_full_only_of_what_is_waited_for() {
    let (queue, asking) = Queue::new(Trouble::default());
    let waiting: Vec<_> = (0..MOST_WAITING).map(|number| ask(&queue, number).unwrap()).collect();
    let error = ask(&queue, MOST_WAITING).err().unwrap();
    assert!(format!("{error:?}").contains("AllBusy"), "{error:?}");

    // Each second one goes away.
    let waiting: Vec<_> = waiting.into_iter().step_by(2).collect();
    let more = ask(&queue, MOST_WAITING).unwrap();
    let mut batch = Vec::new();
    let count = asking.recv_many(&mut batch, usize::MAX).await;
    assert_eq!(count, MOST_WAITING / 2 + 1);
    let expected: Vec<usize> = (0..=MOST_WAITING).step_by(2).collect();
    assert_eq!(numbers(&batch), expected);
    assert!(batch.iter().all(Asked::take));
    drop((waiting, more));
}

#[tokio::test(start_paused = true)]
async fn says_why_it_is_busy_when_that_is_known() {
    let trouble = Trouble::default();
    let (queue, _asking) = Queue::new(trouble.clone());
    let error = queue.ask(Number(1)).await.unwrap_err();
    assert!(format!("{error:?}").contains("AllBusy"), "{error:?}");
    trouble.set(Some(StoreError::new(std::io::Error::other("no connection"))));
    let error = queue.ask(Number(1)).await.unwrap_err();
    assert!(format!("{error:?}").contains("no connection"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn takes_more_up_to_the_most_in_all() {
    let (queue, asking) = Queue::new(Trouble::default());
    let first = ask(&queue, 0).unwrap();
    let mut batch = Vec::new();
    assert_eq!(asking.recv_many(&mut batch, 3).await, 1);
    let later: Vec<_> = (1..5).map(|number| ask(&queue, number).unwrap()).collect();
    asking.take_more(&mut batch, 3);
    assert_eq!(numbers(&batch), [0, 1, 2]);
    asking.take_more(&mut batch, 3);
    assert_eq!(batch.len(), 3);
    drop((first, later));
}

/// What was taken before the time was over gets its answer after it, and what was not is never taken.
#[tokio::test(start_paused = true)]
async fn an_answer_is_waited_for_once_it_is_taken() {
    let (queue, asking) = Queue::new(Trouble::default());
    let (one, other) = tokio::join!(queue.ask(Number(1)), async {
        let mut batch = Vec::new();
        asking.recv_many(&mut batch, 1).await;
        let asked = batch.pop().unwrap();
        assert!(asked.take());
        tokio::time::sleep(Number::PATIENCE * 3).await;
        asked.answer(Ok(7));
        let late = queue.ask(Number(2)).await;
        assert_eq!(asking.recv_many(&mut batch, 1).await, 1);
        assert!(!batch.pop().unwrap().take());
        late
    });
    assert_eq!(one.unwrap(), 7);
    other.unwrap_err();
}
