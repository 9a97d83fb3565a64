//! A small shop on Topper: a user logs in, buys crypto in Topper's widget, and sees what became of the
//! order.
//!
//! ```text
//! TOPPER_ENVIRONMENT=sandbox TOPPER_WIDGET_ID=... TOPPER_KEY_ID=... TOPPER_PRIVATE_KEY_FILE=widget.jwk \
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run -p topper-shop
//! ```
//!
//! It answers on `PORT` (default: 3000) and keeps everything in one SQLite file, `SHOP_DATABASE`
//! (default: `sqlite://shop.db`). Its login asks for a name only, so that the example stays small: yours
//! must authenticate the user, because a user who is logged in gets tokens.

mod database;
mod order;
mod page;
mod shop;
mod user;

use std::{env, error::Error, process::ExitCode, time::Duration};

use axum::{
    Router,
    routing::{get, post},
};
use tokio::time::timeout;
use topper::{
    Verifier,
    axum::serve,
    bootstrap::Widget,
    serve::Server,
    store::{Inbox, SqliteInbox},
};
use tracing_subscriber::EnvFilter;

use shop::Shop;

/// What events in work may take once the server has ended.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            tracing::error!("stopped: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    // All that can be wrong with the configuration ends the program here.
    let (widget, verifier) = (Widget::from_env()?, Verifier::from_env()?);
    let url = env::var("SHOP_DATABASE").unwrap_or_else(|_| "sqlite://shop.db".to_owned());
    let database = database::open(&url).await?;
    let inbox = Inbox::new(SqliteInbox::new(&database).await?);
    let worker =
        inbox.work_in_transaction(|tx, webhook| Box::pin(order::process(tx, webhook))).start();

    let shop = Shop { widget, verifier, database, inbox };
    let app = Router::new()
        .route("/", get(shop::home))
        .route("/login", post(shop::login))
        .route("/buy", post(shop::buy))
        .route("/webhooks/topper", post(shop::receive))
        .with_state(shop);
    serve(Server::from_env()?, app).await?;
    if timeout(GRACE, worker.drain()).await.is_err() {
        tracing::warn!("some events were not finished in time: the inbox keeps them");
    }
    Ok(())
}
