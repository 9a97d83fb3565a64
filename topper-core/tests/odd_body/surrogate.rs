//! Half a surrogate pair: U+FFFD in what only people read, an error in what is signed for.

use topper_core::{Envelope, event::OrderStatus};

use crate::{Kyc, NO_EVENT, Offramp, Onramp, Row, User, check};

pub(crate) const ROWS: &[Row] = &[
    // Texts that only people read.
    (Onramp, "data.widget.name", r#""shop \ud83d""#, ""),
    (Onramp, "data.widget.name", r#""\ude00 shop""#, ""),
    (Onramp, "data.widget.name", r#""\ud83d\ude00""#, ""),
    (Offramp, "data.widget.name", r#""\uD83D\uD83D""#, ""),
    (Onramp, "data.user.country", r#""\udc00""#, ""),
    (Onramp, "data.refund.formattedAmount", r#""\ud83d 100.00""#, ""),
    (Onramp, "data.destination.blockchainUrl", r#""https://\ud83d""#, ""),
    (Onramp, "data.destination.ledger.url", r#""https://\ud83d""#, ""),
    (Onramp, "data.origin.paymentMethod.network", r#""card\ud83d""#, ""),
    (Offramp, "data.destination.paymentMethod.network", r#""card\ud83d""#, ""),
    // Values of enumerations: none that is known has one.
    (Onramp, "data.status", r#""completed\ud83d""#, ""),
    (Onramp, "data.origin.paymentMethod.type", r#""\ud83d""#, ""),
    (Onramp, "data.destination.priority", r#""\ud83d""#, ""),
    (Onramp, "data.destination.tag.type", r#""\ud83d""#, ""),
    (Onramp, "data.fees.0.type", r#""\ud83d""#, ""),
    (Onramp, "data.error.reason", r#""\ud83d""#, ""),
    (Onramp, "data.widget.flow", r#""\ud83d""#, ""),
    (User, "data.authenticationMethod", r#""\ud83d""#, ""),
    // Times, which may be any text.
    (Onramp, "data.updatedAt", r#""\ud83d""#, ""),
    (Offramp, "data.origin.depositAddress.remindAt", r#""\ud83d""#, ""),
    (User, "data.user.confirmedAt", r#""\ud83d""#, ""),
    (Kyc, "data.kycSession.updatedAt", r#""\ud83d""#, ""),
    // Fields that no one knows: their names and what is in them.
    (Onramp, "data.brandNew", r#""\ud83d""#, ""),
    (Onramp, "data.brandNew", r#"{"\ud83d":{"\ud83d":["\ud83d"]}}"#, ""),
    (Onramp, "data.brandNew", r#"1,"\ud83d":2"#, ""),
    (Onramp, "data.brandNew", r#"1,"\ud83d":2,"\ud83d":3"#, ""),
    (Onramp, "data.origin.brandNew", r#"1,"amount\ud83d":"7""#, ""),
    (Onramp, "data.fees.1.brandNew", r#"1,"\ude00":[]"#, ""),
    (Offramp, "data.origin.depositAddress.brandNew", r#"1,"\ude00":null"#, ""),
    (Kyc, "data.user.brandNew", r#"1,"\ude00":{}"#, ""),
    (Onramp, "brandNew", r#""\ud83d""#, ""),
    (Onramp, "brandNew", r#"1,"\ud83d":2"#, ""),
    (Onramp, "brandNew", r#"1,"id\ud83d":"x","data\ud83d":[]"#, ""),
    (Onramp, "bootstrapTokenId", r#""\ud83d""#, ""),
    // Ids, codes, addresses, tags and amounts.
    (Onramp, "data.id", r#""\ud83d""#, "data.id is not Unicode text"),
    (Onramp, "data.widget.id", r#""\ud83d""#, "data.widget.id is not Unicode text"),
    (Onramp, "data.origin.asset", r#""\ud83d""#, "data.origin.asset is not Unicode text"),
    (Onramp, "data.destination.asset", r#""\ud83d""#, "data.destination.asset is not Unicode text"),
    (
        Onramp,
        "data.destination.network",
        r#""ethereum\ud83d""#,
        "data.destination.network is not Unicode text",
    ),
    (
        Onramp,
        "data.destination.address",
        r#""0x5aAe\ud83d""#,
        "data.destination.address is not Unicode text",
    ),
    (
        Onramp,
        "data.destination.tag.value",
        r#""\ud83d""#,
        "data.destination.tag.value is not Unicode text",
    ),
    (
        Onramp,
        "data.destination.ledger.txid",
        r#""\ud83d""#,
        "data.destination.ledger.txid is not Unicode text",
    ),
    (Onramp, "data.fees.0.asset", r#""\ud83d""#, "data.fees[0].asset is not Unicode text"),
    (
        Offramp,
        "data.origin.depositAddress.value",
        r#""\ud83d""#,
        "data.origin.depositAddress.value is not Unicode text",
    ),
    (Offramp, "data.refund.address", r#""\ud83d""#, "data.refund.address is not Unicode text"),
    (Offramp, "data.refund.tag.value", r#""\ud83d""#, "data.refund.tag.value is not Unicode text"),
    (User, "data.user.id", r#""\ud83d""#, "data.user.id is not Unicode text"),
    (Onramp, "data.origin.amount", r#""1\ud83d""#, "data.origin.amount is not a decimal number"),
    (Onramp, "data.origin.rate", r#""\ud83d""#, "data.origin.rate is not a decimal number"),
    (Onramp, "data.fees.0.amount", r#""\ud83d""#, "data.fees[0].amount is not a decimal number"),
    // What the envelope stands on.
    (Onramp, "id", r#""\ud83d""#, NO_EVENT),
    (Onramp, "name", r#""order:\ud83d""#, NO_EVENT),
];

#[test]
fn a_lone_surrogate_is_no_reason_to_lose_an_order_where_no_program_decides_by_it() {
    check(ROWS);
}

#[test]
fn a_lone_surrogate_becomes_one_replacement_character() {
    let body = Onramp.odd("data.widget.name", r#""shop \ud83d!""#);
    let body = body.replace(r#""status":"completed""#, r#""status":"completed\ud83d""#);
    let event = Envelope::from_json(body.as_bytes()).unwrap().into_event().unwrap();
    let order = event.onramp_order().unwrap();
    assert_eq!(order.widget.name.as_deref(), Some("shop \u{fffd}!"));
    assert_eq!(order.status, OrderStatus::Unknown("completed\u{fffd}".to_owned()));
    assert_eq!(order.destination.rate.as_str(), "1770.27534301775263314892");
}
