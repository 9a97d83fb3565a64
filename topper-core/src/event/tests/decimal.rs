//! Tests of exact decimals.

use super::fixture::event;
use crate::event::{DecimalError, Envelope, Event, EventName, ExactDecimal, PayloadError};

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

/// A completed order with that JSON for its amount.
fn with_amount(json: &str) -> Result<Event, PayloadError> {
    let event = event(EventName::OrderCryptoOnrampCompleted).to_string();
    let event = event.replace(r#""amount":"100.00""#, &format!(r#""amount":{json}"#));
    Envelope::from_json(event.as_bytes()).unwrap().into_event()
}

#[test]
fn keeps_the_exact_text_of_a_json_number() {
    for number in [
        "100",
        "-0",
        "-12.50",
        "100.00",
        "1e-7",
        "2.5E+10",
        "1770.27534301775263314892",
        "123456789012345678901234567890",
        &"9".repeat(128),
    ] {
        let event = with_amount(number).unwrap();
        assert_eq!(event.onramp_order().unwrap().origin.amount.as_str(), number);
        let again = serde_json::to_string(&event).unwrap();
        assert!(again.contains(&format!(r#""amount":"{number}""#)), "{number} is not text");
    }
}

#[test]
fn takes_no_amount_from_anything_else() {
    for other in ["true", "[]", "{}", r#""a lot""#, r#""1,5""#, r#""\ud800""#, &"9".repeat(129)] {
        let error = with_amount(other).unwrap_err();
        assert_eq!(error.to_string(), "data.origin.amount is not a decimal number", "{other}");
    }
    assert_eq!(with_amount("null").unwrap_err().to_string(), "data.origin.amount is missing");
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
