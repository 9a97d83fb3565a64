//! The protected header breaks a rule, though it is rightly signed.

use super::{encoding::encode, faults};

faults! {
    flipped_header_bit BrokenSignature SignatureMalformed |it| {
        // `{"alg":"ES256"}` becomes `{"alg":"ES257"}`.
        it.with_token(format!("{}..{}", encode(r#"{"alg":"ES257"}"#), it.signature))
    };
    reserialized_header BrokenSignature SignatureInvalid |it| {
        it.with_token(format!("{}..{}", encode(r#"{"alg": "ES256"}"#), it.signature))
    };
    alg_none_without_signature Unsigned SignatureMalformed |it| {
        it.with_token(format!("{}..", encode(r#"{"alg":"none"}"#)))
    };
    alg_none OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"none"}"#);
    alg_none_capitalized OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"None"}"#);
    alg_none_upper_case OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"NONE"}"#);
    alg_none_mixed_case OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"nOnE"}"#);
    alg_empty OddToken SignatureMalformed |it| it.with_header(r#"{"alg":""}"#);
    alg_missing OddToken SignatureMalformed |it| it.with_header(r#"{"typ":"JWT"}"#);
    alg_null OddToken SignatureMalformed |it| it.with_header(r#"{"alg":null}"#);
    alg_number OddToken SignatureMalformed |it| it.with_header(r#"{"alg":256}"#);
    alg_list OddToken SignatureMalformed |it| it.with_header(r#"{"alg":["ES256"]}"#);
    alg_lower_case OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"es256"}"#);
    alg_es384 OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES384"}"#);
    alg_rs256 OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"RS256"}"#);
    alg_eddsa OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"EdDSA"}"#);
    kid_number OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256","kid":1}"#);
    crit OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256","crit":["exp"]}"#);
    crit_empty OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256","crit":[]}"#);
    crit_escaped OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256","\u0063rit":["exp"]}"#);
    b64_false OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256","b64":false}"#);
    b64_true OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256","b64":true}"#);
    b64_false_and_crit OddToken SignatureMalformed |it| {
        it.with_header(r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#)
    };
    unencoded_payload OddToken SignatureMalformed |it| {
        it.with_token(it.key.sign_unencoded(r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#, it.body))
    };
    duplicate_alg OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256","alg":"ES256"}"#);
    duplicate_alg_none OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"none","alg":"ES256"}"#);
    duplicate_escaped_alg OddToken SignatureMalformed |it| {
        it.with_header(r#"{"alg":"ES256","\u0061lg":"none"}"#)
    };
    duplicate_unknown_member OddToken SignatureMalformed |it| {
        it.with_header(r#"{"alg":"ES256","x":1,"x":1}"#)
    };
    header_list OddToken SignatureMalformed |it| it.with_header(r#"[{"alg":"ES256"}]"#);
    header_string OddToken SignatureMalformed |it| it.with_header(r#""ES256""#);
    header_null OddToken SignatureMalformed |it| it.with_header("null");
    header_twice OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256"}{"alg":"ES256"}"#);
    header_with_trailing_comma OddToken SignatureMalformed |it| it.with_header(r#"{"alg":"ES256",}"#);
    header_with_bom OddToken SignatureMalformed |it| it.with_header("\u{feff}{\"alg\":\"ES256\"}");
    header_not_json OddToken SignatureMalformed |it| it.with_header("alg=ES256");
    header_not_utf_8 OddToken SignatureMalformed |it| it.with_header(b"{\"alg\":\"ES256\",\"x\":\"\xff\"}");
    header_deeply_nested OddToken SignatureMalformed |it| {
        it.with_header(format!(r#"{{"alg":"ES256","x":{}"#, "[".repeat(4000)))
    };
    oversized_header OddToken SignatureMalformed |it| {
        // 8,193 bytes at least.
        it.with_header(format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(6080)))
    };
}
