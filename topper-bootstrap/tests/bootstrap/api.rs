//! Topper's REST API, over a real socket.

use proptest::prelude::*;
use serde_json::{Value, json};
use topper_bootstrap::{
    api::{Answer, ApiError, BoxError, Request, assets, payment_methods, quote},
    *,
};

#[cfg(feature = "client")]
mod https;
mod secret;
mod server;

use crate::support::*;
use server::{Act, Plain, Server, answer};

/// The price of a purchase.
fn price() -> Value {
    json!({"simulation": {
        "origin": {"amount": "100.00", "asset": "USD", "rate": "1"},
        "destination": {"amount": "0.05123", "asset": "ETH", "rate": "1770.27534301775263314892"},
        "fees": [
            {"amount": "0.40", "asset": "USD", "type": "network"},
            {"amount": "3.95", "asset": "USD", "type": "deposit"},
        ],
    }})
}

fn some_assets() -> Value {
    json!({"assets": {
        "source": [{"code": "EUR", "name": "Euro", "symbol": "€"}],
        "target": [
            {"code": "ETH", "name": "Ether", "symbol": "Ξ", "networks": [
                {"code": "ethereum", "name": "Ethereum", "priorities": ["normal", "fast"], "tagTypes": []},
                {"code": "arbitrum", "name": "Arbitrum", "priorities": ["soon"], "tagTypes": []},
            ]},
            {"code": "XRP", "name": "XRP", "networks": [
                {"code": "xrp-ledger", "name": "XRP Ledger", "priorities": ["normal"], "tagTypes": ["destination-tag", "a-new-type"]},
            ]},
        ],
    }})
}

/// As in an answer of 2024.
fn some_methods() -> Value {
    json!({"paymentMethods": [
        {
            "billingAsset": "EUR",
            "countries": ["AT", "BQ", "PT", "BQ"],
            "limits": [
                {"asset": "AED", "maximum": "9956.98", "minimum": "39.83"},
                {"asset": "JPY", "maximum": "407956", "minimum": "1632"},
            ],
            "network": "apple-pay",
            "type": "apple-pay",
        },
        {
            "billingAsset": "USD",
            "countries": ["US", "PT"],
            "limits": [{"asset": "EUR", "maximum": "2500", "minimum": "10"}],
            "network": "card",
            "type": "credit-card",
        },
    ]})
}

async fn ask_price(act: Act) -> Result<api::Quote, ApiError> {
    let server = Server::start(act).await;
    quote(&Plain::new(&server), &widget(), &any_onramp()).await
}

async fn ask_assets(act: Act) -> Result<api::Assets, ApiError> {
    let server = Server::start(act).await;
    assets(&Plain::new(&server), Environment::Sandbox, Flow::CryptoOnramp).await
}

async fn ask_methods(act: Act) -> Result<api::PaymentMethods, ApiError> {
    let server = Server::start(act).await;
    payment_methods(&Plain::new(&server), Environment::Sandbox, Flow::CryptoOnramp).await
}

fn ok(body: &Value) -> Act {
    answer(200, body.to_string())
}

/// The message about an answer that cannot be read.
fn problem<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
    let text = result.unwrap_err().to_string();
    text.strip_prefix("Topper's answer cannot be read: ").unwrap().to_owned()
}

