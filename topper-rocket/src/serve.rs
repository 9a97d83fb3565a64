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

/// Launches a rocket, and runs it until the process is told to end and what was in flight is
/// answered; see [`Server`] for the settings, the health and the end. They take the place of the
/// rocket's own settings for address, port and shutdown.
///
/// A delivery to a path or with a method that the rocket answers 404 or 405 is answered
/// `not_configured`, which Topper retries; a slash at the end of the path does not matter to Rocket.
///
/// What Rocket cannot do: it has no deadline for a request's head, so put a proxy in front that
/// has one; it never closes idle connections; and at the end of the accepting time it drops
/// connections that have not sent their request yet.
///
/// # Errors
///
/// When it cannot listen, or cannot wait for signals, or the rocket does not launch.
pub async fn serve(server: Server, rocket: Rocket<Build>) -> Result<(), ServeError> {
    let mut running = server.start()?;
    let (address, phases) = (running.address(), running.phases());
    let figment = rocket
        .figment()
        .clone()
        .merge(("address", address.ip()))
        .merge(("port", address.port()))
        // Rocket hears signals in a task beside its server. A server that sees the end come in the
        // middle of its work returns with an error, and what is in flight is lost with the process.
        .merge(("shutdown.ctrlc", false))
        .merge(("shutdown.signals", Vec::<String>::new()))
        .merge(("shutdown.grace", running.drain_time().as_secs()))
        .merge(("shutdown.mercy", 1));
    // It takes no listener, only an address.
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
    // One task polls both, so Rocket is told between two of its steps.
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
            tracing::warn!(target: "topper", "some connections did not end in time");
            Ok(())
        }
        Err(error) => Err(failed(&error)),
    }
}

/// As text: an error of Rocket's that no one has shown panics when it is dropped.
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
