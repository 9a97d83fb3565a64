//! actix-web, on its own server.

use std::sync::Arc;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use topper::{
    Verifier,
    actix::{Verified, WebhookReply},
};
use topper_benchmarks::{
    PATH,
    by_hand::{self, HEADER, Key, LIMIT},
};

use crate::{Result, address, process, ready};

pub(crate) async fn ours(verifier: Verifier) -> Result<()> {
    async fn receive(verified: Verified) -> WebhookReply {
        verified.run(process).await
    }
    let app = move || App::new().app_data(verifier.clone()).route(PATH, web::post().to(receive));
    let server = HttpServer::new(app).bind(address()?)?;
    ready()?;
    Ok(server.run().await?)
}

pub(crate) async fn by_hand(key: Arc<Key>) -> Result<()> {
    async fn receive(key: web::Data<Key>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
        let token = request.headers().get(HEADER).map(|value| value.as_bytes());
        match key.verify(token, &body) {
            Some(verified) => HttpResponse::Ok().body(by_hand::process(&verified)),
            None => HttpResponse::Unauthorized().body("unauthorized"),
        }
    }
    let key = web::Data::from(key);
    let app = move || {
        App::new()
            .app_data(key.clone())
            .app_data(web::PayloadConfig::new(LIMIT))
            .route(PATH, web::post().to(receive))
    };
    let server = HttpServer::new(app).bind(address()?)?;
    ready()?;
    Ok(server.run().await?)
}
