//! Endpoints, good and faulty, each in a few lines.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::{Bytes, Incoming},
    header::CONTENT_LENGTH,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle, time::timeout};
use topper_core::{
    Error, ReadError, Reply, RequestHead, Verifier, Webhook, protocol::SIGNATURE_HEADER,
};

#[derive(Clone, Copy)]
pub(crate) enum Behaviour {
    Good,
    AcceptsEverything,
    /// Whatever goes wrong, in the database too, is a 401.
    OneCatch,
    /// Processes each event as often as it comes, and answers this.
    Twice(&'static str),
    /// Answers after 5 s.
    Slow,
    Answers(u16),
    /// Closes the connection on a body without a length.
    ClosesOnChunks,
    /// Listens no more after a request without a signature.
    EndsOnForgery,
}

pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) origin: String,
    pub(crate) database_is_down: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

struct Shared {
    verifier: Verifier,
    behaviour: Behaviour,
    /// How often each event was processed, or `None` while it is.
    runs: Mutex<HashMap<String, Option<u32>>>,
    database_is_down: Arc<AtomicBool>,
    end: Notify,
}

type Answer = (u16, String);

fn reply(reply: Reply) -> Answer {
    (reply.status(), reply.code().to_owned())
}

impl Endpoint {
    pub(crate) async fn start(public_jwk: &str, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let database_is_down = Arc::new(AtomicBool::new(false));
        let shared = Arc::new(Shared {
            verifier: Verifier::builder()
                .public_key(public_jwk)
                // That one does not verify by this verifier, and would never prove its key.
                .retry_while_unproven(!matches!(behaviour, Behaviour::OneCatch))
                .build()
                .unwrap(),
            behaviour,
            runs: Mutex::default(),
            database_is_down: Arc::clone(&database_is_down),
            end: Notify::new(),
        });
        let task = tokio::spawn(async move {
            loop {
                let (socket, peer) = tokio::select! {
                    accepted = listener.accept() => accepted.unwrap(),
                    () = shared.end.notified() => break,
                };
                let shared = Arc::clone(&shared);
                let service = service_fn(move |request: Request<Incoming>| {
                    let shared = Arc::clone(&shared);
                    async move {
                        if matches!(shared.behaviour, Behaviour::ClosesOnChunks)
                            && !request.headers().contains_key(CONTENT_LENGTH)
                        {
                            return Err(Error::BodyIncomplete);
                        }
                        if matches!(shared.behaviour, Behaviour::EndsOnForgery)
                            && !request.headers().contains_key(SIGNATURE_HEADER)
                        {
                            shared.end.notify_one();
                        }
                        Ok(respond(shared.answer(request, peer).await))
                    }
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(socket), service);
                tokio::spawn(async move {
                    // The doctor breaks connections.
                    let _ = connection.await;
                });
            }
        });
        Self { url: format!("{origin}/webhooks/topper"), origin, database_is_down, task }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn respond((status, body): Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status.try_into().unwrap();
    response
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Answer {
        if request.method() == Method::GET {
            let id = request.uri().path().trim_start_matches("/runs/");
            let runs = self.runs.lock().unwrap().get(id).copied().flatten().unwrap_or(0);
            return (200, runs.to_string());
        }
        match self.behaviour {
            Behaviour::AcceptsEverything => (200, "ok".into()),
            Behaviour::Answers(status) => (status, String::new()),
            Behaviour::OneCatch => match self.receive_raw(request, peer).await {
                Ok(body) if self.work(&body) => (200, "ok".into()),
                Ok(_) => (401, "unauthorized".into()),
                Err(error) => reply(error.reply()),
            },
            _ => match self.receive(request, peer).await {
                Ok(webhook) => self.handle(&webhook).await,
                Err(error) => reply(error.reply()),
            },
        }
    }

    async fn receive(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Webhook, Error> {
        let (head, mut body) = request.into_parts();
        let mut admitted = self.verifier.admit(&Head(peer.ip(), &head.headers))?;
        let deadline = tokio::time::Instant::now() + admitted.body_time_left();
        loop {
            match tokio::time::timeout_at(deadline, body.frame()).await {
                Err(_) => return admitted.finish(Err(ReadError::TimedOut)),
                Ok(None) => return admitted.finish(Ok(())),
                Ok(Some(Err(_))) => return admitted.finish(Err(ReadError::BrokeOff)),
                Ok(Some(Ok(frame))) => {
                    if let Some(chunk) = frame.data_ref() {
                        admitted.push(chunk)?;
                    }
                }
            }
        }
    }

    /// The bytes, once their signature holds.
    async fn receive_raw(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Vec<u8>, Error> {
        let (head, body) = request.into_parts();
        drop(self.verifier.admit(&Head(peer.ip(), &head.headers))?);
        let token = head.headers[SIGNATURE_HEADER].as_bytes();
        let body = timeout(Duration::from_secs(2), body.collect()).await;
        let body = body.map_err(|_| Error::BodyTimeout)?.map_err(|_| Error::BodyIncomplete)?;
        let body = body.to_bytes().to_vec();
        self.verifier.keys().verify(token, &body).map_err(|_| Error::SignatureInvalid)?;
        Ok(body)
    }

    /// Reads the event and stores it, or fails.
    fn work(&self, body: &[u8]) -> bool {
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(id) = json["id"].as_str() else { return false };
        if self.database_is_down.load(Ordering::Relaxed) {
            return false;
        }
        // It knows what it has had.
        self.runs.lock().unwrap().entry(id.to_owned()).or_insert(Some(1));
        true
    }

    async fn handle(&self, webhook: &Webhook) -> Answer {
        let id = webhook.id().to_owned();
        match self.behaviour {
            Behaviour::Slow => {
                tokio::time::sleep(Duration::from_secs(5)).await;
                reply(Reply::Processed)
            }
            Behaviour::Twice(word) => {
                let mut runs = self.runs.lock().unwrap();
                let count = runs.get(&id).copied().flatten().unwrap_or(0);
                runs.insert(id, Some(count + 1));
                (200, word.to_owned())
            }
            _ => {
                match self.runs.lock().unwrap().entry(id.clone()) {
                    Entry::Occupied(run) if run.get().is_some() => return reply(Reply::Duplicate),
                    Entry::Occupied(_) => return reply(Reply::InProgress),
                    Entry::Vacant(place) => place.insert(None),
                };
                tokio::time::sleep(Duration::from_millis(2)).await;
                self.runs.lock().unwrap().insert(id, Some(1));
                reply(Reply::Processed)
            }
        }
    }
}

struct Head<'a>(IpAddr, &'a HeaderMap);

impl RequestHead for Head<'_> {
    fn peer(&self) -> Option<IpAddr> {
        Some(self.0)
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.1.get_all(name).iter().map(|value| value.as_bytes())
    }
}
