//! The text of a key: JWK, JWK Set or PEM.

use serde_json::Value;
use topper_core::{KeySet, PublicKey};

/// Keys are the same after they are printed and parsed again, and an error shows no private part.
pub fn key_text(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let keys = match KeySet::parse(text) {
        Ok(keys) => keys,
        Err(error) => return shows_nothing(text, &format!("{error} {error:?}")),
    };
    let printed: Vec<&str> = keys.iter().map(PublicKey::jwk).collect();
    for jwk in &printed {
        assert_eq!(jwks(jwk), [*jwk]);
    }
    assert_eq!(jwks(&format!(r#"{{"keys":[{}]}}"#, printed.join(","))), printed);
    // How the text is pasted makes no difference.
    assert_eq!(jwks(&format!("\u{feff}\r\n{text}\n ")), printed);
    shows_nothing(text, &format!("{keys:?}"));
}

fn jwks(text: &str) -> Vec<String> {
    KeySet::parse(text).unwrap().iter().map(|key| key.jwk().to_owned()).collect()
}

/// No number of a key is in the output, nor, of text that is not JSON, any run of 40 digits of base64.
/// The id of a key is shown, so a number that is in it may be, too, and text with an id is left out of
/// the second.
fn shows_nothing(text: &str, shown: &str) {
    let (mut id, mut secrets) = (String::new(), Vec::new());
    match serde_json::from_str(text) {
        Ok(Value::Object(jwk)) => {
            id = jwk.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned();
            secrets.extend(jwk);
        }
        _ if text.contains("kid") => {}
        _ => {
            let is_digit = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
            let runs = text.split(|c| !is_digit(c)).filter(|run| run.len() >= 40);
            secrets.extend(runs.map(|run| (String::new(), Value::from(run))));
        }
    }
    for (name, secret) in secrets {
        let Some(secret) = secret.as_str() else { continue };
        let is_number = ["", "d", "k", "n", "p", "q", "x", "y"].contains(&name.as_str());
        let is_long = secret.len() >= 20 && !id.contains(secret);
        let is_shown = is_number && is_long && shown.contains(secret);
        assert!(!is_shown, "a part of the key is shown");
    }
}
