//! Bootstrap tokens for `.ci/check-tokens`, which verifies them with other people's libraries.

use std::{
    error::Error,
    io::{self, BufRead as _},
};

use serde_json::{Value, json};
use topper_bootstrap::{
    DeviceCheck, DeviceField, Draft, Environment, Onramp, Partner, Periodicity, Recipient, Widget,
};

/// Signs a token with each key on the standard input: a line each, in JSON, with `algorithm` and `key`.
/// Writes each line again with the token, the public key and the claims that were meant.
pub(crate) fn sign() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lock().lines() {
        let mut line: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        let widget = Widget::builder(Environment::Sandbox)
            .widget_id("a-widget")
            .key_id("a-key")
            .private_key(text("key"))
            .algorithm(text("algorithm").parse()?)
            .build()?;
        let draft = Draft::new(&onramp()?)?;
        let claims = json!({
            "jti": draft.id(),
            "sub": "a-widget",
            "source": {"amount": "1770.27534301775263314892", "asset": "USD"},
            "target": {
                "recipientEditMode": "only-address-and-tag",
                "asset": "ETH",
                "network": "ethereum",
                "label": "Ana's wallet: é, 日本, \u{1f980}",
            },
            "periodicity": "weekly",
            "partner": {"validation": {"device": {
                "fields": ["ip", "user-agent"],
                // `printf '203.0.113.7Mozilla/5.0' | sha256sum`
                "hash": "bc176286b66650c65f15ac9e85dbbfdd5b1e2ab8324a3acad342122a9870fdce",
            }}},
        });
        let token = widget.sign(draft)?;
        let public_jwk: Value = serde_json::from_str(widget.public_jwk())?;
        let Value::Object(fields) = &mut line else { return Err("not an object".into()) };
        fields.remove("key");
        fields.insert("token".to_owned(), token.as_str().into());
        fields.insert("publicJwk".to_owned(), public_jwk);
        fields.insert("claims".to_owned(), claims);
        println!("{line}");
    }
    Ok(())
}

fn onramp() -> Result<Onramp, Box<dyn Error>> {
    let recipient = Recipient::only_address_and_tag("ETH", "ethereum")
        .label("Ana's wallet: é, 日本, \u{1f980}");
    let device = DeviceCheck::hashed([
        (DeviceField::Ip, "203.0.113.7"),
        (DeviceField::UserAgent, "Mozilla/5.0"),
    ]);
    let onramp = Onramp::spend("1770.27534301775263314892".parse()?, "USD", recipient);
    Ok(onramp.periodicity(Periodicity::Weekly).partner(Partner::new().device(device)))
}
