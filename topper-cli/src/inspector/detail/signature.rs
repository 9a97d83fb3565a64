//! Whether the signature matches, in words.

use serde_json::{Value, json};
use topper_core::{
    internal::{Short, WithCauses},
    protocol::SIGNATURE_HEADER,
};

use crate::{
    explaining::{self, Endpoint, Explanation},
    inspector::kept::Kept,
};

const MISSING: &str = "Topper signs each delivery. This one is not from Topper, or something on the way \
                       has removed the header.";
const REPEATED: &str = "Topper sends the header once. Find out what has added another one.";

pub(super) fn of(kept: &Kept, endpoints: &[Endpoint]) -> Value {
    let lines = kept.delivery.headers.iter();
    let lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE_HEADER));
    let tokens: Vec<&[u8]> = lines.map(|(_, token)| &token[..]).collect();
    let ([token], Some(own)) = (&tokens[..], endpoints.first()) else {
        let advice = if tokens.is_empty() { MISSING } else { REPEATED };
        let text = kept.facts.reason.clone().unwrap_or_else(|| "no signature".to_owned());
        return object(false, text, Explanation { holds: Vec::new(), advice: vec![advice.into()] });
    };
    let body = &kept.delivery.body;
    match own.keys.verify(token, body) {
        Ok(key) => {
            let text = format!("valid, signed with key {} ({})", Short(key.id()), key.algorithm());
            object(true, text, Explanation { holds: Vec::new(), advice: Vec::new() })
        }
        Err(error) => {
            let explanation = explaining::explain(endpoints, token, body, &error);
            object(false, WithCauses(&error).to_string(), explanation)
        }
    }
}

fn object(is_valid: bool, text: String, explanation: Explanation) -> Value {
    let Explanation { holds, advice } = explanation;
    json!({"valid": is_valid, "text": text, "holds": holds, "advice": advice})
}
