//! Topper's REST API: what an order would cost, and what Topper offers.
//!
//! It has no key. The requests go through a [`Client`], which you bring: an HTTP client of your own in
//! a few lines, or [`HttpsClient`] with the feature `client`. Nothing here does input or output by
//! itself.
//!
//! | to do | use |
//! |---|---|
//! | show a price before the widget opens | [`quote`] |
//! | show what can be bought, and with which currencies | [`assets`] |
//! | show how a user can pay, in which countries and within which limits | [`payment_methods`] |
//!
//! # How this is known
//!
//! Topper's page "REST API" lists countries, assets, payment methods and a price simulation, says that
//! the number of requests is limited, and refers to an OpenAPI document at `/docs/json` of the API's
//! [URL](crate::Environment::api_url). The paths and fields here are those that public programs of
//! other integrators use, and those of a recorded answer of 2024; what each function says of its
//! source is all that is known. A field that was not in all of these may be absent, unknown fields are
//! ignored, and amounts may be JSON numbers.
//!
//! The list of countries is not here, because its path is not known: use
//! [`PaymentMethods::countries`]. Orders and events cannot be looked up: the API has neither.
//!
//! # Few requests
//!
//! Topper limits the number of requests, and does not publish the limit. Keep the lists for some
//! minutes. Topper raises the limit for your addresses if you ask.

use serde::{Deserialize, de::DeserializeOwned};
use topper_core::event::Flow;

use crate::{Configuration, Draft, Environment, Widget};

mod asset;
mod body;
mod client;
mod error;
#[cfg(feature = "client")]
mod https;
mod payment;
mod price;

pub use asset::{Asset, AssetNetwork, Assets};
pub use client::{Answer, AnswerTooLong, BoxError, Client, Request};
pub use error::{ApiError, Refusal};
#[cfg(feature = "client")]
pub use https::{HttpsClient, HttpsClientError};
pub use payment::{Limit, PaymentMethod, PaymentMethods};
pub use price::{Quote, QuoteSide};

/// Asks Topper what an order would cost now: a price simulation.
///
/// It signs a token of its own for the question. Sign another for the widget, and do not use a draft
/// of this configuration twice. The price of the order is the one that the user sees in the widget.
///
/// The user's address is not needed: [`Recipient::only_address_and_tag`](crate::Recipient) takes the
/// asset and its network alone.
///
/// Source: two public programs send `POST /simulations` with `bootstrapToken`, for on-ramps; one of
/// them names Topper's OpenAPI document. For off-ramps it was not seen.
///
/// # Errors
///
/// When the configuration breaks a rule, the token cannot be signed, the client fails, or Topper does
/// not answer with a price.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::{Onramp, Recipient, Widget, api};
///
/// async fn show(client: &impl api::Client, widget: &Widget) -> Result<(), Box<dyn std::error::Error>> {
///     let recipient = Recipient::only_address_and_tag("ETH", "ethereum");
///     let onramp = Onramp::spend("100.00".parse()?, "USD", recipient);
///     let quote = api::quote(client, widget, &onramp).await?;
///     println!("you get {} {}", quote.destination.amount.as_str(), quote.destination.asset);
///     Ok(())
/// }
/// ```
pub async fn quote(
    client: &impl Client,
    widget: &Widget,
    configuration: &impl Configuration,
) -> Result<Quote, ApiError> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(deserialize_with = "topper_core::internal::decode::required")]
        simulation: Quote,
    }

    let token = widget.sign(Draft::new(configuration)?)?;
    let json = serde_json::json!({"bootstrapToken": token.as_str()}).to_string();
    let request = Request::post(widget.environment(), "simulations", json);
    let Body { simulation } = ask(client, request).await?;
    Ok(simulation)
}

/// Asks Topper for the assets that users of a flow can choose.
///
/// Source: three public programs send `GET /assets/crypto-onramp`. The path of the off-ramp,
/// `/assets/crypto-offramp`, follows from the names of the flows, and was not seen.
///
/// # Errors
///
/// When the flow is not one of the two, the client fails, or Topper does not answer with the list.
pub async fn assets(
    client: &impl Client,
    environment: Environment,
    flow: Flow,
) -> Result<Assets, ApiError> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(deserialize_with = "topper_core::internal::decode::required")]
        assets: Assets,
    }

    let Body { assets } = list(client, environment, "assets", flow).await?;
    Ok(assets)
}

/// Asks Topper how users of a flow can pay, or be paid.
///
/// Source: public programs send `GET /payment-methods/crypto-onramp`, and one has a recorded answer of
/// 2024. The path of the off-ramp, `/payment-methods/crypto-offramp`, follows from the names of the
/// flows, and was not seen.
///
/// # Errors
///
/// When the flow is not one of the two, the client fails, or Topper does not answer with the list.
pub async fn payment_methods(
    client: &impl Client,
    environment: Environment,
    flow: Flow,
) -> Result<PaymentMethods, ApiError> {
    list(client, environment, "payment-methods", flow).await
}

async fn list<T: DeserializeOwned>(
    client: &impl Client,
    environment: Environment,
    name: &str,
    flow: Flow,
) -> Result<T, ApiError> {
    let flow = match flow {
        Flow::CryptoOnramp => "crypto-onramp",
        Flow::CryptoOfframp => "crypto-offramp",
        _ => return Err(ApiError::Flow),
    };
    ask(client, Request::get(environment, &format!("{name}/{flow}"))).await
}

async fn ask<T: DeserializeOwned>(client: &impl Client, request: Request) -> Result<T, ApiError> {
    let has_token = request.json().is_some();
    let answer = client.send(request).await.map_err(ApiError::from_client)?;
    match answer.status() {
        200..=299 => body::decode(answer.body()),
        429 => Err(ApiError::RateLimited),
        400..=499 => Err(ApiError::Refused(Refusal::new(answer, has_token))),
        status @ 500..=599 => Err(ApiError::Unavailable { status }),
        status => Err(ApiError::Status { status }),
    }
}
