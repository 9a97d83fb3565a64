//! The body is not the one that was signed.

use super::faults;

faults! {
    flipped_body_bit ChangedBody SignatureInvalid |it| {
        let mut body = it.body.to_vec();
        let middle = body.len() / 2;
        body.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 1);
        it.with_body(body)
    };
    flipped_last_body_bit ChangedBody SignatureInvalid |it| {
        let mut body = it.body.to_vec();
        body.iter_mut().next_back().into_iter().for_each(|byte| *byte ^= 1);
        it.with_body(body)
    };
    reserialized_body RewrittenBody SignatureInvalid |it| it.with_body(pretty(it.body));
    truncated_body ChangedBody SignatureInvalid |it| {
        it.with_body(it.body.split_last().map_or(&[][..], |(_, rest)| rest))
    };
    empty_body ChangedBody SignatureInvalid |it| it.with_body("");
    body_with_bom RewrittenBody SignatureInvalid |it| it.with_body([b"\xef\xbb\xbf", it.body].concat());
    body_with_newline RewrittenBody SignatureInvalid |it| it.with_body([it.body, b"\n"].concat());
    body_with_crlf RewrittenBody SignatureInvalid |it| it.with_body([it.body, b"\r\n"].concat());
    body_twice ChangedBody SignatureInvalid |it| it.with_body([it.body, it.body].concat());
}

/// Parsed and serialised again, as a proxy or a framework might.
fn pretty(body: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<serde_json::Value>(body)
        .and_then(|json| serde_json::to_vec_pretty(&json))
        .unwrap_or_else(|_| [body, b" "].concat())
}
