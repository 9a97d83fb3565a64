//! hyper, on a loop of our own: `topper-tower`, and a handler by hand.

use std::{convert::Infallible, sync::Arc};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use topper::{Verifier, tower::WebhookService};
use topper_benchmarks::{
    PATH,
    by_hand::{self, HEADER, Key, LIMIT},
};

use crate::{Result, listener, process};

type Answer = std::result::Result<Response<Full<Bytes>>, Infallible>;

pub(crate) async fn ours(verifier: Verifier) -> Result<()> {
    let webhook = WebhookService::new(verifier, |verified| verified.run(process));
    serve(move |request| {
        let answer = is_webhook(&request).then(|| webhook.answer(request));
        async move {
            match answer {
                Some(answer) => answer.await,
                None => Ok(answer_of(StatusCode::NOT_FOUND, "")),
            }
        }
    })
    .await
}

pub(crate) async fn by_hand(key: Arc<Key>) -> Result<()> {
    serve(move |request| {
        let key = Arc::clone(&key);
        async move {
            if !is_webhook(&request) {
                return Ok(answer_of(StatusCode::NOT_FOUND, ""));
            }
            let (head, body) = request.into_parts();
            let Ok(body) = Limited::new(body, LIMIT).collect().await else {
                return Ok(answer_of(StatusCode::PAYLOAD_TOO_LARGE, "too large"));
            };
            let token = head.headers.get(HEADER).map(|value| value.as_bytes());
            Ok(match key.verify(token, &body.to_bytes()) {
                Some(verified) => answer_of(StatusCode::OK, by_hand::process(&verified)),
                None => answer_of(StatusCode::UNAUTHORIZED, "unauthorized"),
            })
        }
    })
    .await
}

fn is_webhook(request: &Request<Incoming>) -> bool {
    request.method() == Method::POST && request.uri().path() == PATH
}

fn answer_of(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
}

async fn serve<S, F>(service: S) -> Result<()>
where
    S: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let listener = listener().await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let service = service.clone();
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service_fn(service));
            // A connection that breaks is the sender's affair.
            drop(connection.await);
        });
    }
}
