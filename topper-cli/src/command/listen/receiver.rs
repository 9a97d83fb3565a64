//! One delivery: received, verified, forwarded, answered.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use topper_core::{Fate, Reply, protocol::TIMEOUT};
use topper_testkit::{Delivery, Received, Sender};

use crate::{
    answers::{Answers, Setting},
    inspector::{Answered, AnsweredBy, Kept},
    judging::{Judge, Judged},
    saved::{Saved, of_connection},
};

/// More than any receiver accepts: it is forwarded all the same.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How long a connection without an answer stays open: Topper ends it sooner.
const SILENCE: Duration = Duration::from_secs(60);

pub(super) struct Receiver {
    judge: Judge,
    forward: Option<Sender>,
    answers: Arc<Answers>,
    seen: mpsc::Sender<Seen>,
    ending: watch::Sender<bool>,
}

/// The answer goes out when this is dropped.
pub(super) struct Shown(#[expect(dead_code, reason = "only its end counts")] oneshot::Sender<()>);

/// A delivery and its reply.
pub(super) struct Seen {
    pub(super) at: SystemTime,
    pub(super) path: String,
    pub(super) delivery: Delivery,
    pub(super) judged: Judged,
    /// The status that was answered; none if the listener was told not to answer.
    pub(super) status: Option<u16>,
    /// Whether a status in place of the listener's own is that of `--answer`.
    pub(super) is_by_option: bool,
    pub(super) forwarded: Option<Received>,
    /// From the last byte of the head to the answer.
    pub(super) elapsed: Duration,
    shown: Shown,
}

impl Seen {
    /// For the page. The answer waits until the page has it.
    pub(super) fn kept(self) -> (Kept, Shown) {
        let by = match &self.forwarded {
            Some(_) => AnsweredBy::Endpoint,
            None if self.is_set() => AnsweredBy::Setting,
            None => AnsweredBy::Listener,
        };
        let (status, elapsed, received) = (self.status, self.elapsed, self.forwarded);
        let answered = Answered { status, by, elapsed, received };
        let kept = Kept::new(rfc3339(self.at), self.path, self.delivery, &self.judged);
        (kept.answered(answered), self.shown)
    }

    pub(super) fn saved(&self) -> Saved {
        Saved::new(rfc3339(self.at), &self.path, &self.delivery)
    }

    /// Whether the listener answers something else than its own status.
    pub(super) fn is_set(&self) -> bool {
        self.forwarded.is_none() && self.status != Some(self.judged.reply.status())
    }

    pub(super) fn fate(&self) -> Fate {
        self.status.map_or(Fate::Retried, Fate::of)
    }
}

pub(super) fn rfc3339(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

type Answer = Response<Full<Bytes>>;

impl Receiver {
    pub(super) fn new(
        judge: Judge,
        forward: Option<Sender>,
        answers: Arc<Answers>,
        seen: mpsc::Sender<Seen>,
    ) -> Self {
        let (ending, _) = watch::channel(false);
        Self { judge, forward, answers, seen, ending }
    }

    /// Lets connections come to their end.
    pub(super) fn end(&self) {
        self.ending.send_replace(true);
    }

    pub(super) fn ending(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        at: SystemTime,
    ) -> Option<Answer> {
        let started = Instant::now();
        if request.method() != Method::POST {
            return Some(respond(405, "topper listen accepts only POST\n"));
        }
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        // Topper waits no longer for the answer, so the body must be there by then.
        let body = match timeout(TIMEOUT, Limited::new(body, MOST_BYTES).collect()).await {
            Ok(Ok(body)) => body.to_bytes().to_vec(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return Some(refuse(Reply::BodyTooLarge));
            }
            Ok(Err(_)) => return Some(refuse(Reply::BodyIncomplete)),
            Err(_) => return Some(refuse(Reply::BodyTimeout)),
        };
        let delivery = delivery(&head.headers, body, peer.ip());
        let judged = self.judge.judge(&delivery);
        let forwarded = match &self.forward {
            Some(sender) => Some(pass_on(sender, &delivery).await),
            None => None,
        };
        let setting = match (&forwarded, &judged.verdict) {
            (None, Ok(_)) => self.answers.take(),
            _ => Setting::default(),
        };
        let (answer, status) = match &forwarded {
            Some(received) => relay(received),
            None => {
                let status = setting.status.unwrap_or(judged.reply.status());
                (respond(status, judged.reply.code()), status)
            }
        };
        let (shown, is_shown) = oneshot::channel();
        let seen = Seen {
            at,
            path,
            delivery,
            judged,
            status: setting.is_in_time().then_some(status),
            is_by_option: setting == *self.answers.first(),
            forwarded,
            elapsed: started.elapsed() + setting.delay,
            shown: Shown(shown),
        };
        // The answer goes out once the delivery is saved and shown, or there is no one to do so.
        if self.seen.send(seen).await.is_ok() {
            let _ = is_shown.await;
        }
        self.hold(&setting).await;
        (!setting.is_silent).then_some(answer)
    }

    /// Waits as long as the setting says, but not longer than the listener runs.
    async fn hold(&self, setting: &Setting) {
        let time = if setting.is_silent { SILENCE } else { setting.delay };
        if !time.is_zero() {
            let mut ending = self.ending();
            let _ = timeout(time, ending.wait_for(|&has_ended| has_ended)).await;
        }
    }
}

fn delivery(headers: &hyper::HeaderMap, body: Vec<u8>, peer: IpAddr) -> Delivery {
    let mut delivery = Delivery::unsigned(body).from_peer(peer);
    let lines = headers.iter();
    delivery.headers =
        lines.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    delivery
}

/// Sends the same bytes and lines, but those that belong to one connection.
async fn pass_on(sender: &Sender, delivery: &Delivery) -> Received {
    let mut delivery = delivery.clone();
    delivery.headers.retain(|(name, _)| !of_connection(name));
    let mut sent = sender.send(delivery).await;
    sent.attempts.pop().map_or(Received::Timeout, |attempt| attempt.received)
}

/// What came back, or a status after which Topper tries again.
fn relay(received: &Received) -> (Answer, u16) {
    match received {
        Received::Answer(answer) => {
            let mut response = respond(answer.status, &answer.body);
            if let Ok(content_type) = answer.content_type.parse() {
                response.headers_mut().insert(CONTENT_TYPE, content_type);
            }
            (response, answer.status)
        }
        Received::Timeout => {
            (respond(504, &format!("no answer within {} s\n", TIMEOUT.as_secs())), 504)
        }
        Received::Unreachable(error) => (respond(502, &format!("no answer: {error}\n")), 502),
        _ => (respond(502, "no answer\n"), 502),
    }
}

fn refuse(reply: Reply) -> Answer {
    respond(reply.status(), reply.code())
}

fn respond(status: u16, body: &str) -> Answer {
    let mut response = Response::new(Full::from(body.to_owned()));
    if let Ok(status) = status.try_into() {
        *response.status_mut() = status;
    }
    if let Ok(plain) = "text/plain; charset=utf-8".parse() {
        response.headers_mut().insert(CONTENT_TYPE, plain);
    }
    response
}
