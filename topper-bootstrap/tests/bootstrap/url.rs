//! The URL that opens the widget.

use topper_bootstrap::{Draft, Environment, Flow, Locale, Offramp, Token, UrlError, Widget};
use topper_testkit::TestKey;

use crate::support::{any_onramp, sign, widget};

fn selling(widget: &Widget) -> Token {
    sign(widget, &Offramp::sell("1".parse().unwrap(), "XRP"))
}

fn in_production() -> Widget {
    let builder = Widget::builder(Environment::Production).widget_id("w").key_id("k");
    builder.private_key(TestKey::generate().private_jwk()).build().unwrap()
}

#[test]
fn has_the_token_at_the_address_of_its_environment() {
    for (widget, address) in [
        (widget(), "https://app.sandbox.topperpay.com/?bt="),
        (in_production(), "https://app.topperpay.com/?bt="),
    ] {
        let token = sign(&widget, &any_onramp());
        assert_eq!(token.environment(), widget.environment());
        assert_eq!(String::from(token.url()), format!("{address}{}", token.as_str()));
    }
}

#[test]
fn has_what_the_widget_shows_first_escaped_and_once() {
    let token = sign(&widget(), &any_onramp());
    let query = |url: topper_bootstrap::WidgetUrl| {
        let url = url.into_string();
        url.split_once(token.as_str()).unwrap().1.to_owned()
    };
    for (locale, expected) in [
        (Locale::En, "&locale=en"),
        (Locale::EnUs, "&locale=en-US"),
        (Locale::Pt, "&locale=pt"),
        (Locale::PtBr, "&locale=pt-BR"),
        (Locale::Es, "&locale=es"),
        (Locale::EsEs, "&locale=es-ES"),
    ] {
        assert_eq!(query(token.url().locale(locale)), expected);
    }
    assert_eq!(query(token.url().theme("light").theme("dark")), "&theme=dark");
    assert_eq!(query(token.url().variant("a b")), "&variant=a%20b");
    assert_eq!(query(token.url().start_with_authentication()), "&initial_screen=authentication");
    let email = query(token.url().user_email("ana+kyc&x=1#é\"@example.com"));
    assert_eq!(email, "&user_email=ana%2Bkyc%26x%3D1%23%C3%A9%22%40example.com");
    assert_eq!(query(token.url().android_webview()), "&is_android_webview=1");
    assert_eq!(query(token.url().ios_webview()), "&is_ios_webview=1");
    let all = token.url().locale(Locale::Es).theme("light").user_email("a@b.c");
    assert_eq!(query(all), "&locale=es&theme=light&user_email=a%40b.c");
}

#[test]
fn has_two_tokens_for_two_flows_and_the_first_is_shown() {
    let widget = widget();
    let (buy, sell) = (sign(&widget, &any_onramp()), selling(&widget));
    assert_eq!((buy.flow(), sell.flow()), (Flow::CryptoOnramp, Flow::CryptoOfframp));
    let address = Environment::Sandbox.app_url();
    let url = buy.url().and(&sell).unwrap().locale(Locale::En).into_string();
    let (buy_text, sell_text) = (buy.as_str(), sell.as_str());
    let expected =
        format!("{address}?bt={buy_text};{sell_text}&active_flow=crypto_onramp&locale=en");
    assert_eq!(url, expected);
    let url = sell.url().and(&buy).unwrap().into_string();
    let expected = format!("{address}?bt={sell_text};{buy_text}&active_flow=crypto_offramp");
    assert_eq!(url, expected);
}

#[test]
fn two_tokens_of_one_flow_or_of_two_environments_do_not_go_together() {
    let widget = widget();
    let buy = sign(&widget, &any_onramp());
    let again = sign(&widget, &any_onramp());
    assert_eq!(buy.url().and(&again).unwrap_err(), UrlError::Flow);
    let elsewhere = selling(&in_production());
    assert_eq!(buy.url().and(&elsewhere).unwrap_err(), UrlError::Environment);
    let both = buy.url().and(&selling(&widget)).unwrap();
    assert_eq!(both.and(&selling(&widget)).unwrap_err(), UrlError::Flow);
}

#[test]
fn debug_shows_neither_the_token_nor_what_a_user_has() {
    let recipient = topper_bootstrap::Recipient::not_editable("XRP", "ledger", "rSecretAddress");
    let onramp = topper_bootstrap::Onramp::spend("4711".parse().unwrap(), "USD", recipient)
        .simulate_country("PT")
        .reusable_kyc("someone", "kycSecret");
    let draft = Draft::new(&onramp).unwrap();
    let before = format!("{onramp:?} {onramp:#?} {draft:?}");
    let token = widget().sign(draft).unwrap();
    let url = token.url().user_email("ana@example.com");
    let shown = format!("{before} {token:?} {token:#?} {url:?}");
    let mut parts: Vec<&str> = token.as_str().split('.').collect();
    parts.extend(["rSecretAddress", "4711", "kycSecret", "ana", "XRP"]);
    for part in parts {
        assert!(!shown.contains(part), "{part} is in {shown}");
    }
    assert!(shown.contains(token.id()));
}