#[tokio::test]
async fn asks_for_a_price_with_a_signed_token_of_its_own() {
    let server = Server::start(ok(&price())).await;
    let (client, widget) = (Plain::new(&server), widget());
    let recipient = Recipient::only_address_and_tag("ETH", "ethereum");
    let onramp = Onramp::spend("100.00".parse().unwrap(), "USD", recipient);
    let first = quote(&client, &widget, &onramp).await.unwrap();
    quote(&client, &widget, &onramp).await.unwrap();

    assert_eq!((first.origin.amount.as_str(), first.origin.asset.as_str()), ("100.00", "USD"));
    let destination = &first.destination;
    assert_eq!((destination.amount.as_str(), destination.asset.as_str()), ("0.05123", "ETH"));
    assert_eq!(destination.rate.as_ref().unwrap().as_str(), "1770.27534301775263314892");
    let kinds: Vec<_> = first.fees.iter().map(|fee| fee.kind.clone()).collect();
    assert_eq!(kinds, [FeeType::Network, FeeType::Deposit]);
    assert_eq!(first.fees[1].amount.as_str(), "3.95");

    let mut ids = std::collections::BTreeSet::new();
    for asked in server.asked() {
        let (head, body) = asked.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /simulations HTTP/1.1\r\n"), "{head}");
        let body: Value = serde_json::from_str(body).unwrap();
        let token = body["bootstrapToken"].as_str().unwrap();
        assert_eq!(body, json!({"bootstrapToken": token}));
        let key = TokenKey::parse(widget.public_jwk()).unwrap();
        let inspection = Inspector::new().key(key).inspect(token);
        assert_eq!((inspection.findings(), inspection.is_signed()), ([].as_slice(), Some(true)));
        ids.insert(inspection.id().unwrap().to_owned());
        assert_eq!(decode(token).1["target"]["asset"], "ETH");
    }
    assert_eq!(ids.len(), 2);
}

#[tokio::test]
async fn lists_assets_with_their_networks() {
    let server = Server::start(ok(&some_assets())).await;
    let client = Plain::new(&server);
    let list = assets(&client, Environment::Sandbox, Flow::CryptoOnramp).await.unwrap();
    assert_eq!(list.source[0].code, "EUR");
    assert_eq!(list.source[0].symbol.as_deref(), Some("€"));
    assert!(list.source[0].networks.is_empty());
    let [ether, ripple] = list.target.as_slice() else { unreachable!() };
    assert_eq!(ether.networks[0].code, "ethereum");
    assert_eq!(ether.networks[0].priorities, [Priority::Normal, Priority::Fast]);
    assert_eq!(ether.networks[1].priorities, ["soon".into()]);
    assert_eq!((ripple.name.as_deref(), ripple.symbol.as_deref()), (Some("XRP"), None));
    assert_eq!(ripple.networks[0].tag_types, [TagType::DestinationTag, "a-new-type".into()]);
    let [asked] = &*server.asked() else { unreachable!() };
    assert!(asked.starts_with("GET /assets/crypto-onramp HTTP/1.1\r\n"), "{asked}");
    assert!(asked.ends_with("\r\n\r\n"), "{asked}");
}

#[tokio::test]
async fn lists_payment_methods_with_their_countries_and_limits() {
    let server = Server::start(ok(&some_methods())).await;
    let (client, flow) = (Plain::new(&server), Flow::CryptoOfframp);
    let list = payment_methods(&client, Environment::Sandbox, flow).await.unwrap();
    assert!(server.asked()[0].starts_with("GET /payment-methods/crypto-offramp HTTP/1.1\r\n"));
    let [apple, card] = list.payment_methods.as_slice() else { unreachable!() };
    assert_eq!(apple.network, Some(PaymentNetwork::ApplePay));
    assert_eq!(apple.kind.as_ref().unwrap().as_str(), "apple-pay");
    assert_eq!(apple.billing_asset.as_deref(), Some("EUR"));
    assert_eq!(card.kind, Some(PaymentMethodType::CreditCard));
    let yen = apple.limit("JPY").unwrap();
    assert_eq!(yen.minimum.as_ref().unwrap().as_str(), "1632");
    assert_eq!(yen.maximum.as_ref().unwrap().as_str(), "407956");
    assert!(apple.limit("EUR").is_none());
    assert_eq!(apple.countries.len(), 4);
    assert_eq!(list.countries().into_iter().collect::<Vec<_>>(), ["AT", "BQ", "PT", "US"]);
    assert_eq!(list.in_country("PT").count(), 2);
    assert_eq!(list.in_country("US").next(), Some(card));
    assert_eq!(list.in_country("pt").count(), 0);
}

