//! A delivery as a test in Rust.

use topper_core::KeySet;

use crate::inspector::{hidden::is_hidden, kept::Kept};

/// The most characters of a literal in a line.
const WIDTH: usize = 90;

/// A test that rebuilds the delivery, verifies it, and expects the same result.
///
/// All that comes from outside is in literals, in which only ASCII is not escaped.
pub(super) fn of(number: u64, kept: &Kept, keys: &KeySet) -> String {
    let jwks: Vec<&str> = keys.iter().map(|key| key.jwk()).collect();
    let keys = match &jwks[..] {
        [one] => (*one).to_owned(),
        several => format!("{{\"keys\":[{}]}}", several.join(",")),
    };
    let (keys, body) = (text(&keys), bytes(&kept.delivery.body));
    let mut lines = vec![
        "// In Cargo.toml: `topper`, and under [dev-dependencies] `topper-testkit`.".to_owned(),
        "#[test]".to_owned(),
        format!("fn delivery_{number}() {{"),
        "    use topper::{SourceMode, Verifier};".to_owned(),
        "    use topper_testkit::Delivery;".to_owned(),
        String::new(),
        format!("    let public_key = {keys};"),
        format!("    let body = {body};"),
        "    let mut delivery = Delivery::unsigned(body);".to_owned(),
        "    delivery.headers.clear();".to_owned(),
    ];
    let mut hidden = 0;
    for (name, value) in &kept.delivery.headers {
        if is_hidden(name) {
            hidden += 1;
        } else {
            let (name, value) = (text(name), bytes(value));
            lines.push(format!("    delivery.headers.push(({name}.into(), {value}.to_vec()));"));
        }
    }
    if hidden > 0 {
        lines.push(format!("    // Left out, as they may be secret: {hidden} of the headers."));
    }
    lines.extend(
        [
            "",
            "    let verifier = Verifier::builder()",
            "        .public_key(public_key)",
            "        .sources(SourceMode::Off)",
            "        .retry_while_unproven(false)",
            "        .build()",
            "        .unwrap();",
        ]
        .map(str::to_owned),
    );
    lines.extend(expected(kept));
    lines.push("}\n".to_owned());
    lines.join("\n")
}

fn expected(kept: &Kept) -> Vec<String> {
    if kept.facts.is_valid {
        let envelope = topper_core::Envelope::from_json(&kept.delivery.body);
        let (name, id) = envelope.as_ref().map_or(("", ""), |it| (it.name(), it.id()));
        return vec![
            "    let webhook = delivery.verify(&verifier).unwrap();".to_owned(),
            format!("    assert_eq!(webhook.name(), {});", text(name)),
            format!("    assert_eq!(webhook.id(), {});", text(id)),
            "    assert_eq!(webhook.body(), body);".to_owned(),
        ];
    }
    let (status, code) = (kept.facts.reply.status(), kept.facts.reply.code());
    vec![
        "    let reply = delivery.verify(&verifier).unwrap_err().reply();".to_owned(),
        format!("    assert_eq!((reply.status(), reply.code()), ({status}, \"{code}\"));"),
    ]
}

/// A literal of a text.
fn text(text: &str) -> String {
    let units = text.chars().map(|c| match c {
        // Of it every editor shows the same.
        ' '..='~' if !matches!(c, '"' | '\\') => c.to_string(),
        c => c.escape_default().to_string(),
    });
    format!("\"{}\"", wrapped(units))
}

/// A literal of bytes.
fn bytes(bytes: &[u8]) -> String {
    let units = bytes.iter().map(|byte| match byte {
        b'\'' => "'".to_owned(),
        byte => byte.escape_ascii().to_string(),
    });
    format!("b\"{}\"", wrapped(units))
}

/// In lines that are not too long. The compiler skips the spaces at the start of the next one.
fn wrapped(units: impl Iterator<Item = String>) -> String {
    let (mut literal, mut width) = (String::new(), 0);
    for unit in units {
        if width + unit.len() > WIDTH && unit != " " {
            literal.push_str("\\\n        ");
            width = 0;
        }
        width += unit.len();
        literal.push_str(&unit);
    }
    literal
}
