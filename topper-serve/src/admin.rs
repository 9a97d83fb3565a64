//! The admin port: health and metrics, for the platform that runs the program.

use std::{io, net::TcpListener as StdListener, time::Duration};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use http_body_util::Full;
use tokio::{net::TcpListener, time::timeout};

use crate::{
    Phase, Phases, RequestBody,
    serve::Connections,
    server::{Check, Render},
};

/// How long the program's check may take. Platforms wait 1 s.
const CHECK_TIME: Duration = Duration::from_millis(400);

#[derive(Clone)]
pub(crate) struct Admin {
    phases: Phases,
    check: Option<Check>,
    render: Option<Render>,
}

impl Admin {
    pub(crate) fn new(phases: Phases, check: Option<Check>, render: Option<Render>) -> Self {
        Self { phases, check, render }
    }

    /// Answers until the runtime ends, also while the program drains its own work.
    pub(crate) fn start(self, listener: StdListener) -> io::Result<()> {
        let listener = TcpListener::from_std(listener)?;
        // The admin port outlives the server.
        let mut connections = Connections::new(Phases::new(), move |request| {
            let admin = self.clone();
            async move { admin.answer(&request).await }
        });
        drop(tokio::spawn(async move { connections.accept(&listener).await }));
        Ok(())
    }

    async fn answer(&self, request: &Request<RequestBody>) -> Response<Full<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered");
        }
        match (request.uri().path(), &self.render) {
            // It does not check the store: a restart would not repair a store.
            ("/livez", _) => plain(StatusCode::OK, "alive"),
            ("/readyz", _) => match self.obstacle().await {
                None => plain(StatusCode::OK, "ready"),
                Some(why) => plain(StatusCode::SERVICE_UNAVAILABLE, why),
            },
            ("/metrics", Some(render)) => {
                let mut response = plain(StatusCode::OK, render());
                let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, format);
                response
            }
            _ => plain(StatusCode::NOT_FOUND, "not found"),
        }
    }

    /// Why the server is not ready.
    async fn obstacle(&self) -> Option<&'static str> {
        match self.phases.now() {
            Phase::Starting => return Some("starting"),
            Phase::Serving => {}
            Phase::Leaving | Phase::Draining | Phase::Ended => return Some("shutting down"),
        }
        let Some(check) = &self.check else { return None };
        match timeout(CHECK_TIME, check()).await {
            Ok(true) => None,
            Ok(false) => Some("a check failed"),
            Err(_) => Some("a check took too long"),
        }
    }
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
