//! A delivery for elsewhere: as bytes, as a command, as a test.

use hyper::{
    StatusCode,
    header::{CONTENT_DISPOSITION, HeaderValue},
};
use serde_json::json;

use super::{
    Inspector,
    about::Source,
    detail::find,
    response::{Refusal, Result, bytes, json as answer},
};

mod curl;
mod shell;
mod test;

/// The most bytes of a body that can be pasted.
const MOST_BYTES: usize = 1024 * 1024;

/// The raw body, to be saved as a file: a browser never shows it as a page.
pub(super) fn body(inspector: &Inspector, number: &str) -> Result {
    let (number, kept) = find(inspector, number)?;
    let mut answer = bytes("application/octet-stream", kept.delivery.body.clone());
    let name = format!("attachment; filename=\"delivery-{number}.bin\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        answer.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}

pub(super) fn curl(inspector: &Inspector, number: &str) -> Result {
    let (_, kept) = find(inspector, number)?;
    check(kept.delivery.body.len())?;
    let url = match &inspector.source {
        Source::Listen { url, .. } => Some(url.as_str()),
        _ => None,
    };
    Ok(answer(&json!({"text": curl::of(&kept, url)})))
}

pub(super) fn test(inspector: &Inspector, number: &str) -> Result {
    let (number, kept) = find(inspector, number)?;
    check(kept.delivery.body.len())?;
    Ok(answer(&json!({"text": test::of(number, &kept, &inspector.verifier.keys())})))
}

fn check(bytes: usize) -> Result<()> {
    if bytes > MOST_BYTES {
        let error = "the body is too large to be pasted; download it instead";
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, error));
    }
    Ok(())
}
