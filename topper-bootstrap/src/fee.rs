//! A partner's fee.

use std::{fmt, str::FromStr};

use serde::Serialize;
use topper_core::event::ExactDecimal;

use crate::configuration::is_number;

/// The highest fee that Topper takes, in percent.
const MOST: u8 = 5;

/// A fee in percent of the total, 0 to 5, as exact text.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::FeePercentage;
///
/// let fee: FeePercentage = "2.5".parse()?;
/// assert_eq!(fee.as_str(), "2.5");
/// assert!("5.01".parse::<FeePercentage>().is_err());
/// # Ok::<(), topper_bootstrap::FeeError>(())
/// ```
///
/// A fee that was not checked cannot be given to a [`Partner`](crate::Partner):
///
/// ```compile_fail,E0308
/// use topper_bootstrap::Partner;
///
/// let partner = Partner::new().fee("7.5");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct FeePercentage(
    #[cfg_attr(
        feature = "schemars",
        schemars(regex(pattern = r"^(0*[0-4](\.[0-9]+)?|0*5(\.0+)?)$"))
    )]
    String,
);

impl FeePercentage {
    /// The text that is written into the token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FeePercentage {
    type Err = FeeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_fee(text) { Ok(Self(text.to_owned())) } else { Err(FeeError) }
    }
}

impl TryFrom<&ExactDecimal> for FeePercentage {
    type Error = FeeError;

    fn try_from(number: &ExactDecimal) -> Result<Self, Self::Error> {
        number.as_str().parse()
    }
}

impl fmt::Display for FeePercentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether it is a number that is not over the highest fee.
pub(crate) fn is_fee(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: Option<u8> = match whole.trim_start_matches('0') {
        "" => Some(0),
        digits => digits.parse().ok(),
    };
    is_number(text)
        && whole.is_some_and(|whole| {
            whole < MOST || (whole == MOST && fraction.bytes().all(|digit| digit == b'0'))
        })
}

/// A fee is not a number from 0 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("a fee is a number from 0 to {MOST}, written in digits with at most one point")]
#[non_exhaustive]
pub struct FeeError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_up_to_five_percent_and_keeps_the_text() {
        for text in
            ["0", "0.00", "0.01", "1", "4.999999999999999999999999", "5", "5.00", "005", "2.50"]
        {
            assert_eq!(text.parse::<FeePercentage>().unwrap().as_str(), text);
        }
        let number: ExactDecimal = "2.50".parse().unwrap();
        assert_eq!(FeePercentage::try_from(&number).unwrap().to_string(), "2.50");
    }

    #[test]
    fn refuses_more_less_than_nothing_and_what_is_not_a_number() {
        for text in ["5.000000000000000000000001", "6", "10", "500", "-1", "", ".", "5.", ".5"] {
            text.parse::<FeePercentage>().unwrap_err();
        }
        for text in ["1e0", "0x1", "1,5", "1.2.3", " 1", "five", "٣", "+1", "99999999999999999999"]
        {
            text.parse::<FeePercentage>().unwrap_err();
        }
    }
}
