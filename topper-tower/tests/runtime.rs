//! Without a runtime: bodies, timers and handlers are polled by hand.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    convert::Infallible,
    future::{Ready, pending, ready},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::{Buf, Bytes, buf::Chain};
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::Full;
use topper_core::{EventName, Outcome, Reply, Verifier};
use topper_testkit::{Delivery, EventBuilder, TestKey};
use topper_tower::{Verified, WebhookReply, WebhookService};

/// What a body does next.
enum Act {
    /// It has two pieces of memory in one frame.
    Data(&'static [u8], &'static [u8]),
    Trailers,
    Waits,
    Breaks,
}

/// A body that stays on its thread.
struct Script(Rc<RefCell<VecDeque<Act>>>);

impl Script {
    fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        Self(Rc::new(RefCell::new(acts.into_iter().collect())))
    }
}

impl Body for Script {
    type Data = Chain<&'static [u8], &'static [u8]>;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let act = self.0.borrow_mut().pop_front();
        Poll::Ready(match act {
            None => None,
            Some(Act::Data(one, other)) => Some(Ok(Frame::data(one.chain(other)))),
            Some(Act::Trailers) => Some(Ok(Frame::trailers(HeaderMap::new()))),
            Some(Act::Breaks) => Some(Err("it broke off")),
            Some(Act::Waits) => return Poll::Pending,
        })
    }
}

/// A delivery whose body lives as long as the tests, and the verifier for it.
fn genuine() -> (Verifier, Delivery, &'static [u8]) {
    let key = TestKey::generate();
    let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    (verifier, Delivery::signed(&key, body.clone()), body.leak())
}

fn request<B>(delivery: &Delivery, body: B) -> Request<B> {
    let mut request = Request::new(body);
    for (name, value) in &delivery.headers {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().append(name, value.as_slice().try_into().unwrap());
    }
    request
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn status(answer: Poll<Result<Response<Full<Bytes>>, Infallible>>) -> Option<u16> {
    match answer {
        Poll::Ready(Ok(response)) => Some(response.status().as_u16()),
        Poll::Pending => None,
    }
}

/// A timer that no one may wait for.
async fn unused(_: Duration) {
    panic!("the timer was started")
}

async fn processed(verified: Verified) -> WebhookReply {
    verified.into_inner().handle(async |_| Ok(Outcome::Processed)).await.into()
}

#[test]
fn runs_a_handler_in_place_and_starts_no_timer_for_a_body_that_is_there() {
    let (verifier, delivery, body) = genuine();
    let handled = Rc::new(Cell::new(0));
    let counted = Rc::clone(&handled);
    let service = WebhookService::with_timer(verifier, unused, move |verified| {
        let counted = Rc::clone(&counted);
        verified.into_inner().handle(async move |webhook| {
            assert_eq!(webhook.body(), body);
            counted.set(counted.get() + 1);
            Ok(Outcome::Processed)
        })
    });
    let (one, other) = body.split_at(100);
    let (two, three) = other.split_at(7);
    let acts = [Act::Data(one, b""), Act::Data(b"", b""), Act::Data(two, three), Act::Trailers];
    let answer = poll(pin!(service.answer(request(&delivery, Script::new(acts)))));
    assert_eq!((status(answer), handled.get()), (Some(200), 1));
}

#[test]
fn gives_up_a_body_when_the_timer_says_so() {
    let (verifier, delivery, body) = genuine();
    let asked = Rc::new(Cell::new(Vec::new()));
    let is_over = Rc::new(Cell::new(false));
    let timer = {
        let (asked, is_over) = (Rc::clone(&asked), Rc::clone(&is_over));
        move |time: Duration| {
            asked.set([asked.take(), vec![time]].concat());
            let is_over = Rc::clone(&is_over);
            std::future::poll_fn(
                move |_| {
                    if is_over.get() { Poll::Ready(()) } else { Poll::Pending }
                },
            )
        }
    };
    let service = WebhookService::with_timer(verifier, timer, processed);
    let acts = [Act::Data(body, b""), Act::Waits, Act::Trailers, Act::Waits, Act::Waits];
    let script = Script::new(acts);
    let left = Rc::downgrade(&script.0);
    let mut answer = pin!(service.answer(request(&delivery, script)));
    for _ in 0..2 {
        assert_eq!(status(poll(answer.as_mut())), None);
    }
    is_over.set(true);
    assert_eq!(status(poll(answer.as_mut())), Some(Reply::BodyTimeout.status()));
    assert!(left.upgrade().is_none(), "the body is still there");
    // One timer for the whole body, of the 2 s that it may take.
    let asked = asked.take();
    assert_eq!(asked.len(), 1);
    let most = Duration::from_secs(2);
    assert!(asked.iter().all(|time| *time <= most && *time > most / 2), "{asked:?}");
}

#[test]
fn goes_on_with_a_body_that_is_complete_before_the_timer() {
    let (verifier, delivery, body) = genuine();
    let service = WebhookService::with_timer(verifier, |_| pending(), processed);
    let (one, other) = body.split_at(9);
    let script = Script::new([Act::Data(one, b""), Act::Waits, Act::Data(other, b"")]);
    let mut answer = pin!(service.answer(request(&delivery, script)));
    assert_eq!(status(poll(answer.as_mut())), None);
    assert_eq!(status(poll(answer.as_mut())), Some(200));
}

#[test]
fn refuses_without_the_function() {
    let (verifier, delivery, body) = genuine();
    let receive = |_| -> Ready<Reply> { panic!("it was called") };
    let service = WebhookService::with_timer(verifier, unused, receive);
    let unsigned = Delivery::unsigned(body);
    for (delivery, acts, reply) in [
        (&unsigned, vec![Act::Data(body, b"")], Reply::SignatureMissing),
        (&delivery, vec![Act::Data(body, b" ")], Reply::KeyUnproven),
        (&delivery, vec![Act::Data(body, b""), Act::Breaks], Reply::BodyIncomplete),
        (&delivery, vec![Act::Data(vec![b' '; 256 * 1024].leak(), b" ")], Reply::BodyTooLarge),
    ] {
        let answer = poll(pin!(service.answer(request(delivery, Script::new(acts)))));
        assert_eq!(status(answer), Some(reply.status()), "{reply}");
    }
}

#[test]
fn may_be_sent_to_another_thread_if_its_parts_may() {
    fn is_send<T: Send + 'static>(_: &T) {}
    let (verifier, delivery, _) = genuine();
    let timer = |_: Duration| ready(());
    let service = WebhookService::with_timer(verifier, timer, |_| ready(Reply::Ignored));
    is_send(&service.clone());
    is_send(&service.answer(request(&delivery, Full::<Bytes>::default())));
}
