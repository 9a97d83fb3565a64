//! The rules of a token's header.

use serde_json::{Map, Value};

use super::{Finding, private};
use crate::Algorithm;

pub(super) fn check(header: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    // Media types are compared without regard to case (RFC 7519, section 5.1).
    if !text("typ").is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")) {
        findings.push(Finding::Type);
    }
    let algorithm = text("alg");
    if algorithm.and_then(|name| name.parse::<Algorithm>().ok()).is_none() {
        findings.push(Finding::Algorithm(algorithm.map(str::to_owned)));
    }
    if text("kid").is_none_or(|kid| kid.trim().is_empty()) {
        findings.push(Finding::KeyId);
    }
    let whole = Value::Object(header.clone());
    findings.extend(private::place(&whole, "header").map(Finding::PrivateKey));
}
