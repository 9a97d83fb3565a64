//! What on-ramp and off-ramp have in common on their way into a token.

use serde::Serialize;
use serde_json::{Map, Value};
use topper_core::event::{ExactDecimal, Flow};

use crate::{ClaimsError, inspect::private};

/// The registered claims (RFC 7519, section 4.1), and those that Topper documents for either flow.
const RESERVED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "source",
    "target",
    "partner",
    "simulation",
    "periodicity",
    "refund",
    "reusableKyc",
    // At the wrong place, where integrators put it.
    "recipientEditMode",
];

/// What a token is made of: an [`Onramp`](crate::Onramp) or an [`Offramp`](crate::Offramp).
///
/// It is sealed: there are two flows.
pub trait Configuration: sealed::Sealed {
    /// Whether crypto is bought or sold.
    #[doc(hidden)]
    fn flow(&self) -> Flow;

    /// Its claims, checked.
    #[doc(hidden)]
    fn claims(&self) -> Result<Map<String, Value>, ClaimsError>;
}

pub(crate) mod sealed {
    #[expect(unnameable_types, reason = "that is how a trait is sealed")]
    pub trait Sealed {}
}

/// A claim that this version does not know, checked.
pub(crate) fn further(name: &str, value: impl Serialize) -> Result<Value, ClaimsError> {
    if name.trim().is_empty() {
        return Err(ClaimsError::Blank("the claim's name"));
    }
    if RESERVED.contains(&name) {
        return Err(ClaimsError::Reserved(name.to_owned()));
    }
    let value = serde_json::to_value(value).map_err(|_| ClaimsError::NotJson(name.to_owned()))?;
    if private::place(&value, name).is_some() {
        return Err(ClaimsError::PrivateKey(name.to_owned()));
    }
    Ok(value)
}

/// The claims as an object, with the further ones.
pub(crate) fn object(
    claims: &impl Serialize,
    further: &Map<String, Value>,
) -> Result<Map<String, Value>, ClaimsError> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(mut claims)) => {
            claims.extend(further.clone());
            Ok(claims)
        }
        _ => Err(ClaimsError::NotJson("source".to_owned())),
    }
}

/// No value is blank: Topper would refuse it, or worse, take it.
pub(crate) fn present<'a>(
    values: impl IntoIterator<Item = (&'static str, Option<&'a String>)>,
) -> Result<(), ClaimsError> {
    let blank = |(name, value): (&'static str, Option<&String>)| {
        value.is_some_and(|value| value.trim().is_empty()).then_some(name)
    };
    values.into_iter().find_map(blank).map_or(Ok(()), |name| Err(ClaimsError::Blank(name)))
}

/// The amount that is there is one that Topper takes.
pub(crate) fn amounts(
    source: Option<&ExactDecimal>,
    target: Option<&ExactDecimal>,
) -> Result<(), ClaimsError> {
    let named = [("source.amount", source), ("target.amount", target)];
    let wrong = |amount: &ExactDecimal| !is_amount(amount.as_str());
    match named.into_iter().find(|(_, amount)| amount.is_some_and(wrong)) {
        Some((name, _)) => Err(ClaimsError::Amount(name)),
        None => Ok(()),
    }
}

/// Whether it is a number over zero, in digits with at most one point.
pub(crate) fn is_amount(text: &str) -> bool {
    is_number(text) && text.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Whether it is a number in digits with at most one point.
pub(crate) fn is_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(fraction)
}
