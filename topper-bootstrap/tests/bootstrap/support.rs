//! A widget, and what a token says.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use topper_bootstrap::{
    Configuration, Draft, Environment, Onramp, Recipient, Token, Widget, WidgetBuilder,
};
use topper_testkit::TestKey;

pub(crate) const WIDGET_ID: &str = "b0a1e8c2-6d0f-4b8e-9a39-2b8f5d1c7e64";
pub(crate) const KEY_ID: &str = "3f2c9d4e-8a57-4d0b-b6f1-0c5e7a9d1b23";

pub(crate) fn builder() -> WidgetBuilder {
    Widget::builder(Environment::Sandbox).widget_id(WIDGET_ID).key_id(KEY_ID)
}

/// A widget whose key both back ends take.
pub(crate) fn widget() -> Widget {
    builder().private_key(TestKey::generate().private_jwk()).build().unwrap()
}

pub(crate) fn sign(widget: &Widget, configuration: &impl Configuration) -> Token {
    widget.sign(Draft::new(configuration).unwrap()).unwrap()
}

pub(crate) fn any_onramp() -> Onramp {
    Onramp::spend("100.00".parse().unwrap(), "USD", Recipient::all_editable())
}

/// Header and claims, decoded by hand.
pub(crate) fn decode(token: &str) -> (Value, Value) {
    let parts: Vec<&str> = token.split('.').collect();
    let part =
        |at: usize| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[at]).unwrap()).unwrap();
    assert_eq!(parts.len(), 3);
    (part(0), part(1))
}

/// A token of any header and claims, with a signature that matches nothing.
pub(crate) fn forge(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode([7; 64]))
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is logged meanwhile.
pub(crate) fn logged<T>(run: impl FnOnce() -> T) -> (T, String) {
    // With a single subscriber, tracing asks the thread that comes to a line of code first whether
    // it is of interest, and that may be one of another test, which has none.
    static SECOND: LazyLock<tracing::Dispatch> =
        LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));
    LazyLock::force(&SECOND);
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    let result = tracing::subscriber::with_default(subscriber, run);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    (result, text)
}
