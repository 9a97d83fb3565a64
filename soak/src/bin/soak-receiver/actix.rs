//! actix-web.

use actix_web::{App, web};
use topper::{
    Verifier,
    actix::{Verified, WebhookReply},
    serve::Server,
};

use crate::{Processing, Result};

pub(crate) async fn serve(
    server: Server,
    verifier: Verifier,
    processing: Processing,
) -> Result<()> {
    let processing = web::Data::new(processing);
    let app = move || {
        App::new()
            .app_data(verifier.clone())
            .app_data(processing.clone())
            .route("/webhooks/topper", web::post().to(receive))
    };
    Ok(topper::actix::serve(server, app).await?)
}

async fn receive(verified: Verified, processing: web::Data<Processing>) -> WebhookReply {
    processing.receive(verified).await.into()
}
