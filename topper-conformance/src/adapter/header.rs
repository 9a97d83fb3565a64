//! Headers that are spelt oddly, or should not matter.

use topper_core::{Reply, protocol::SIGNATURE_HEADER};
use topper_testkit::{Delivery, TestKey};

use super::{Quirk, body::BEGINNING, receiver::Bench};

pub(super) async fn finds_the_signature_in_any_case(bench: &Bench) {
    let receiver = bench.receiver().await;
    let genuine = receiver.completed();
    let token = receiver.first.key.sign(&genuine.body);
    for name in ["X-Topper-JWS-Signature", "X-TOPPER-JWS-SIGNATURE", "x-ToPPer-jwS-sIgnature"] {
        let delivery = genuine.clone().without_header(SIGNATURE_HEADER).header(name, token.clone());
        receiver.accepts(&delivery).await;
        let twice = delivery.header(SIGNATURE_HEADER, token.clone());
        receiver.refuses(&twice, Reply::SignatureMalformed).await;
    }
}

pub(super) async fn accepts_white_space_around_the_signature(bench: &Bench) {
    // The server takes it off (RFC 9112, section 5.1).
    let receiver = bench.receiver().await;
    let genuine = receiver.completed();
    let token = receiver.first.key.sign(&genuine.body);
    receiver.accepts(&genuine.with_signature(format!(" \t {token} \t"))).await;
}

pub(super) async fn does_not_look_at_the_content_type(bench: &Bench) {
    let receiver = bench.receiver().await;
    let genuine = receiver.completed();
    receiver.accepts(&genuine.clone().without_header("content-type")).await;
    for value in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "APPLICATION/JSON",
        "application",
        ";",
        "",
        "\u{e9}",
    ] {
        let delivery = genuine.clone().without_header("content-type");
        receiver.accepts(&delivery.header("content-type", value)).await;
    }
    receiver.accepts(&genuine.header("content-type", "text/plain")).await;
}

pub(super) async fn does_not_look_at_other_headers(bench: &Bench) {
    let receiver = bench.receiver().await;
    let delivery = receiver
        .completed()
        .header("authorization", "Bearer x")
        .header("cookie", "a=b; c")
        .header("accept", "image/png")
        .header("accept-encoding", "gzip, br")
        .header("x-http-method-override", "GET")
        .header("x-topper-jws-signature-2", TestKey::generate().sign(b"x"))
        .header("content-language", b"\xff\xfe".to_vec());
    receiver.accepts(&delivery).await;
}

pub(super) async fn does_not_take_the_signature_from_elsewhere(bench: &Bench) {
    let receiver = bench.receiver().await;
    let genuine = receiver.completed();
    let token = receiver.first.key.sign(&genuine.body);
    let unsigned = Delivery::unsigned(genuine.body);
    for delivery in [
        unsigned.clone().header("authorization", token.clone()),
        unsigned.clone().header("cookie", format!("{SIGNATURE_HEADER}={token}")),
        unsigned.clone().header("x-topper-jws_signature", token.clone()),
    ] {
        receiver.refuses(&delivery, Reply::SignatureMissing).await;
    }
    let path = format!("/first?{SIGNATURE_HEADER}={token}");
    receiver.refuses_bytes(unsigned.to_http1(&path), Reply::SignatureMissing).await;
}

pub(super) async fn accepts_a_query(bench: &Bench) {
    let receiver = bench.receiver().await;
    let delivery = receiver.completed();
    receiver.accepts_bytes(delivery.to_http1("/first?widget=7&x"), &delivery.body).await;
}

pub(super) async fn accepts_a_signature_of_the_largest_size(bench: &Bench) {
    let receiver = bench.receiver().await;
    let body = receiver.completed().body;
    // 86 characters of signature, two dots, and 8,104 characters that are 6,078 bytes of header.
    let header = |padding: usize| {
        let header = format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(padding));
        receiver.first.key.sign_with_header(header, &body)
    };
    let token = header(6078 - 22);
    assert_eq!(token.len(), 8192);
    receiver.accepts(&receiver.signed(body.clone()).with_signature(token)).await;
    let token = header(6078 - 21);
    assert_eq!(token.len(), 8194);
    let delivery = receiver.signed(body.clone()).with_signature(token);
    receiver.refuses(&delivery, Reply::SignatureMalformed).await;
}

pub(super) async fn checks_in_the_order_of_the_rules(bench: &Bench) {
    // Signature before length, when both can be refused by the head alone.
    let receiver = bench.receiver().await;
    let head = |delivery: Delivery| {
        [delivery.head("/first", "content-length: 10000000"), BEGINNING.to_vec()].concat()
    };
    let genuine = receiver.completed();
    let unsigned = genuine.clone().without_header(SIGNATURE_HEADER);
    receiver.refuses_bytes(head(unsigned), Reply::SignatureMissing).await;
    let malformed = genuine.clone().with_signature("x..y");
    receiver.refuses_bytes(head(malformed), Reply::SignatureMalformed).await;
    receiver.refuses_bytes(head(genuine), Reply::BodyTooLarge).await;
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn counts_lines_that_are_not_text(bench: &Bench) {
    let receiver = bench.proven().await;
    let hides = receiver.has(Quirk::HidesLinesNotUtf8);
    let genuine = receiver.completed();
    let garbled = genuine.clone().with_signature(&b"\xff..x"[..]);
    let reply = if hides { Reply::SignatureMissing } else { Reply::SignatureMalformed };
    receiver.refuses(&garbled, reply).await;
    for line in [&b"\xff"[..], b"\xff..x", b"\xc3\x28..x"] {
        let twice = genuine.clone().header(SIGNATURE_HEADER, line);
        if hides {
            receiver.accepts(&twice).await;
        } else {
            receiver.refuses(&twice, Reply::SignatureMalformed).await;
        }
    }
}
