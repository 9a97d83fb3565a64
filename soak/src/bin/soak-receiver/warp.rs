//! warp.

use topper::{
    Verifier,
    serve::Server,
    warp::{WebhookReply, recover, verified},
};
use warp::Filter as _;

use crate::{Processing, Result};

pub(crate) async fn serve(
    server: Server,
    verifier: Verifier,
    processing: Processing,
) -> Result<()> {
    let webhook = warp::path!("webhooks" / "topper")
        .and(warp::post())
        .and(verified(verifier))
        .then(move |webhook| {
            let processing = processing.clone();
            async move { WebhookReply::from(processing.receive(webhook).await) }
        })
        .recover(recover);
    Ok(topper::warp::serve(server, warp::service(webhook)).await?)
}
