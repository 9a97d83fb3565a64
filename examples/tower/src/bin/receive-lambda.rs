//! A receiver of Topper's webhooks on AWS Lambda, behind a function URL or an HTTP API of API Gateway
//! (payload format 2.0).
//!
//! It reads `TOPPER_WEBHOOK_PUBLIC_KEY` and its other settings from the variables of
//! `VerifierBuilder::from_env`. `TOPPER_STORE_URL` says where events are remembered: `postgres://...` or
//! `redis://...`, for what a function writes to its disk is soon gone.
//!
//! Lambda freezes a function once it has answered. So the event is processed before the answer, by
//! `Once`: an inbox would store it, and no worker would run. Give the function 5 s or more; Lambda's
//! default is 3 s.

use std::net::IpAddr;

use http::request::Parts;
use lambda_http::{Error, RequestExt as _, request::RequestContext};
use topper::{Verifier, tower::WebhookService};
use topper_tower_examples::{log, once, process};

#[tokio::main]
async fn main() -> Result<(), Error> {
    log();
    let verifier = Verifier::from_env()?;
    let once = once().await?;
    let webhook = WebhookService::new(verifier, move |verified| {
        let once = once.clone();
        async move { once.run(verified, process).await }
    });
    lambda_http::run(webhook.peer(source_ip)).await
}

/// The client's address as AWS saw it, which is in the event and not in a header. There is none behind an
/// Application Load Balancer.
fn source_ip(request: &Parts) -> Option<IpAddr> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => None,
    }
}
