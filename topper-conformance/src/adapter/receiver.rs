//! A receiver under test, and what a case says of it.

use std::{
    cell::RefCell,
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    time::Duration,
};

use topper_core::{EventName, Reply, Verifier, VerifierBuilder, Webhook};
use topper_testkit::{Act, Answer, Delivery, EventBuilder, TestKey, converse};

use super::{Endpoint, Probe, Quirk, Server, log};

pub(super) const FIRST: &str = "/first";
pub(super) const SECOND: &str = "/second";
/// Topper waits 4 s.
const IN_TIME: Duration = Duration::from_millis(3500);

type Serve = fn(IpAddr, Endpoint, Endpoint) -> Pin<Box<dyn Future<Output = Server>>>;

/// Starts receivers, and writes down what they answer.
pub(super) struct Bench {
    quirks: &'static [Quirk],
    serve: Serve,
    transcript: RefCell<String>,
}

impl Bench {
    pub(super) fn new(quirks: &'static [Quirk], serve: Serve) -> Self {
        log::listen();
        Self { quirks, serve, transcript: RefCell::default() }
    }

    /// Every answer in order, a line each.
    pub(super) fn transcript(&self) -> String {
        self.transcript.borrow().clone()
    }

    /// A receiver with the usual configuration.
    pub(super) async fn receiver(&self) -> Receiver<'_> {
        self.start(|builder| builder).await
    }

    /// A receiver that has verified something, so that a wrong signature is no longer retried.
    pub(super) async fn proven(&self) -> Receiver<'_> {
        let receiver = self.receiver().await;
        receiver.accepts(&receiver.completed()).await;
        receiver
    }

    /// A receiver whose first endpoint is configured by a case.
    pub(super) async fn start(
        &self,
        configure: impl FnOnce(VerifierBuilder) -> VerifierBuilder,
    ) -> Receiver<'_> {
        self.start_at(Ipv4Addr::LOCALHOST.into(), configure).await
    }

    /// The same, bound to some address.
    pub(super) async fn start_at(
        &self,
        bind: IpAddr,
        configure: impl FnOnce(VerifierBuilder) -> VerifierBuilder,
    ) -> Receiver<'_> {
        let first = Side::new(FIRST, configure);
        let second = Side::new(SECOND, |builder| builder.label("second"));
        let server = (self.serve)(bind, first.endpoint.clone(), second.endpoint.clone()).await;
        let bench = self;
        Receiver { bench, first, second, server }
    }

    fn write_down(&self, answer: &Answer) {
        let _ = writeln!(
            self.transcript.borrow_mut(),
            "{} {} {}",
            answer.status,
            answer.content_type,
            answer.body,
        );
    }
}

/// One endpoint, and the key that signs for it.
pub(super) struct Side {
    pub(super) path: &'static str,
    pub(super) key: TestKey,
    pub(super) endpoint: Endpoint,
}

impl Side {
    fn new(path: &'static str, configure: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Self {
        let key = TestKey::generate();
        let builder = configure(Verifier::builder().public_key(&key.public_jwk()));
        let endpoint = Endpoint { verifier: builder.build().unwrap(), probe: Probe::new() };
        Self { path, key, endpoint }
    }
}

/// A server with two endpoints. By default a case is about the first.
pub(super) struct Receiver<'a> {
    bench: &'a Bench,
    pub(super) first: Side,
    pub(super) second: Side,
    server: Server,
}

