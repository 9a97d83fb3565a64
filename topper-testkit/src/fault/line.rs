//! The header is missing, or there is more than one.

use topper_core::protocol::SIGNATURE_HEADER;

use super::faults;
use crate::TestKey;

faults! {
    missing_header Unsigned SignatureMissing |it| it.delivery().without_header(SIGNATURE_HEADER);
    header_of_another_name Unsigned SignatureMissing |it| {
        it.delivery().without_header(SIGNATURE_HEADER).header("X-Topper-Signature", it.token())
    };
    two_header_lines OddToken SignatureMalformed |it| {
        it.delivery().header("X-Topper-JWS-Signature", it.token())
    };
    another_header_line_after OddToken SignatureMalformed |it| {
        it.delivery().header(SIGNATURE_HEADER, TestKey::generate().sign(it.body))
    };
    another_header_line_before OddToken SignatureMalformed |it| {
        it.with_token(TestKey::generate().sign(it.body)).header(SIGNATURE_HEADER, it.token())
    };
    comma_joined_tokens OddToken SignatureMalformed |it| {
        it.with_token(format!("{},{}", it.token(), it.token()))
    };
    comma_and_space_joined_tokens OddToken SignatureMalformed |it| {
        it.with_token(format!("{}, {}", it.token(), TestKey::generate().sign(it.body)))
    };
}
