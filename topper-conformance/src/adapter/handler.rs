//! The handler's word is the answer.

use topper_core::Reply;
use topper_testkit::Act;

use super::receiver::{Bench, FIRST};

pub(super) async fn answers_with_its_reply(bench: &Bench) {
    let receiver = bench.receiver().await;
    for reply in Reply::ALL {
        receiver.probe().answer_with(Ok(reply));
        let delivery = receiver.completed();
        receiver.answers(vec![Act::Send(delivery.to_http1(FIRST))], &[reply]).await;
        receiver.handled(&delivery.body);
    }
}

pub(super) async fn answers_its_failure_so_that_it_is_retried(bench: &Bench) {
    let receiver = bench.receiver().await;
    let delivery = receiver.completed();
    let send = || vec![Act::Send(delivery.to_http1(FIRST))];
    for _ in 0..3 {
        receiver.probe().answer_with(Err("database is down"));
        receiver.answers(send(), &[Reply::Retry]).await;
        receiver.handled(&delivery.body);
    }
    receiver.probe().answer_with(Ok(Reply::Duplicate));
    receiver.answers(send(), &[Reply::Duplicate]).await;
}
