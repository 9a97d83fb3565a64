//! The server of the page.

use std::{io, net::SocketAddr, sync::Arc};

use http_body_util::BodyExt;
use tokio::{net::TcpListener, task::JoinSet};

use super::{Inspector, guard::Guard, options::Options, response::seal, route::route};
use crate::{
    connection::{self, Answerer},
    failure::Failure,
};

/// The most connections at a time: a browser opens six to a host.
const MOST: usize = 256;

/// The page, ready to be served.
pub(crate) struct Server {
    listener: TcpListener,
    guard: Arc<Guard>,
}

impl Server {
    pub(crate) async fn bind(options: &Options) -> Result<Self, Failure> {
        let address = options.address();
        let listener =
            TcpListener::bind(address).await.map_err(|error| refused(address, &error))?;
        let guard = Guard::new(listener.local_addr()?)
            .map_err(|error| Failure::Input(format!("no random token: {error}")))?;
        Ok(Self { listener, guard: Arc::new(guard) })
    }

    /// Where to open it.
    pub(crate) fn url(&self) -> String {
        self.guard.url()
    }

    /// Serves the page until the inspector ends.
    pub(crate) async fn serve(self, inspector: Arc<Inspector>) {
        let mut ending = inspector.ending();
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = ending.wait_for(|&has_ended| has_ended) => break,
                Some(_) = connections.join_next() => (),
                Ok((socket, _)) = self.listener.accept(), if connections.len() < MOST => {
                    let answerer = answerer(&inspector, &self.guard);
                    connections.spawn(connection::serve(socket, inspector.ending(), answerer));
                }
            }
        }
        drop(self.listener);
        while connections.join_next().await.is_some() {}
    }
}

fn answerer(inspector: &Arc<Inspector>, guard: &Arc<Guard>) -> Answerer {
    let (inspector, guard) = (Arc::clone(inspector), Arc::clone(guard));
    Box::new(move |request| {
        let (inspector, guard) = (Arc::clone(&inspector), Arc::clone(&guard));
        Box::pin(async move {
            let answer = match guard.check(&request) {
                Ok(()) => route(&inspector, request).await.unwrap_or_else(Into::into),
                Err(answer) => *answer,
            };
            Some(seal(answer).map(BodyExt::boxed_unsync))
        })
    })
}

fn refused(address: SocketAddr, error: &io::Error) -> Failure {
    let port = address.port();
    Failure::Input(match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} of the page is in use, perhaps by another `topper`; choose another one with \
             --ui-port"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!("{}: not an address of this machine; choose another --ui-host", address.ip())
        }
        _ => format!("cannot serve the page on {address}: {error}"),
    })
}