#[tokio::test]
async fn asks_the_topper_of_the_environment() {
    async fn url(environment: Environment) -> String {
        let seen = std::sync::Mutex::new(String::new());
        let client = |request: Request| {
            seen.lock().unwrap().push_str(request.url());
            async { Err::<Answer, BoxError>("no network".into()) }
        };
        let error = assets(&client, environment, Flow::CryptoOnramp).await.unwrap_err();
        assert!(matches!(error, ApiError::Client(_)) && error.is_temporary());
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no network");
        seen.into_inner().unwrap()
    }

    let sandbox = url(Environment::Sandbox).await;
    assert_eq!(sandbox, "https://api.sandbox.topperpay.com/assets/crypto-onramp");
    let production = url(Environment::Production).await;
    assert_eq!(production, "https://api.topperpay.com/assets/crypto-onramp");
}

#[tokio::test]
async fn asks_nothing_for_another_flow_or_a_configuration_that_breaks_a_rule() {
    let server = Server::start(ok(&price())).await;
    let client = Plain::new(&server);
    for flow in ["crypto_swap", "../secrets", ""] {
        let result = assets(&client, Environment::Sandbox, flow.into()).await;
        assert!(matches!(result, Err(ApiError::Flow)));
        let result = payment_methods(&client, Environment::Sandbox, flow.into()).await;
        assert!(matches!(result, Err(ApiError::Flow)));
    }
    let onramp = Onramp::spend("0".parse().unwrap(), "USD", Recipient::all_editable());
    let error = quote(&client, &widget(), &onramp).await.unwrap_err();
    assert!(matches!(error, ApiError::Claims(ClaimsError::Amount("source.amount"))));
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn reads_an_amount_that_is_a_number_to_the_digit() {
    let text = r#"{"simulation": {
        "origin": {"amount": 100.00, "asset": "USD", "rate": 1e0},
        "destination": {"amount": 0.10000000000000000000001, "asset": "ETH", "rate": "1"},
        "fees": [{"amount": 3, "asset": "USD", "type": "a-new-fee"}]}}"#;
    let quote = ask_price(answer(200, text)).await.unwrap();
    assert_eq!(quote.origin.amount.as_str(), "100.00");
    assert_eq!(quote.origin.rate.unwrap().as_str(), "1e0");
    assert_eq!(quote.destination.amount.as_str(), "0.10000000000000000000001");
    assert_eq!(quote.fees[0].kind.as_str(), "a-new-fee");

    let mut methods = some_methods();
    methods["paymentMethods"][0]["limits"][0]["minimum"] = json!(39);
    let methods = ask_methods(ok(&methods)).await.unwrap();
    let limit = methods.payment_methods[0].limit("AED").unwrap();
    assert_eq!(limit.minimum.as_ref().unwrap().as_str(), "39");
}

