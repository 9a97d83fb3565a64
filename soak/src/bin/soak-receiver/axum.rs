//! axum.

use axum::{
    Router,
    extract::{FromRef, State},
    routing::post,
};
use topper::{
    Verifier,
    axum::{Verified, WebhookReply},
    serve::Server,
};

use crate::{Processing, Result};

pub(crate) async fn serve(
    server: Server,
    verifier: Verifier,
    processing: Processing,
) -> Result<()> {
    let app = App { verifier, processing };
    let app = Router::new().route("/webhooks/topper", post(receive)).with_state(app);
    Ok(topper::axum::serve(server, app).await?)
}

#[derive(Clone)]
struct App {
    verifier: Verifier,
    processing: Processing,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

async fn receive(State(app): State<App>, verified: Verified) -> WebhookReply {
    app.processing.receive(verified).await.into()
}
