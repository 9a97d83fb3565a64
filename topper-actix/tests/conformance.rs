//! What every adapter must do, over real sockets.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{net::IpAddr, thread};

use actix_web::{App, HttpServer, dev::ServerHandle, rt::System, web};
use topper_actix::{Verified, WebhookReply};
use topper_conformance::adapter::{Adapter, Endpoint, Probe, Server};

struct Actix;

impl Adapter for Actix {
    const NAME: &'static str = "actix";

    async fn serve(bind: IpAddr, first: Endpoint, second: Endpoint) -> Server {
        let app = move || {
            let scope = |path, endpoint: &Endpoint| {
                web::scope(path)
                    .app_data(endpoint.verifier.clone())
                    .app_data(web::Data::new(endpoint.probe.clone()))
                    .route("", web::post().to(receive))
            };
            App::new().service(scope("/first", &first)).service(scope("/second", &second))
        };
        let (sender, started) = tokio::sync::oneshot::channel();
        thread::spawn(move || {
            System::new().block_on(async {
                let server = HttpServer::new(app).workers(1).disable_signals();
                let server = server.bind_auto_h2c((bind, 0)).unwrap();
                let address = *server.addrs().first().unwrap();
                let server = server.run();
                sender.send((address, server.handle())).ok();
                server.await
            })
        });
        let (address, handle) = started.await.unwrap();
        Server::new(address, Stop(handle))
    }
}

struct Stop(ServerHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        // It is told at once; the future is for waiting.
        drop(self.0.stop(false));
    }
}

async fn receive(probe: web::Data<Probe>, verified: Verified) -> WebhookReply {
    let probe = probe.get_ref().clone();
    match probe.accept(&verified) {
        Some(reply) => reply.into(),
        None => verified.run(|webhook| probe.handle(webhook)).await,
    }
}

topper_conformance::adapter_conformance!(Actix);
