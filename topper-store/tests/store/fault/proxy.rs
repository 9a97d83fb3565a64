//! A proxy that holds up what goes through it, cuts it, and can lead elsewhere.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    join,
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    select,
    sync::watch,
    time::timeout,
};

pub(crate) struct Proxy {
    address: SocketAddr,
    delay: watch::Sender<Duration>,
    port: watch::Sender<u16>,
    cut: watch::Sender<()>,
}

impl Proxy {
    /// One before the server of a URL, and the URL that goes through it.
    pub(crate) async fn before(url: &str) -> (Self, String) {
        let (server, database) = url.rsplit_once('/').unwrap();
        let (host, port) = server.rsplit_once(':').unwrap();
        let proxy = Self::to(port.parse().unwrap()).await;
        let url = format!("{host}:{}/{database}", proxy.address.port());
        (proxy, url)
    }

    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let delay = watch::Sender::new(Duration::ZERO);
        let delays = delay.clone();
        let port = watch::Sender::new(port);
        let ports = port.clone();
        let cut = watch::Sender::new(());
        let cuts = cut.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let port = *ports.borrow();
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                let (mut is_cut, delays) = (cuts.subscribe(), delays.clone());
                tokio::spawn(async move {
                    let there = pass(near_read, far_write, delays.subscribe());
                    let back = pass(far_read, near_write, delays.subscribe());
                    select! {
                        _ = is_cut.changed() => {}
                        _ = async { join!(there, back) } => {}
                    }
                });
            }
        });
        Self { address, delay, port, cut }
    }

    /// Everything takes so much longer from now on; with zero, what is held up goes on at once.
    pub(crate) fn delay(&self, delay: Duration) {
        self.delay.send_replace(delay);
    }

    /// Ends the connections that there are, and says how many.
    pub(crate) fn cut(&self) -> usize {
        self.cut.send_replace(());
        self.cut.receiver_count()
    }

    /// New connections go to the server on another port of this host, as when a name moves. Those that
    /// there are stay.
    pub(crate) fn point_to(&self, port: u16) {
        self.port.send_replace(port);
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut delays: watch::Receiver<Duration>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer).await {
        let delay = *delays.borrow_and_update();
        let _ = timeout(delay, delays.wait_for(Duration::is_zero)).await;
        if length == 0 || to.write_all(buffer.get(..length).unwrap()).await.is_err() {
            return;
        }
    }
}
