//! Tests of exact decimals.

use serde_json::json;

use super::fixture::{decoded, event};
use crate::event::{DecimalError, EventName, ExactDecimal};

#[test]
fn takes_decimal_text() {
    for text in [
        "0",
        "-0",
        "1",
        "007",
        "100.00",
        "-12.5",
        "1770.27534301775263314892",
        "1e-7",
        "2.5E+10",
        "1e5",
        &"9".repeat(128),
    ] {
        assert_eq!(text.parse::<ExactDecimal>().unwrap().as_str(), text);
    }
}

#[test]
fn refuses_any_other_text() {
    for text in [
        "",
        "-",
        "+1",
        ".5",
        "5.",
        "1.2.3",
        "1,5",
        " 1",
        "1 ",
        "1e",
        "1e+",
        "e5",
        "1e1.5",
        "1e5e5",
        "--1",
        "0x1",
        "NaN",
        "inf",
        "1_000",
        "١",
        "1\0",
        &"9".repeat(129),
    ] {
        assert_eq!(text.parse::<ExactDecimal>(), Err(DecimalError), "{text}");
    }
}

#[test]
fn compares_text() {
    let decimal = |text: &str| text.parse::<ExactDecimal>().unwrap();
    assert_eq!(decimal("1.0"), decimal("1.0"));
    assert_ne!(decimal("1.0"), decimal("1.00"));
}

#[test]
fn does_not_take_an_amount_from_a_number() {
    for amount in [json!(100), json!(100.5), json!("a lot"), json!(null)] {
        let mut event = event(EventName::OrderCryptoOnrampCompleted);
        event["data"]["origin"]["amount"] = amount;
        assert!(decoded(&event).event().is_err());
    }
}

#[cfg(feature = "rust_decimal")]
mod conversion {
    use rust_decimal::Decimal;

    use crate::event::{ExactDecimal, InexactDecimalError};

    fn converted(text: &str) -> Result<String, InexactDecimalError> {
        let decimal: ExactDecimal = text.parse().unwrap();
        Decimal::try_from(&decimal).map(|decimal| decimal.to_string())
    }

    #[test]
    fn converts_what_fits() {
        for (text, expected) in [
            ("100.00", "100.00"),
            ("-12.5", "-12.5"),
            ("1770.27534301775263314892", "1770.27534301775263314892"),
            ("79228162514264337593543950335", "79228162514264337593543950335"),
            ("1e-7", "0.0000001"),
            ("1.5E+3", "1500"),
            ("1.2345e2", "123.45"),
            ("1000e-30", "0.0000000000000000000000000010"),
            ("0e999", "0"),
        ] {
            assert_eq!(converted(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_to_round() {
        for text in [
            "79228162514264337593543950336",
            "0.12345678901234567890123456789",
            "1770.275343017752633148921234567",
            "1e29",
            "1e-29",
            "12e-29",
            "1e99999999999999999999",
            "1e-9223372036854775808",
            "1e9223372036854775807",
        ] {
            assert_eq!(converted(text), Err(InexactDecimalError), "{text}");
        }
    }
}
