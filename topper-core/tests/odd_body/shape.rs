//! Fields that occur twice, other shapes, and deep nesting.

use crate::{Kyc, NO_EVENT, Offramp, Onramp, Row, User, check};

pub(crate) const ROWS: &[Row] = &[
    (Onramp, "data.id", r#""a","id":"b""#, "data.id occurs twice"),
    (Onramp, "data.id", r#""a","id":"a""#, "data.id occurs twice"),
    (Onramp, "data.id", r#""a","\u0069d":"b""#, "data.id occurs twice"),
    (Onramp, "data.id", r#"null,"id":"b""#, "data.id occurs twice"),
    (Onramp, "data.status", r#""completed","status":"failed""#, "data.status occurs twice"),
    (Onramp, "data.origin.amount", r#""1","amount":"2""#, "data.origin.amount occurs twice"),
    (Onramp, "data.origin.amount", r#"1,"amount":2"#, "data.origin.amount occurs twice"),
    (Onramp, "data.fees.0.amount", r#""1","amount":"2""#, "data.fees[0].amount occurs twice"),
    (Onramp, "data.user", r#"{},"user":{}"#, "data.user occurs twice"),
    (Onramp, "data.destination.tag", r#"null,"tag":{}"#, "data.destination.tag occurs twice"),
    (
        Onramp,
        "data.destination.tag.value",
        r#""1","value":"2""#,
        "data.destination.tag.value occurs twice",
    ),
    (
        Offramp,
        "data.origin.depositAddress.value",
        r#""a","value":"b""#,
        "data.origin.depositAddress.value occurs twice",
    ),
    (Offramp, "data.origin.depositAddress.expiredAt", r#""2026-03-02T10:15:27Z""#, ""),
    (User, "data.user.id", r#""a","id":"b""#, "data.user.id occurs twice"),
    (Kyc, "data.kycSession", r#"{},"kycSession":{}"#, "data.kycSession.updatedAt is missing"),
    (Onramp, "data.brandNew", r#"1,"brandNew":2"#, ""),
    (Onramp, "data.brandNew", r#"{"a":1,"a":2}"#, ""),
    (Onramp, "brandNew", r#"1,"brandNew":2"#, ""),
    (Onramp, "bootstrapTokenId", r#""a","bootstrapTokenId":"b""#, ""),
    (Onramp, "data", r#"{},"data":{}"#, NO_EVENT),
    (Onramp, "id", r#""a","id":"a""#, NO_EVENT),
    (Onramp, "name", r#""user:created","name":"user:created""#, NO_EVENT),
    (Onramp, "data", r#""{}""#, "data is not a JSON object"),
    (Onramp, "data", "true", "data is not a JSON object"),
    (Onramp, "data.origin", r#"["1","USD","1"]"#, "data.origin is not a JSON object"),
    (Onramp, "data.origin", r#""USD 1""#, "data.origin is not a JSON object"),
    (Onramp, "data.widget", "[]", "data.widget is not a JSON object"),
    (Onramp, "data.fees.0", "[]", "data.fees[0] is not a JSON object"),
    (Onramp, "data.fees", r#"["1"]"#, "data.fees[0] is not a JSON object"),
    (Onramp, "data.fees", r#"{"0":{}}"#, "data.fees is not a list"),
    (Onramp, "data.brandNew", "[[],{},[{}]]", ""),
    (Onramp, "id", r#""""#, NO_EVENT),
    (Onramp, "id", r#"["a"]"#, NO_EVENT),
    (Onramp, "name", r#""""#, NO_EVENT),
    (Onramp, "name", r#""order:brand-new""#, ""),
    (Onramp, "data.brandNew", "undefined", NO_EVENT),
    (Onramp, "data.brandNew", r#""\x""#, NO_EVENT),
    (Onramp, "data.brandNew", r#""\ud83""#, NO_EVENT),
    (Onramp, "data.brandNew", "\"a\nb\"", NO_EVENT),
    (Onramp, "data.brandNew", "[1,]", NO_EVENT),
    (Onramp, "brandNew", "1}", NO_EVENT),
];

#[test]
fn a_field_occurs_once_and_has_its_shape() {
    check(ROWS);
}

#[test]
fn deep_nesting_is_read_over_where_no_field_is_known() {
    let deep: &str = ("[".repeat(50_000) + &"]".repeat(50_000)).leak();
    let objects: &str = (r#"{"a":"#.repeat(20_000) + "1" + &"}".repeat(20_000)).leak();
    check(&[
        (Onramp, "data.brandNew", deep, ""),
        (Onramp, "data.brandNew", objects, ""),
        (Onramp, "data.origin.brandNew", deep, ""),
        (Onramp, "brandNew", deep, ""),
        (Onramp, "bootstrapTokenId", deep, ""),
        (Onramp, "data", deep, "data is not a JSON object"),
        (Onramp, "data", objects, "data.status is missing"),
        (Onramp, "data.user", objects, ""),
        (Onramp, "data.user", deep, "data.user is not a JSON object"),
        (Onramp, "data.origin.amount", deep, "data.origin.amount is not a decimal number"),
        (Onramp, "data.widget.name", deep, "data.widget.name is not text"),
        (Onramp, "data.fees", deep, "data.fees[0] is not a JSON object"),
        (Onramp, "id", deep, NO_EVENT),
    ]);
}
