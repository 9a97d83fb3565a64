//! Clients that are not Topper: those that send half a request and fall silent, and junk.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};
use topper_testkit::{Delivery, EventBuilder};

use crate::{PATH, random::Random, run::Run};

/// Of each half, for each receiver.
const CLIENTS: usize = 2;
/// A client gives up after this time. The receivers of all frameworks but Rocket, which has no deadline
/// for a head, end such a connection before.
const MOST: Duration = Duration::from_secs(15);

/// Starts the clients that send a half, until the run is over.
pub(crate) fn halves(run: &Arc<Run>) -> JoinSet<()> {
    let event = EventBuilder::new(topper::EventName::OrderCryptoOnrampCompleted).to_json();
    let delivery = Delivery::signed(&run.key, event);
    let framing = format!("content-length: {}", delivery.body.len());
    let mut body = delivery.head(PATH, &framing);
    body.extend(delivery.body.get(..delivery.body.len() / 2).unwrap_or_default());
    let head = b"POST /webhooks/topper HTTP/1.1\r\nhost: localhost\r\nx-to".to_vec();
    let mut clients = JoinSet::new();
    for slot in run.slots() {
        for half in [Vec::new(), head.clone(), body.clone()] {
            for number in 0..CLIENTS {
                let (run, half, address) = (Arc::clone(run), half.clone(), slot.address);
                let name = format!("{} {} {number}", slot.receiver.name, half.len());
                let mut random = Random::new(run.options.seed, &name);
                clients.spawn(async move {
                    while !run.is_over.load(Ordering::Relaxed) {
                        drop(timeout(random.about(MOST), hold(address, &half)).await);
                        sleep(random.about(Duration::from_millis(500))).await;
                    }
                });
            }
        }
    }
    clients
}

/// Until the receiver ends the connection.
async fn hold(to: SocketAddr, half: &[u8]) -> std::io::Result<()> {
    let mut socket = TcpStream::connect(to).await?;
    socket.write_all(half).await?;
    let mut received = Vec::new();
    while socket.read_buf(&mut received).await? > 0 {}
    Ok(())
}

/// A request that no one who has read HTTP or Topper's documentation sends.
pub(crate) fn junk(random: &mut Random) -> Vec<u8> {
    let post = format!("POST {PATH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    match random.below(8) {
        0 => (0..200).map(|_| random.next().to_le_bytes()[0]).collect(),
        1 => format!("{post}content-length: 0\r\n\r\n").into_bytes(),
        2 => format!("{post}content-length: 2\r\n\r\n{{}}").into_bytes(),
        3 => format!("{post}content-length: 99999999\r\n\r\n{{").into_bytes(),
        4 => format!("{post}content-length: 5\r\ncontent-length: 6\r\n\r\n{{{{{{{{{{").into_bytes(),
        5 => format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n").into_bytes(),
        6 => format!(
            "{post}x-topper-jws-signature: {}\r\ncontent-length: 2\r\n\r\n{{}}",
            "a".repeat(20_000)
        )
        .into_bytes(),
        _ => format!("GET {PATH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .into_bytes(),
    }
}
