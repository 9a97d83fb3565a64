//! Clients that hang up, handlers that panic, and a receiver that is told to end, over real sockets.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{FromRef, State},
    routing::post,
};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::{sleep, timeout},
};
use topper_axum::{Verified, WebhookReply};
use topper_core::{EventName, Outcome, Verifier};
use topper_store::{MemoryStore, Once};
use topper_testkit::{Delivery, EventBuilder, TestKey};

#[derive(Clone)]
struct App {
    verifier: Verifier,
    once: Once<MemoryStore>,
    started: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

async fn receive(State(app): State<App>, Verified(webhook): Verified) -> WebhookReply {
    let App { once, started, ended, .. } = app;
    let reply = once
        .run(webhook, move |webhook| async move {
            started.fetch_add(1, Ordering::SeqCst);
            assert_ne!(webhook.id(), "panic", "a panic that the test wants");
            sleep(Duration::from_millis(400)).await;
            ended.fetch_add(1, Ordering::SeqCst);
            Ok(Outcome::Processed)
        })
        .await;
    reply.into()
}

struct Receiver {
    app: App,
    key: TestKey,
    address: SocketAddr,
    end: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<()>,
}

impl Receiver {
    async fn start() -> Self {
        let key = TestKey::generate();
        let app = App {
            verifier: Verifier::new(&key.public_jwk()).unwrap(),
            once: Once::new(MemoryStore::new()),
            started: Arc::default(),
            ended: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(receive)).with_state(app.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let (end, told_to_end) = oneshot::channel();
        let server = tokio::spawn(async move {
            let told_to_end = async { drop(told_to_end.await) };
            axum::serve(listener, service).with_graceful_shutdown(told_to_end).await.unwrap();
        });
        Self { app, key, address, end, server }
    }

    fn delivery(&self, id: &str) -> Delivery {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(id);
        Delivery::signed(&self.key, event.to_json())
    }

    /// Sends an event and hangs up while its handler runs.
    async fn hang_up(&self, id: &str) {
        let started = self.app.started.load(Ordering::SeqCst);
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(&self.delivery(id).to_http1("/")).await.unwrap();
        while self.app.started.load(Ordering::SeqCst) == started {
            sleep(Duration::from_millis(2)).await;
        }
    }

    async fn answer(&self, id: &str) -> String {
        self.delivery(id).send(self.address, "/").await.unwrap().body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_stops_no_handler() {
    let receiver = Receiver::start().await;
    for id in ["1", "2", "3"] {
        receiver.hang_up(id).await;
        assert_eq!(receiver.answer(id).await, "in_progress");
    }
    timeout(Duration::from_secs(2), receiver.app.once.drain()).await.unwrap();
    assert_eq!(receiver.app.ended.load(Ordering::SeqCst), 3);
    for id in ["1", "2", "3"] {
        assert_eq!(receiver.answer(id).await, "duplicate");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_answered_and_the_event_can_be_sent_again() {
    let receiver = Receiver::start().await;
    for _ in 0..3 {
        let answer = receiver.delivery("panic").send(receiver.address, "/").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (500, "panicked"));
    }
    assert_eq!(receiver.app.started.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_told_to_end_finishes_its_work() {
    let receiver = Receiver::start().await;
    receiver.hang_up("1").await;
    receiver.end.send(()).unwrap();
    timeout(Duration::from_secs(2), receiver.server).await.unwrap().unwrap();
    timeout(Duration::from_secs(2), receiver.app.once.drain()).await.unwrap();
    assert_eq!(receiver.app.ended.load(Ordering::SeqCst), 1);
    assert_eq!(receiver.app.once.running(), 0);
}
