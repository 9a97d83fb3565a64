//! The adapter for actix-web, on its own server.

use actix_http::HttpService;
use actix_service::{Service as _, ServiceFactory as _, map_config};
use actix_web::{App, dev::AppConfig, rt::System, web};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use topper_actix::{Verified, WebhookReply};

use super::{BUFFER, VERIFIER, process, status};

thread_local! {
    static SYSTEM: actix_web::rt::SystemRunner = System::new();
}

pub(super) fn answer(input: &[u8]) {
    SYSTEM.with(|system| system.block_on(exchange(input)));
}

async fn exchange(input: &[u8]) {
    let app = App::new().app_data(VERIFIER.clone()).default_service(web::to(receive));
    let app = map_config(app, |()| AppConfig::default());
    let factory = HttpService::build().h1(app);
    let service = factory.new_service(()).await.unwrap();
    let (mut client, server) = tokio::io::duplex(BUFFER);
    client.write_all(input).await.unwrap();
    client.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let served = service.call((server, None));
    let (_, read) = tokio::join!(served, client.read_to_end(&mut answer));
    read.unwrap();
    status(&answer);
}

async fn receive(verified: Verified) -> WebhookReply {
    verified.run(process).await
}