#[tokio::test]
async fn reads_answers_without_optional_fields_and_with_unknown_ones() {
    for absent in [json!({}), json!({"fees": null, "rate": null, "new": [{"a": 1}]})] {
        let with = |amount: &str, asset: &str| {
            let mut side = absent.clone();
            side["amount"] = amount.into();
            side["asset"] = asset.into();
            side
        };
        let mut simulation = absent.clone();
        simulation["origin"] = with("1", "USD");
        simulation["destination"] = with("2", "ETH");
        let quote = ask_price(ok(&json!({"simulation": simulation, "new": 1}))).await.unwrap();
        assert!(quote.fees.is_empty() && quote.origin.rate.is_none());
    }
    let list = json!({"assets": {"source": [], "target": [
        {"code": "ETH", "networks": [{"code": "ethereum"}]},
        {"code": "BTC", "name": null, "networks": null, "new": true},
    ]}});
    let list = ask_assets(ok(&list)).await.unwrap();
    assert!(list.target[0].networks[0].priorities.is_empty());
    assert!(list.target[1].networks.is_empty());
    let list =
        json!({"paymentMethods": [{}, {"network": "a-new-network", "limits": [{"asset": "EUR"}]}]});
    let list = ask_methods(ok(&list)).await.unwrap();
    assert_eq!(list.payment_methods[0].network, None);
    assert_eq!(list.payment_methods[1].network, Some("a-new-network".into()));
    assert_eq!(list.payment_methods[1].limit("EUR").unwrap().maximum, None);
    // Half a surrogate pair in a name.
    let text =
        r#"{"assets":{"source":[{"code":"EUR","name":"\ud83d","symbol":"\ud83d"}],"target":[]}}"#;
    let list = ask_assets(answer(200, text)).await.unwrap();
    assert_eq!(list.source[0].name.as_deref(), Some("\u{fffd}"));
    let list = ask_methods(answer(200, r#"{"paymentMethods":[{"network":"\ud83d"}]}"#)).await;
    let network = list.unwrap().payment_methods[0].network.clone();
    assert_eq!(network, Some(PaymentNetwork::Other("\u{fffd}".to_owned())));
}

#[tokio::test]
async fn an_answer_that_is_read_is_written_with_the_same_fields() {
    let quote = ask_price(ok(&price())).await.unwrap();
    assert_eq!(serde_json::to_value(&quote).unwrap(), price()["simulation"]);
    let list = ask_assets(ok(&some_assets())).await.unwrap();
    assert_eq!(serde_json::to_value(&list).unwrap(), some_assets()["assets"]);
    let list = ask_methods(ok(&some_methods())).await.unwrap();
    assert_eq!(serde_json::to_value(&list).unwrap(), some_methods());
}

#[tokio::test]
async fn says_which_field_of_an_answer_is_wrong_and_quotes_nothing() {
    let with = |mut value: Value, pointer: &str, new: Value| {
        *value.pointer_mut(pointer).unwrap() = new;
        value
    };
    for (pointer, new, expected) in [
        ("", json!([]), "the body is not a JSON object"),
        ("", json!({}), "simulation is missing"),
        ("", json!(null), "the body is not a JSON object"),
        ("/simulation", json!(["secret"]), "simulation is not a JSON object"),
        ("/simulation/origin", json!(null), "simulation.origin is missing"),
        (
            "/simulation/origin/amount",
            json!("secret"),
            "simulation.origin.amount is not a decimal number",
        ),
        ("/simulation/origin/amount", json!(null), "simulation.origin.amount is missing"),
        ("/simulation/destination/asset", json!(7), "simulation.destination.asset is not text"),
        ("/simulation/fees", json!({"secret": 1}), "simulation.fees is not a list"),
        ("/simulation/fees/1", json!(["1", "USD", "x"]), "simulation.fees[1] is not a JSON object"),
        (
            "/simulation/fees/1/amount",
            json!(true),
            "simulation.fees[1].amount is not a decimal number",
        ),
    ] {
        assert_eq!(problem(ask_price(ok(&with(price(), pointer, new))).await), expected);
    }
    for (pointer, new, expected) in [
        ("/assets", json!({}), "assets.source is missing"),
        ("/assets/source", json!(null), "assets.source is missing"),
        ("/assets/target/1/code", json!(null), "assets.target[1].code is missing"),
        (
            "/assets/target/0/networks/1",
            json!([]),
            "assets.target[0].networks[1] is not a JSON object",
        ),
        (
            "/assets/target/0/networks/1/priorities",
            json!("fast"),
            "assets.target[0].networks[1].priorities is not a list",
        ),
    ] {
        assert_eq!(problem(ask_assets(ok(&with(some_assets(), pointer, new))).await), expected);
    }
    for (pointer, new, expected) in [
        ("", json!({"error": "secret"}), "paymentMethods is missing"),
        ("/paymentMethods/0/countries/1", json!(7), "paymentMethods[0].countries[1] is not text"),
        (
            "/paymentMethods/1/limits/0/maximum",
            json!("many"),
            "paymentMethods[1].limits[0].maximum is not a decimal number",
        ),
    ] {
        assert_eq!(problem(ask_methods(ok(&with(some_methods(), pointer, new))).await), expected);
    }
    for (body, expected) in [
        ("<!doctype html><title>secret</title>", "the body is not JSON"),
        ("", "the body is not JSON"),
        ("{} {}", "the body is not JSON"),
        ("{\"simulation\":", "the body is not JSON"),
        ("{\"simulation\":{},\"simulation\":{}}", "simulation.origin is missing"),
    ] {
        assert_eq!(problem(ask_price(answer(200, body)).await), expected, "{body}");
    }
    assert_eq!(
        problem(ask_price(answer(200, b"{\"a\":\"\xff\"}")).await),
        "the body is not UTF-8 text"
    );
    // Neither reading goes as deep as the body does.
    let deep = format!("{{\"new\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(problem(ask_price(answer(200, deep)).await), "simulation is missing");
}

#[tokio::test]
async fn says_for_each_status_what_to_do() {
    for (status, is_temporary, expected) in [
        (
            400,
            false,
            "refuses the request with status 400: check that widget id, key id and private key",
        ),
        (401, false, "refuses the request with status 401: check that widget id"),
        (404, false, "refuses the request with status 404: it may have another path by now"),
        (429, true, "no more requests for now (status 429): wait"),
        (500, true, "failed with status 500: try again later"),
        (503, true, "failed with status 503: try again later"),
        (302, false, "status 302 is not an answer of Topper's API: check the proxy"),
        (600, false, "status 600 is not an answer of Topper's API"),
    ] {
        let error = ask_price(answer(status, price().to_string())).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.is_temporary(), is_temporary, "{error}");
    }
    let error = ask_assets(answer(403, "<html>blocked</html>")).await.unwrap_err();
    assert!(
        error.to_string().ends_with(
            "status 403: check that the client sends the method and the URL as they are"
        )
    );
    let ApiError::Refused(refusal) = error else { unreachable!() };
    assert_eq!((refusal.status(), refusal.body()), (403, b"<html>blocked</html>".as_slice()));
    assert!(ask_price(answer(201, price().to_string())).await.is_ok());
}

#[tokio::test]
async fn stops_reading_an_answer_at_1_mib() {
    let error = ask_price(Act::Endless).await.unwrap_err();
    assert!(matches!(error, ApiError::TooLong(_)) && !error.is_temporary());
    let expected = "the answer is longer than 1048576 bytes, so it is not one of Topper's API";
    assert!(error.to_string().starts_with(expected), "{error}");

    let mut read = Answer::new(200);
    read.push(&vec![0; Answer::MOST_BYTES - 1]).unwrap();
    assert!(read.push(&[0; 2]).is_err());
    read.push(&[0]).unwrap();
    assert!(read.push(&[0]).is_err() && read.push(&[]).is_ok());
    assert_eq!(read.body().len(), Answer::MOST_BYTES);
    assert!(Answer::new(200).push(&vec![0; Answer::MOST_BYTES + 1]).is_err());

    let mut longest = price().to_string();
    longest.push_str(&" ".repeat(Answer::MOST_BYTES - longest.len()));
    assert!(ask_price(answer(200, longest)).await.is_ok());
}

#[tokio::test]
async fn can_be_asked_in_a_task() {
    let server = Server::start(ok(&price())).await;
    let (client, widget) = (Plain::new(&server), widget());
    let task = tokio::spawn(async move { quote(&client, &widget, &any_onramp()).await });
    assert_eq!(task.await.unwrap().unwrap().origin.asset, "USD");
}

/// Whether any answer is read or refused, whatever its bytes are.
fn reads(status: u16, body: &[u8]) {
    let client = |_: Request| async {
        let mut answer = Answer::new(status);
        answer.push(body)?;
        Ok(answer)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let sandbox = Environment::Sandbox;
        let results = [
            assets(&client, sandbox, Flow::CryptoOnramp).await.map(drop),
            payment_methods(&client, sandbox, Flow::CryptoOnramp).await.map(drop),
        ];
        for error in results.into_iter().filter_map(Result::err) {
            assert!(error.to_string().len() < 300, "{error}");
            assert!(!error.to_string().contains(char::is_control), "{error}");
        }
    });
}

proptest! {
    #[test]
    fn any_bytes_and_any_status_are_an_answer_or_an_error(status: u16, body: Vec<u8>) {
        reads(status, &body);
        reads(200, &body);
    }

    #[test]
    fn an_answer_with_any_byte_changed_is_read_or_refused(
        is_assets: bool,
        at: prop::sample::Index,
        byte: u8,
    ) {
        let body = if is_assets { some_assets() } else { some_methods() };
        let mut body = body.to_string().into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        reads(200, &body);
        reads(200, &body[..at]);
    }
}
