//! Bodies of every size, speed and framing.

use std::time::Duration;

use topper_core::Reply;
use topper_testkit::{Act, Delivery};

use super::{
    Quirk,
    receiver::{Bench, FIRST, Receiver},
};

pub(super) const LIMIT: usize = 256 * 1024;
/// How a body begins that goes on too late, or not at all. No shorter: Rocket reads 14 bytes of
/// every body before it asks any adapter.
pub(super) const BEGINNING: &[u8] = b"{\"id\":\"00000000";

/// A signed event of so many bytes.
pub(super) fn of_size(receiver: &Receiver<'_>, bytes: usize) -> Delivery {
    let mut body = receiver.completed().body;
    body.resize(bytes, b' ');
    receiver.signed(body)
}

pub(super) async fn accepts_a_body_of_the_limit(bench: &Bench) {
    let receiver = bench.receiver().await;
    receiver.accepts(&of_size(&receiver, LIMIT)).await;
}

pub(super) async fn accepts_a_chunked_body_of_the_limit(bench: &Bench) {
    let receiver = bench.receiver().await;
    let delivery = of_size(&receiver, LIMIT);
    for most in [LIMIT, 4096, 100] {
        receiver.accepts_bytes(delivery.to_http1_chunked(FIRST, most), &delivery.body).await;
    }
}

