//! What Topper reports about orders.

use topper::{
    Envelope, Outcome, Retry, Webhook,
    event::{OrderChange, OrderView},
    store::sqlx::{self, Sqlite, SqlitePool, Transaction},
};

/// The handler of the inbox's worker: keeps the latest state of each order.
///
/// What it writes and that the event is done are committed together, so it runs exactly once. When it
/// fails, by any error (`?`), the inbox tries the event again.
pub(crate) async fn process(
    tx: &mut Transaction<'_, Sqlite>,
    webhook: Webhook,
) -> Result<Outcome, Retry> {
    let event = webhook.event()?;
    let Some(order) = event.order_id() else { return Ok(Outcome::Ignored) };
    let latest: Option<(String, Vec<u8>)> =
        sqlx::query_as("SELECT event, body FROM shop_order WHERE id = ?")
            .bind(order)
            .fetch_optional(&mut **tx)
            .await?;
    // Topper promises no order of arrival: the view decides which event is the latest.
    let mut view = OrderView::new();
    if let Some((id, body)) = latest {
        view.fold(&id, Envelope::from_json(&body)?.event()?)?;
    }
    if view.fold(webhook.id(), event)? != OrderChange::Advanced {
        return Ok(Outcome::Processed);
    }
    sqlx::query(
        "INSERT INTO shop_order (id, token, event, body) VALUES (?, ?, ?, ?) \
         ON CONFLICT (id) DO UPDATE SET event = excluded.event, body = excluded.body, \
         token = COALESCE(token, excluded.token)",
    )
    .bind(order)
    // An order whose token is not known is still an order.
    .bind(webhook.bootstrap_token_id())
    .bind(webhook.id())
    .bind(webhook.body())
    .execute(&mut **tx)
    .await?;
    Ok(Outcome::Processed)
}

/// An order as its user sees it.
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) state: &'static str,
}

/// The orders of a user. An order has no user of its own: the token that started it leads there.
pub(crate) async fn of_user(
    database: &SqlitePool,
    user: i64,
) -> Result<Vec<Order>, Box<dyn std::error::Error + Send + Sync>> {
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT o.id, o.body FROM shop_order o JOIN shop_token t ON t.id = o.token \
         WHERE t.user = ? ORDER BY o.rowid DESC LIMIT 100",
    )
    .bind(user)
    .fetch_all(database)
    .await?;
    rows.into_iter()
        .map(|(id, body)| Ok(Order { id, state: state(Envelope::from_json(&body)?.name()) }))
        .collect()
}

/// The last part of an event's name, in words for a user.
fn state(event: &str) -> &'static str {
    match event.rsplit(':').next() {
        _ if event.ends_with(":refund:completed") => "refunded",
        Some("committed") => "waiting for the payment",
        Some("charged") => "paid",
        Some("crypto-sent") => "on its way",
        Some("completed") => "completed",
        Some("expired") => "expired",
        Some("failed") => "failed",
        _ => "in progress",
    }
}