impl Receiver<'_> {
    pub(super) fn verifier(&self) -> &Verifier {
        &self.first.endpoint.verifier
    }

    pub(super) fn probe(&self) -> &Probe {
        &self.first.endpoint.probe
    }

    /// A delivery that is right in every way.
    pub(super) fn completed(&self) -> Delivery {
        self.signed(EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json())
    }

    pub(super) fn signed(&self, body: impl Into<Vec<u8>>) -> Delivery {
        Delivery::signed(&self.first.key, body)
    }

    /// It is answered as processed, and the handler had exactly its bytes, once.
    pub(super) async fn accepts(&self, delivery: &Delivery) -> Webhook {
        self.accepts_bytes(delivery.to_http1(FIRST), &delivery.body).await
    }

    pub(super) async fn accepts_bytes(&self, request: Vec<u8>, body: &[u8]) -> Webhook {
        self.accepts_acts(vec![Act::Send(request)], body).await
    }

    pub(super) async fn accepts_acts(&self, acts: Vec<Act>, body: &[u8]) -> Webhook {
        self.answers(acts, &[Reply::Processed]).await;
        self.handled(body)
    }

    /// The handler was given these bytes, and nothing else.
    pub(super) fn handled(&self, body: &[u8]) -> Webhook {
        let mut webhooks = self.probe().take();
        assert_eq!(webhooks.len(), 1, "so often the handler ran");
        let webhook = webhooks.pop().unwrap();
        assert!(webhook.body() == body, "the handler was given other bytes than were signed");
        webhook
    }

    /// The handler was given each of these once, in any order, and nothing else.
    pub(super) fn handled_each(&self, deliveries: Vec<Delivery>) {
        let mut handled: Vec<_> =
            self.probe().take().iter().map(|webhook| webhook.body().to_vec()).collect();
        let mut sent: Vec<_> = deliveries.into_iter().map(|delivery| delivery.body).collect();
        handled.sort();
        sent.sort();
        assert!(handled == sent, "the handler was not given every delivery once");
    }

    /// It is answered with this, and the handler does not run.
    pub(super) async fn refuses(&self, delivery: &Delivery, reply: Reply) {
        self.refuses_bytes(delivery.to_http1(FIRST), reply).await;
    }

    pub(super) async fn refuses_bytes(&self, request: Vec<u8>, reply: Reply) {
        self.refuses_acts(vec![Act::Send(request)], reply).await;
    }

    pub(super) async fn refuses_acts(&self, acts: Vec<Act>, reply: Reply) {
        self.answers(acts, &[reply]).await;
        self.handled_nothing();
    }

    pub(super) fn handled_nothing(&self) {
        assert!(self.probe().take().is_empty(), "the handler ran");
    }

    /// These answers come over one connection, each with the status, the body and the content type
    /// it must have, in time.
    pub(super) async fn answers(&self, acts: Vec<Act>, replies: &[Reply]) {
        let answers = converse(self.address(), acts, replies.len()).await.unwrap();
        self.check(&answers, replies);
    }

    /// These are the right answers, in time.
    pub(super) fn check(&self, answers: &[Answer], replies: &[Reply]) {
        self.write_down(answers);
        assert_eq!(answers.len(), replies.len());
        for (answer, reply) in answers.iter().zip(replies) {
            assert_eq!(
                (answer.status, answer.body.as_str(), answer.content_type.as_str()),
                (reply.status(), reply.code(), "text/plain; charset=utf-8"),
            );
        }
    }

    /// So many answers, in time, whatever they are.
    pub(super) async fn converse(&self, acts: Vec<Act>, count: usize) -> Vec<Answer> {
        let answers = converse(self.address(), acts, count).await.unwrap();
        self.write_down(&answers);
        answers
    }

    fn write_down(&self, answers: &[Answer]) {
        for answer in answers {
            self.bench.write_down(answer);
            assert!(answer.elapsed < IN_TIME, "the answer took {:?}", answer.elapsed);
        }
    }

    /// There is no answer in 1 s, and the handler does not run.
    pub(super) async fn answers_nothing(&self, request: Vec<u8>) {
        let answer = converse(self.address(), vec![Act::Send(request)], 1);
        let answer = tokio::time::timeout(Duration::from_secs(1), answer).await;
        assert!(answer.is_err(), "the adapter says that the framework waits, but {answer:?}");
        self.handled_nothing();
    }

    /// Whether the framework is said to do this.
    pub(super) fn has(&self, quirk: Quirk) -> bool {
        self.bench.quirks.contains(&quirk)
    }

    /// Where to connect to; over IPv4 when the server is bound to every address.
    pub(super) fn address(&self) -> SocketAddr {
        let address = self.server.address();
        if address.ip().is_unspecified() {
            (Ipv4Addr::LOCALHOST, address.port()).into()
        } else {
            address
        }
    }
}