pub(super) async fn refuses_one_byte_more(bench: &Bench) {
    let receiver = bench.proven().await;
    receiver.refuses(&of_size(&receiver, LIMIT + 1), Reply::BodyTooLarge).await;
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn refuses_one_chunked_byte_more(bench: &Bench) {
    let receiver = bench.proven().await;
    let delivery = of_size(&receiver, LIMIT + 1);
    for most in [LIMIT + 1, 4096] {
        let request = delivery.to_http1_chunked(FIRST, most);
        receiver.refuses_bytes(request, Reply::BodyTooLarge).await;
    }
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn refuses_an_endless_chunked_body(bench: &Bench) {
    let receiver = bench.receiver().await;
    let head = receiver.completed().head(FIRST, "transfer-encoding: chunked");
    let chunk = [&b"2000\r\n"[..], &[b' '; 0x2000], b"\r\n"].concat();
    let mut acts = vec![Act::Send(head)];
    for _ in 0..200 {
        acts.push(Act::Send(chunk.clone()));
        acts.push(Act::Pause(Duration::from_millis(1)));
    }
    receiver.refuses_acts(acts, Reply::BodyTooLarge).await;
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn refuses_a_declared_length_before_the_body_comes(bench: &Bench) {
    let receiver = bench.receiver().await;
    for length in ["262145", "4294967296", "9223372036854775807"] {
        let framing = format!("content-length: {length}");
        let head = receiver.completed().head(FIRST, &framing);
        receiver.refuses_bytes([&head, BEGINNING].concat(), Reply::BodyTooLarge).await;
    }
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn has_no_limit_but_the_configured_one(bench: &Bench) {
    // Frameworks have limits of their own, of a few KiB to a few MiB.
    let receiver = bench.start(|builder| builder.body_limit(16 * 1024 * 1024)).await;
    let delivery = of_size(&receiver, 16 * 1024 * 1024);
    receiver.accepts(&delivery).await;
    receiver.accepts_bytes(delivery.to_http1_chunked(FIRST, 64 * 1024), &delivery.body).await;
    let receiver = bench.start(|builder| builder.body_limit(4096)).await;
    receiver.accepts(&of_size(&receiver, 4096)).await;
    receiver.refuses(&of_size(&receiver, 4097), Reply::BodyTooLarge).await;
}

pub(super) async fn accepts_a_body_that_drips(bench: &Bench) {
    let receiver = bench.receiver().await;
    let delivery = receiver.completed();
    let framing = format!("content-length: {}", delivery.body.len());
    let mut acts = vec![Act::Send(delivery.head(FIRST, &framing))];
    for part in delivery.body.chunks(delivery.body.len() / 10) {
        acts.push(Act::Pause(Duration::from_millis(20)));
        acts.push(Act::Send(part.to_vec()));
    }
    receiver.accepts_acts(acts, &delivery.body).await;
}

pub(super) async fn times_out_a_slow_body(bench: &Bench) {
    let receiver = bench.receiver().await;
    let head = receiver.completed().head(FIRST, "content-length: 1000");
    for body in [BEGINNING, &[b' '; 999]] {
        receiver.refuses_bytes([&head, body].concat(), Reply::BodyTimeout).await;
    }
}

pub(super) async fn times_out_a_slow_chunked_body(bench: &Bench) {
    let receiver = bench.receiver().await;
    let head = receiver.completed().head(FIRST, "transfer-encoding: chunked");
    for end in [&b""[..], b"\r\n", b"\r\n5\r\n", b"\r\n5\r\n{", b"\r\n0\r\n"] {
        let request = [&head, &b"f\r\n"[..], BEGINNING, end].concat();
        receiver.refuses_bytes(request, Reply::BodyTimeout).await;
    }
}

pub(super) async fn times_out_a_body_that_has_hardly_begun(bench: &Bench) {
    let receiver = bench.start(|it| it.body_timeout(Duration::from_millis(500))).await;
    let delivery = receiver.completed();
    for framing in ["content-length: 1000", "transfer-encoding: chunked"] {
        for body in [&b""[..], b"{", &b"{            "[..]] {
            let is_chunk = framing.starts_with('t') && !body.is_empty();
            let size = if is_chunk { format!("{:x}\r\n", body.len()) } else { String::new() };
            let request = [&delivery.head(FIRST, framing), size.as_bytes(), body].concat();
            if receiver.has(Quirk::WaitsForTheBody) {
                receiver.answers_nothing(request).await;
            } else {
                receiver.refuses_bytes(request, Reply::BodyTimeout).await;
            }
        }
    }
    receiver.accepts(&delivery).await;
}

pub(super) async fn times_out_a_body_that_drips_for_ever(bench: &Bench) {
    // A deadline for the whole, not for each chunk.
    let receiver = bench.start(|it| it.body_timeout(Duration::from_millis(500))).await;
    let head = receiver.completed().head(FIRST, "content-length: 1000");
    let mut acts = vec![Act::Send([&head, BEGINNING].concat())];
    for _ in 0..60 {
        acts.push(Act::Send(b" ".to_vec()));
        acts.push(Act::Pause(Duration::from_millis(50)));
    }
    let answers = receiver.converse(acts, 1).await;
    let answer = answers.first().unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (408, "body_timeout"));
    assert!(answer.elapsed < Duration::from_millis(2000), "{:?}", answer.elapsed);
    receiver.handled_nothing();
}

pub(super) async fn refuses_a_body_that_broke_off(bench: &Bench) {
    let receiver = bench.proven().await;
    let delivery = receiver.completed();
    let framing = format!("content-length: {}", delivery.body.len());
    let all_but_one = delivery.body.split_last().unwrap().1;
    for body in [&b""[..], b"{", all_but_one] {
        let request = [&delivery.head(FIRST, &framing), body].concat();
        receiver.refuses_acts(vec![Act::Send(request), Act::Finish], Reply::BodyIncomplete).await;
    }
    receiver.accepts(&delivery).await;
}

pub(super) async fn refuses_a_chunked_body_that_broke_off(bench: &Bench) {
    let receiver = bench.proven().await;
    let delivery = receiver.completed();
    let head = delivery.head(FIRST, "transfer-encoding: chunked");
    let size = format!("{:x}\r\n", delivery.body.len());
    // Everything but the chunk that says it is the last.
    let all_but_last = [size.as_bytes(), &delivery.body, b"\r\n"].concat();
    for body in [&b""[..], b"5\r\n{", &all_but_last] {
        let acts = vec![Act::Send([&head, body].concat()), Act::Finish];
        receiver.refuses_acts(acts, Reply::BodyIncomplete).await;
    }
    receiver.accepts(&delivery).await;
}

pub(super) async fn refuses_chunks_that_cannot_be_read(bench: &Bench) {
    let receiver = bench.proven().await;
    let head = receiver.completed().head(FIRST, "transfer-encoding: chunked");
    for body in [&b"zz\r\n{}\r\n0\r\n\r\n"[..], b"1\r\n{\r\n-1\r\n", b"fffffffffffffffff\r\n"] {
        receiver.refuses_bytes([&head, body].concat(), Reply::BodyIncomplete).await;
    }
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn does_not_decompress(bench: &Bench) {
    let receiver = bench.proven().await;
    for encoding in ["gzip", "br", "deflate", "zstd", "identity", "x-unknown"] {
        // What is signed is what is on the wire.
        receiver.accepts(&receiver.completed().header("content-encoding", encoding)).await;
    }
    let signed = receiver.signed(GZIP).header("content-encoding", "gzip");
    receiver.refuses(&signed, Reply::EventUnreadable).await;
    let unpacked = receiver.signed("{}").with_body(GZIP).header("content-encoding", "gzip");
    receiver.refuses(&unpacked, Reply::SignatureInvalid).await;
}

/// `{}`, compressed by gzip.
const GZIP: &[u8] = &[
    0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0xff, 0xab, 0xae, 0x05, 0, 0x43, 0xbf, 0xa6, 0xa3, 0x02,
    0, 0, 0,
];

pub(super) async fn answers_who_waits_before_sending_the_body(bench: &Bench) {
    let receiver = bench.receiver().await;
    let delivery = receiver.completed();
    let framing = format!("expect: 100-continue\r\ncontent-length: {}", delivery.body.len());
    let acts = vec![
        Act::Send(delivery.head(FIRST, &framing)),
        Act::Pause(Duration::from_millis(100)),
        Act::Send(delivery.body.clone()),
    ];
    receiver.accepts_acts(acts, &delivery.body).await;
}
