//! To NATS JetStream.

use std::{path::Path, time::Duration};

use async_nats::{
    Client, HeaderMap,
    jetstream::{self, stream::Stream},
};
use topper::Reply;

use crate::{
    Receiver,
    process::{Port, Process, installed, until},
};

/// A server with files in a folder.
struct Nats<'f> {
    program: std::path::PathBuf,
    port: Port,
    folder: &'f Path,
}

impl<'f> Nats<'f> {
    fn new(folder: &'f Path) -> Option<Self> {
        let program = installed("nats-server", &["/usr/sbin".into()])?;
        Some(Self { program, port: Port::reserve(), folder })
    }

    async fn start(&self) -> Process {
        let (port, folder) = (self.port.number().to_string(), self.folder.join("nats"));
        let arguments = ["-a", "127.0.0.1", "-p", &port, "-js", "-sd", folder.to_str().unwrap()];
        let server = Process::start(&self.program, &arguments, &[]);
        self.client().await;
        server
    }

    async fn client(&self) -> Client {
        let mut client = None;
        until("NATS does not answer", async || {
            client = async_nats::connect(self.url()).await.ok();
            client.is_some()
        })
        .await;
        client.unwrap()
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port.number())
    }

    async fn stream(&self) -> Stream {
        let jetstream = jetstream::new(self.client().await);
        let mut stream = None;
        until("there is no stream", async || {
            stream = jetstream.get_stream("TOPPER").await.ok();
            stream.is_some()
        })
        .await;
        stream.unwrap()
    }
}

fn bridge(store: &str, nats: &Nats<'_>) -> Process {
    let bridge = Path::new(env!("CARGO_BIN_EXE_bridge-jetstream"));
    Process::start(bridge, &[], &[("TOPPER_STORE_URL", store), ("NATS_URL", &nats.url())])
}

async fn count(stream: &Stream) -> usize {
    usize::try_from(stream.get_info().await.unwrap().state.messages).unwrap()
}

/// The ids of all messages, each verified.
async fn ids(stream: &Stream, receiver: &Receiver) -> Vec<String> {
    let mut ids = Vec::new();
    for sequence in 1..=stream.get_info().await.unwrap().state.last_sequence {
        let message = stream.get_raw_message(sequence).await.unwrap();
        assert_eq!(message.subject.as_str(), "topper.order.crypto-onramp.completed");
        let header = |name: &str| message.headers.get(name).unwrap().as_str();
        let id = receiver.verify(header("Topper-Signature"), &message.payload);
        assert_eq!(header("Nats-Msg-Id"), format!("default:{id}"));
        ids.push(id);
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn publishes_each_event_once_also_when_bridge_and_server_are_killed() {
    let folder = tempfile::tempdir().unwrap();
    let Some(nats) = Nats::new(folder.path()) else { return };
    let store = format!("sqlite://{}", folder.path().join("topper.db").display());
    let mut receiver = Receiver::new(&store).await;
    let mut server = nats.start().await;
    let mut running = None;
    for round in 0..6 {
        receiver.accept(50).await;
        running.get_or_insert_with(|| bridge(&store, &nats));
        let stream = nats.stream().await;
        let before = count(&stream).await;
        until("nothing is published", async || count(&stream).await > before).await;
        if round == 3 {
            server.kill();
            server = nats.start().await;
        } else {
            running = None;
        }
    }
    let _running = bridge(&store, &nats);
    until("the inbox does not get empty", async || receiver.is_empty().await).await;
    receiver.expect_each_once(&ids(&nats.stream().await, &receiver).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_published_before_the_bridge_was_killed_is_not_published_again() {
    let folder = tempfile::tempdir().unwrap();
    let Some(nats) = Nats::new(folder.path()) else { return };
    let store = format!("sqlite://{}", folder.path().join("topper.db").display());
    let receiver = Receiver::new(&store).await;
    let _server = nats.start().await;
    let running = bridge(&store, &nats);
    let stream = nats.stream().await;
    running.kill();

    // What a bridge does until just before it marks the event.
    let event = receiver.event();
    let jetstream = jetstream::new(nats.client().await);
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", format!("default:{}", event.id()));
    let body = event.body().to_vec();
    let published = jetstream.publish_with_headers("topper.x", headers, body.into()).await;
    assert!(!published.unwrap().await.unwrap().duplicate);

    assert_eq!(receiver.inbox.accept(&event).await, Reply::Accepted);
    let _running = bridge(&store, &nats);
    until("the inbox does not get empty", async || receiver.is_empty().await).await;
    assert_eq!(count(&stream).await, 1);
    let window = stream.get_info().await.unwrap().config.duplicate_window;
    assert_eq!(window, Duration::from_secs(24 * 3600));
}
