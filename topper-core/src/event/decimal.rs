//! Amounts and rates, stored as text.

use std::{fmt, str::FromStr};

use serde::{
    de::{Deserialize, Deserializer},
    ser::{Serialize, Serializer},
};

use super::decode::text;

/// No amount is longer. The limit protects conversions.
const MOST_BYTES: usize = 128;

/// An amount or a rate, as the exact text that Topper sent.
///
/// Topper sends decimal strings with 20 and more fraction digits, which no float can hold. The text is
/// a decimal number of at most 128 bytes, with an optional sign and exponent. The unit is the asset in
/// the same object.
///
/// If an event has a JSON number instead (`12.5`, `1e-7`), its exact text is kept, and serialised as a
/// string: `"12.5"`. This works with a verified [`Webhook`](crate::Webhook),
/// [`Envelope::from_json`](crate::Envelope::from_json) and
/// [`UnknownEvent::decode`](super::UnknownEvent::decode). `Deserialize` on its own accepts only
/// strings, because serde has no exact numbers.
///
/// Values are equal if their texts are equal: `1.0` is not `1.00`.
///
/// It does not implement `Display`, and `Debug` does not show the text. So an amount reaches a log or a
/// page only through [`as_str`](Self::as_str), never through a careless `{}`.
///
/// # Examples
///
/// ```
/// use topper::event::ExactDecimal;
///
/// let rate: ExactDecimal = "1770.27534301775263314892".parse()?;
/// assert_eq!(rate.as_str(), "1770.27534301775263314892");
/// # Ok::<(), topper::event::DecimalError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(
        inline,
        extend("type" = ["string", "number"], "pattern" = PATTERN, "maxLength" = MOST_BYTES)
    )
)]
pub struct ExactDecimal(Box<str>);

impl ExactDecimal {
    /// The text as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses the number as another type, such as `rust_decimal::Decimal` or `bigdecimal::BigDecimal`.
    /// **Never use `f64`**: it cannot hold the number exactly.
    ///
    /// Some types round silently, such as `rust_decimal` after 28 digits. `to_rust_decimal` (feature
    /// `rust_decimal`) does not round.
    ///
    /// # Errors
    ///
    /// The errors of that type.
    ///
    /// # Examples
    ///
    /// ```
    /// use topper::event::ExactDecimal;
    ///
    /// let cents: ExactDecimal = "1250".parse()?;
    /// assert_eq!(cents.parse::<u64>()?, 1250);
    ///
    /// # #[cfg(feature = "rust_decimal")]
    /// # {
    /// let rate: ExactDecimal = "1770.27534301775263314892".parse()?;
    /// assert!(rate.parse::<rust_decimal::Decimal>().is_ok_and(|rate| rate.scale() == 20));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse<T: FromStr>(&self) -> Result<T, T::Err> {
        self.0.parse()
    }

    /// Converts the number exactly.
    ///
    /// # Errors
    ///
    /// When a `Decimal` (about 28 digits) cannot hold it without rounding.
    #[cfg(feature = "rust_decimal")]
    pub fn to_rust_decimal(&self) -> Result<rust_decimal::Decimal, InexactDecimalError> {
        exact(&self.0).ok_or(InexactDecimalError)
    }
}

impl AsRef<str> for ExactDecimal {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl TryFrom<String> for ExactDecimal {
    type Error = DecimalError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if is_decimal(&text) { Ok(Self(text.into())) } else { Err(DecimalError) }
    }
}

impl FromStr for ExactDecimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_decimal(text) { Ok(Self(text.into())) } else { Err(DecimalError) }
    }
}

impl fmt::Debug for ExactDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExactDecimal").finish_non_exhaustive()
    }
}

impl Serialize for ExactDecimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ExactDecimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::named(text::DECIMAL, deserializer, |text| text.parse().ok())
    }
}

/// The text is not a decimal number, or is longer than 128 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most {MOST_BYTES} bytes")]
#[non_exhaustive]
pub struct DecimalError;

/// What [`is_decimal`] accepts, for the schemas.
#[cfg(feature = "schemars")]
const PATTERN: &str = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$";

/// Whether the text is `-?digits(.digits)?([eE][+-]?digits)?`.
fn is_decimal(text: &str) -> bool {
    if text.len() > MOST_BYTES {
        return false;
    }
    let (number, exponent) = split_exponent(text);
    let number = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    let exponent = exponent.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    is_digits(whole) && fraction.is_none_or(is_digits) && exponent.is_none_or(is_digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn split_exponent(text: &str) -> (&str, Option<&str>) {
    match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    }
}

/// A number that `rust_decimal::Decimal` cannot hold without rounding.
#[cfg(feature = "rust_decimal")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the number cannot be converted without rounding")]
#[non_exhaustive]
pub struct InexactDecimalError;

#[cfg(feature = "rust_decimal")]
impl TryFrom<&ExactDecimal> for rust_decimal::Decimal {
    type Error = InexactDecimalError;

    fn try_from(decimal: &ExactDecimal) -> Result<Self, Self::Error> {
        decimal.to_rust_decimal()
    }
}

/// `rust_decimal`'s own parser for exponents rounds, so it is not used.
#[cfg(feature = "rust_decimal")]
fn exact(text: &str) -> Option<rust_decimal::Decimal> {
    use rust_decimal::Decimal;

    let (number, exponent) = split_exponent(text);
    let number = Decimal::from_str_exact(number).ok()?;
    let Some(exponent) = exponent else {
        return Some(number);
    };
    let mut digits = number.mantissa();
    if digits == 0 {
        return Some(Decimal::ZERO);
    }
    let mut scale = i64::from(number.scale()).checked_sub(exponent.parse().ok()?)?;
    while scale > i64::from(Decimal::MAX_SCALE) && digits % 10 == 0 {
        digits /= 10;
        scale -= 1;
    }
    if scale < 0 {
        let power = u32::try_from(scale.checked_neg()?).ok()?;
        digits = digits.checked_mul(10_i128.checked_pow(power)?)?;
        scale = 0;
    }
    Decimal::try_from_i128_with_scale(digits, u32::try_from(scale).ok()?).ok()
}
