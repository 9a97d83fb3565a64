//! What the shop answers.

use axum::{
    Form,
    extract::{FromRef, State},
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{Html, IntoResponse, Redirect, Response},
};
use topper::{
    Verifier,
    axum::{Verified, WebhookReply},
    bootstrap::{Draft, Onramp, Recipient, Widget},
    store::{
        Inbox, SqliteInbox,
        sqlx::{self, SqlitePool},
    },
};

use crate::{order, page, user};

#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) widget: Widget,
    pub(crate) verifier: Verifier,
    pub(crate) database: SqlitePool,
    pub(crate) inbox: Inbox<SqliteInbox>,
}

impl FromRef<Shop> for Verifier {
    fn from_ref(shop: &Shop) -> Self {
        shop.verifier.clone()
    }
}

/// Only what Topper signed gets here.
pub(crate) async fn receive(State(shop): State<Shop>, verified: Verified) -> WebhookReply {
    shop.inbox.accept(&verified).await.into()
}

pub(crate) async fn home(State(shop): State<Shop>, headers: HeaderMap) -> Result<Response, Broken> {
    Ok(match user::of(&shop.database, &headers).await? {
        Some(user) => {
            let orders = order::of_user(&shop.database, user.id).await?;
            Html(page::orders(&user.name, &orders)).into_response()
        }
        None => Html(page::login()).into_response(),
    })
}

#[derive(serde::Deserialize)]
pub(crate) struct Login {
    name: String,
}

pub(crate) async fn login(
    State(shop): State<Shop>,
    Form(login): Form<Login>,
) -> Result<Response, Broken> {
    let cookie = user::log_in(&shop.database, login.name.trim()).await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

#[derive(serde::Deserialize)]
pub(crate) struct Purchase {
    amount: String,
    address: String,
}

/// Opens Topper's widget, for a user who is logged in: never make tokens for everyone.
pub(crate) async fn buy(
    State(shop): State<Shop>,
    headers: HeaderMap,
    Form(purchase): Form<Purchase>,
) -> Result<Response, Broken> {
    let Some(user) = user::of(&shop.database, &headers).await? else {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    };
    let Ok(amount) = purchase.amount.trim().parse() else {
        return Ok((StatusCode::BAD_REQUEST, "The amount is not a number.").into_response());
    };
    let recipient = Recipient::not_editable("ETH", "ethereum", purchase.address.trim());
    let draft = match Draft::new(&Onramp::spend(amount, "USD", recipient)) {
        Ok(draft) => draft,
        Err(error) => return Ok((StatusCode::BAD_REQUEST, error.to_string()).into_response()),
    };
    // First: an event may be received a moment after the widget opens.
    sqlx::query("INSERT INTO shop_token (id, user) VALUES (?, ?)")
        .bind(draft.id())
        .bind(user.id)
        .execute(&shop.database)
        .await?;
    let token = shop.widget.sign(draft)?;
    Ok(Redirect::to(&token.url().into_string()).into_response())
}

/// An error of the shop's own, which the user sees as 500 and the operator in the log.
pub(crate) struct Broken(Box<dyn std::error::Error + Send + Sync>);

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for Broken {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Broken {
    fn into_response(self) -> Response {
        tracing::error!(error = %self.0, "a page cannot be shown");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
