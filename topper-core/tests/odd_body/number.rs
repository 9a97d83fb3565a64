//! Numbers for text, text for numbers, and numbers that no float holds.

use crate::{Kyc, NO_EVENT, Offramp, Onramp, Row, User, check};

pub(crate) const ROWS: &[Row] = &[
    // Amounts and rates.
    (Onramp, "data.origin.amount", "100", ""),
    (Onramp, "data.origin.amount", "100.00", ""),
    (Onramp, "data.origin.amount", "12.5", ""),
    (Onramp, "data.origin.amount", "-0", ""),
    (Onramp, "data.origin.amount", "1e-7", ""),
    (Onramp, "data.origin.amount", "2.5E+10", ""),
    (Onramp, "data.origin.amount", "1e400", ""),
    (Onramp, "data.origin.amount", r#""1e-7""#, ""),
    (Onramp, "data.origin.amount", r#""-1.50""#, ""),
    (Onramp, "data.origin.amount", r#""007""#, ""),
    (Onramp, "data.origin.amount", r#""\u0031""#, ""),
    (Onramp, "data.destination.rate", "1770.27534301775263314892", ""),
    (Onramp, "data.destination.rate", "123456789012345678901234567890", ""),
    (Onramp, "data.fees.0.amount", "12.5", ""),
    (Onramp, "data.fees.0.normalized", "1e-7", ""),
    (Onramp, "data.refund.rate", "1", ""),
    (Offramp, "data.refund.amount", "249.1", ""),
    (Offramp, "data.origin.rate", "0.91827364554637281905", ""),
    (Offramp, "data.destination.amount", "0", ""),
    (Onramp, "data.origin.amount", r#""""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", r#""a lot""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", r#""1,5""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", r#"" 1""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", r#""+1""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", r#"".5""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", r#""1e""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", r#""NaN""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", "true", "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.amount", "[1]", "data.origin.amount is not a decimal number"),
    (
        Onramp,
        "data.origin.amount",
        r#"{"value":"1"}"#,
        "data.origin.amount is not a decimal number",
    ),
    (Onramp, "data.fees.0.amount", r#""free""#, "data.fees[0].amount is not a decimal number"),
    (Onramp, "data.fees.1.normalized", "false", "data.fees[1].normalized is not a decimal number"),
    (Onramp, "data.refund.rate", r#""one""#, "data.refund.rate is not a decimal number"),
    // No JSON at all.
    (Onramp, "data.origin.amount", "01", NO_EVENT),
    (Onramp, "data.origin.amount", ".5", NO_EVENT),
    (Onramp, "data.origin.amount", "+1", NO_EVENT),
    (Onramp, "data.origin.amount", "NaN", NO_EVENT),
    (Onramp, "data.origin.amount", "1_000", NO_EVENT),
    // Numbers where text belongs.
    (Onramp, "data.id", "7", "data.id is not text"),
    (Onramp, "data.status", "1", "data.status is not text"),
    (Onramp, "data.updatedAt", "1770091506", "data.updatedAt is not text"),
    (Onramp, "data.createdAt", "1.5", "data.createdAt is not text"),
    (Onramp, "data.origin.asset", "978", "data.origin.asset is not text"),
    (Onramp, "data.destination.address", "0", "data.destination.address is not text"),
    (Onramp, "data.destination.tag.value", "730164", "data.destination.tag.value is not text"),
    (Onramp, "data.destination.tag.type", "[]", "data.destination.tag.type is not text"),
    (Onramp, "data.destination.ledger.txid", "1", "data.destination.ledger.txid is not text"),
    (Onramp, "data.destination.ledger.url", "1", "data.destination.ledger.url is not text"),
    (Onramp, "data.widget.name", "7", "data.widget.name is not text"),
    (Onramp, "data.user.country", "620", "data.user.country is not text"),
    (Onramp, "data.fees.1.type", "{}", "data.fees[1].type is not text"),
    (Onramp, "data.fees", "12", "data.fees is not a list"),
    (Onramp, "data.refund.formattedAmount", "100", "data.refund.formattedAmount is not text"),
    (Onramp, "data.error.reason", "3", "data.error.reason is not text"),
    (Onramp, "data.origin.paymentMethod.type", "1", "data.origin.paymentMethod.type is not text"),
    (
        Offramp,
        "data.origin.depositAddress.expiredAt",
        "1770091506",
        "data.origin.depositAddress.expiredAt is not text",
    ),
    (User, "data.authenticationMethod", "0", "data.authenticationMethod is not text"),
    (User, "data.user.id", "7", "data.user.id is not text"),
    (Kyc, "data.kycSession.updatedAt", "false", "data.kycSession.updatedAt is not text"),
    (Onramp, "data.brandNew", "1e999", ""),
    (Onramp, "bootstrapTokenId", "7", ""),
    (Onramp, "id", "7", NO_EVENT),
    (Onramp, "name", "7", NO_EVENT),
];

#[test]
fn an_amount_may_be_a_number_and_no_text_may() {
    check(ROWS);
}

#[test]
fn a_number_of_20_000_digits_is_no_amount_and_any_other_field_may_have_it() {
    let digits = "9".repeat(20_000).leak();
    let text: &str = format!("\"{digits}\"").leak();
    let fraction: &str = format!("0.{digits}").leak();
    let exponent: &str = format!("1e{digits}").leak();
    let longest: &str = "9".repeat(128).leak();
    let refused = "data.origin.amount is not a decimal number";
    check(&[
        (Onramp, "data.origin.amount", digits, refused),
        (Onramp, "data.origin.amount", text, refused),
        (Onramp, "data.origin.amount", fraction, refused),
        (Onramp, "data.origin.amount", exponent, refused),
        (Onramp, "data.origin.amount", longest, ""),
        (Onramp, "data.destination.address", text, ""),
        (Onramp, "data.brandNew", digits, ""),
        (Onramp, "data.brandNew", exponent, ""),
        (Onramp, "brandNew", fraction, ""),
        (Onramp, "id", digits, NO_EVENT),
        (Onramp, "id", text, NO_EVENT),
    ]);
}
