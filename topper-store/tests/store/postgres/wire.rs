//! What is sent to PostgreSQL: only what every pooler and proxy understands.

use std::{collections::BTreeSet, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use topper_store::{AnyStore, EventKey, Lease, Store as _};

use crate::server::postgres::database;

/// What a client has sent: the names of its parameters, and the kinds of its messages.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    Parameter(String),
    Message(char),
}

/// The URL of a proxy that reports what goes to the server.
async fn watched(url: &str) -> (String, mpsc::UnboundedReceiver<Sent>) {
    let (server, database) = url.rsplit_once('/').unwrap();
    let port: u16 = server.rsplit_once(':').unwrap().1.parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (report, reports) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let (mut near_read, mut near_write) = near.into_split();
            let (mut far_read, mut far_write) = far.into_split();
            let report = report.clone();
            tokio::spawn(async move {
                // The first has no kind.
                let mut has_kind = false;
                loop {
                    let mut head = Vec::new();
                    let length = if has_kind { 5 } else { 4 };
                    head.resize(length, 0);
                    if near_read.read_exact(&mut head).await.is_err() {
                        return;
                    }
                    let size: [u8; 4] = head.last_chunk().copied().unwrap();
                    let size = usize::try_from(u32::from_be_bytes(size)).unwrap();
                    let mut body = vec![0; size - 4];
                    near_read.read_exact(&mut body).await.unwrap();
                    if has_kind {
                        let _ = report.send(Sent::Message(char::from(*head.first().unwrap())));
                    } else {
                        let text = body.get(4..).unwrap();
                        let words = text.split(|byte| *byte == 0).filter(|word| !word.is_empty());
                        for name in words.step_by(2) {
                            let name = String::from_utf8(name.to_vec()).unwrap();
                            let _ = report.send(Sent::Parameter(name));
                        }
                    }
                    has_kind = true;
                    far_write.write_all(&[head, body].concat()).await.unwrap();
                }
            });
            tokio::spawn(async move {
                let _ = tokio::io::copy(&mut far_read, &mut near_write).await;
            });
        }
    });
    (format!("postgres://postgres@127.0.0.1:{}/{database}", address.port()), reports)
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_nothing_but_simple_queries_and_common_parameters() {
    let Some(url) = database().await else { return };
    // Without TLS, which would hide it.
    let (url, mut reports) = watched(&url).await;
    let store = AnyStore::connect(&format!("{url}?sslmode=disable")).await.unwrap();
    let term = Duration::from_secs(60);
    let tasks = (0..50).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let lease = Lease::new(EventKey::new("default", &number.to_string())).unwrap();
            assert!(store.claim(&lease, term).await.unwrap().is_new());
            store.renew(&lease, term).await.unwrap();
            store.release(&lease, None).await.unwrap();
            store.complete(&lease).await.unwrap();
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    drop(store);
    let (mut parameters, mut messages) = (BTreeSet::new(), BTreeSet::new());
    while let Ok(sent) = reports.try_recv() {
        match sent {
            Sent::Parameter(name) => drop(parameters.insert(name)),
            Sent::Message(kind) => drop(messages.insert(kind)),
        }
    }
    // Q is a simple query, X the end of a session.
    messages.remove(&'X');
    assert_eq!(messages, BTreeSet::from(['Q']));
    let expected =
        ["DateStyle", "TimeZone", "application_name", "client_encoding", "database", "user"];
    assert_eq!(parameters, expected.map(str::to_owned).into());
}
