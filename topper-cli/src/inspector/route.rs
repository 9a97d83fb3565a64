//! The routes.

use std::sync::Arc;

use hyper::{Method, Request, StatusCode, body::Incoming};

use topper_store::inbox::Change;

use super::{
    Inspector, about, answer, assets, copying, detail, doctor, events, inbox, list, orders, replay,
    response::{Refusal, Result, read},
    send, stream,
};

pub(super) async fn route(inspector: &Arc<Inspector>, request: Request<Incoming>) -> Result {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method(), &parts[..]) {
        (&Method::GET, [""]) => Ok(assets::page()),
        (&Method::GET, ["assets", name]) => assets::file(name),
        (&Method::GET, ["api", "about"]) => Ok(about::about(inspector)),
        (&Method::GET, ["api", "deliveries"]) => list::list(inspector, request.uri().query()),
        (&Method::GET, ["api", "deliveries", number]) => detail::detail(inspector, number).await,
        (&Method::GET, ["api", "deliveries", number, "body"]) => copying::body(inspector, number),
        (&Method::GET, ["api", "deliveries", number, "curl"]) => copying::curl(inspector, number),
        (&Method::GET, ["api", "deliveries", number, "test"]) => copying::test(inspector, number),
        (&Method::GET, ["api", "orders"]) => orders::list(inspector).await,
        (&Method::GET, ["api", "orders", id]) => orders::one(inspector, id).await,
        (&Method::GET, ["api", "answer"]) => answer::get(inspector),
        (&Method::PUT, ["api", "answer"]) => {
            answer::answers(inspector)?;
            answer::put(inspector, &read(request).await?)
        }
        (&Method::GET, ["api", "events"]) => Ok(events::list()),
        (&Method::GET, ["api", "events", name]) => events::event(name),
        (&Method::POST, ["api", "send"]) => send::send(inspector, read(request).await?).await,
        (&Method::POST, ["api", "doctor"]) => {
            doctor::examine(inspector, read(request).await?).await
        }
        (&Method::GET, ["api", "faults"]) => Ok(replay::faults()),
        (&Method::POST, ["api", "deliveries", number, "replay"]) => {
            let number = number.parse().map_err(|_| Refusal::not_found("no such delivery"))?;
            replay::replay(inspector, number, read(request).await?).await
        }
        (&Method::GET, ["api", "stream"]) => stream::follow(inspector, &request),
        (&Method::POST, ["api", "inbox", "retry"]) => {
            inbox::change(inspector, request, Change::Retry).await
        }
        (&Method::POST, ["api", "inbox", "bury"]) => {
            inbox::change(inspector, request, Change::Bury).await
        }
        _ => Err(unknown(request.method())),
    }
}

fn unknown(method: &Method) -> Refusal {
    match *method {
        Method::GET | Method::POST | Method::PUT => Refusal::not_found("there is no such route"),
        _ => Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this method is not used here"),
    }
}
