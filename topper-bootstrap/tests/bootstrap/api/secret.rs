//! That no token and nothing of an answer is shown.

use std::error::Error as _;

use super::*;

/// Every form in which a value reaches a log.
fn shown(value: &dyn std::fmt::Debug) -> String {
    format!("{value:?} {value:#?}")
}

#[tokio::test]
async fn no_error_shows_the_token_or_the_answer() {
    // A server that answers with what it was sent, and with a terminal's commands.
    for status in [200, 302, 400, 401, 404, 422, 429, 500] {
        let sent = std::sync::Mutex::new(String::new());
        let client = |request: Request| {
            let debug = shown(&request);
            let json = request.into_json().unwrap();
            let token = serde_json::from_str::<Value>(&json).unwrap()["bootstrapToken"]
                .as_str()
                .unwrap()
                .to_owned();
            assert!(!debug.contains(&token) && debug.contains("/simulations"), "{debug}");
            let mut answer = Answer::new(status);
            answer.push(format!("{{\"error\":\"\u{1b}[2J{token}\"}}").as_bytes()).unwrap();
            assert!(!shown(&answer).contains(&token));
            *sent.lock().unwrap() = token;
            async { Ok::<Answer, BoxError>(answer) }
        };
        let error = quote(&client, &widget(), &any_onramp()).await.unwrap_err();
        let token = sent.into_inner().unwrap();
        let signature = token.rsplit('.').next().unwrap();
        assert!(signature.len() > 80);
        let text = format!("{error} {}", shown(&error));
        for part in [&*token, signature, "\u{1b}", "[2J", "error\\\""] {
            assert!(!text.contains(part), "{status}: {text}");
        }
        assert!(error.source().is_none());
        // Who asks for it gets it.
        if let ApiError::Refused(refusal) = error {
            assert!(String::from_utf8_lossy(refusal.body()).contains(&token));
        }
    }
}

#[tokio::test]
async fn nothing_of_an_answer_is_shown_by_accident() {
    let quote = ask_price(ok(&price())).await.unwrap();
    let assets = ask_assets(ok(&some_assets())).await.unwrap();
    let methods = ask_methods(ok(&some_methods())).await.unwrap();
    for (value, expected) in [
        (shown(&quote), "Quote { .. }"),
        (shown(&quote.origin), "QuoteSide { .. }"),
        (shown(&assets), "Assets { .. }"),
        (shown(&assets.source[0]), "Asset { .. }"),
        (shown(&assets.target[0].networks[0]), "AssetNetwork { .. }"),
        (shown(&methods), "PaymentMethods { .. }"),
        (shown(&methods.payment_methods[0]), "PaymentMethod { .. }"),
        (shown(&methods.payment_methods[0].limits[0]), "Limit { .. }"),
    ] {
        assert_eq!(value, format!("{expected} {expected}"));
    }
    let network = PaymentNetwork::Other(format!("\u{1b}[2J\n{}", "x".repeat(1000)));
    let text = format!("{network:?}");
    assert!(text.len() < 100 && !text.contains(char::is_control), "{text}");
    assert_eq!(format!("{:?}", PaymentNetwork::Card), "PaymentNetwork(\"card\")");
}

#[test]
fn no_log_line_has_the_token_or_the_answer() {
    async fn plain() -> Vec<String> {
        let server = Server::start(ok(&price())).await;
        quote(&Plain::new(&server), &widget(), &any_onramp()).await.unwrap();
        server.asked()
    }

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let exchanges = [
        logged(|| runtime.block_on(plain())),
        #[cfg(feature = "client")]
        logged(|| runtime.block_on(https::ask_once())),
    ];
    for (asked, lines) in exchanges {
        let (_, body) = asked[0].split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let token = body["bootstrapToken"].as_str().unwrap();
        for part in token.split('.').chain(["0.05123", "deposit"]) {
            assert!(!lines.contains(part), "{lines}");
        }
    }
}
