//! The server.

use std::{pin::pin, sync::Arc};

use rocket::{
    Build, Request, Response, Rocket,
    error::ErrorKind,
    fairing::AdHoc,
    http::{Header, Status},
    response::Responder as _,
};
use topper_core::RequestHead as _;
use topper_serve::{Phase, Phases, ServeError, Server, is_lost, is_signed, not_configured};

use crate::{WebhookReply, guard::Head};

/// Launches and serves a rocket, until shutdown is requested and everything in flight is answered.
/// [`Server`] has the settings. They replace Rocket's own settings for address, port and shutdown.
///
/// A delivery that would be answered with 404 or 405 is answered with `not_configured` instead, which
/// Topper retries. Rocket ignores a slash at the end of a path.
///
/// Rocket has three limits. It has no deadline for the head of a request: put a proxy in front that has
/// one. It never closes idle connections. And when it stops accepting, it drops connections that have
/// not sent a request yet.
///
/// # Errors
///
/// When it cannot listen or wait for signals, or the rocket does not launch.
pub async fn serve(server: Server, rocket: Rocket<Build>) -> Result<(), ServeError> {
    let mut running = server.start()?;
    let (address, phases) = (running.address(), running.phases());
    let figment = rocket
        .figment()
        .clone()
        .merge(("address", address.ip()))
        .merge(("port", address.port()))
        // Rocket waits for signals in a separate task. If a signal arrives while the server works, the
        // server can return with an error, and what is in flight is lost.
        .merge(("shutdown.ctrlc", false))
        .merge(("shutdown.signals", Vec::<String>::new()))
        .merge(("shutdown.grace", running.drain_time().as_secs()))
        .merge(("shutdown.mercy", 1));
    // Rocket accepts only an address, not a listener.
    running.release();
    let running = Arc::new(running);
    let (responding, lifted) = (phases.clone(), Arc::clone(&running));
    let rocket = rocket
        .configure(figment)
        .attach(AdHoc::on_liftoff("Topper is served", move |_| {
            Box::pin(async move { lifted.serving() })
        }))
        .attach(AdHoc::on_response("Topper's answers", move |request, response| {
            attend(&responding, request, response);
            Box::pin(async {})
        }))
        .ignite()
        .await
        .map_err(|error| failed(&error))?;
    let shutdown = rocket.shutdown();
    let mut launch = pin!(rocket.launch());
    // One task polls both, so the shutdown is requested between two steps of Rocket.
    let ended = tokio::select! {
        ended = &mut launch => ended,
        () = phases.reached(Phase::Draining) => {
            shutdown.notify();
            launch.await
        }
    };
    running.ended();
    match ended {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::Shutdown(..)) => {
            tracing::warn!(target: "topper", "some connections were not closed in time");
            Ok(())
        }
        Err(error) => Err(failed(&error)),
    }
}

/// As text, because Rocket's error panics when it is dropped without being shown.
fn failed(error: &rocket::Error) -> ServeError {
    ServeError::framework(error.to_string())
}

fn attend(phases: &Phases, request: &Request<'_>, response: &mut Response<'_>) {
    let head = Head(request);
    if is_lost(response.status().code) && is_signed(&head) {
        let path = request.uri().path().as_str();
        let reply = not_configured(head.peer(), request.method().as_str(), path);
        match WebhookReply(reply).respond_to(request) {
            Ok(answer) => *response = answer,
            Err(_) => response.set_status(Status::new(reply.status())),
        }
    }
    if phases.is_leaving() {
        response.set_header(Header::new("connection", "close"));
    }
}
