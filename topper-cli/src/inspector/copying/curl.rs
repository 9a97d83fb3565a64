//! A delivery as a command of curl.

use topper_core::protocol::SIGNATURE_HEADER;

use super::shell::{printing, word};
use crate::{
    inspector::{
        hidden::{self, is_hidden},
        kept::Kept,
    },
    saved::of_connection,
};

/// Where it goes if there is no listener.
const PLACEHOLDER: &str = "http://127.0.0.1:3000";

/// In place of a value that may be a credential.
const HIDDEN: &str = "HIDDEN";

/// A command that sends the same body, byte for byte.
pub(super) fn of(kept: &Kept, url: Option<&str>) -> String {
    let (mut arguments, mut left_out) = (Vec::new(), Vec::new());
    let mut has_type = false;
    for (name, value) in &kept.delivery.headers {
        if of_connection(name) {
            continue;
        }
        if is_hidden(name) || !is_name(name) || value.iter().any(|byte| b"\r\n\0".contains(byte)) {
            left_out.push(name.as_str());
            continue;
        }
        has_type |= name.eq_ignore_ascii_case("content-type");
        arguments.push(format!("--header {}", header(name, value)));
    }
    if !has_type {
        // Else curl adds the type of a form.
        arguments.push("--header 'content-type:'".to_owned());
    }
    let mut text = String::new();
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out
            .iter()
            .map(|name| if is_word(name) { name } else { "another header" })
            .collect();
        text.push_str(&format!("# Left out, as they may be secret: {}\n", names.join(", ")));
    }
    if url.is_none() {
        text.push_str("# Replace the URL with that of your endpoint.\n");
    }
    if hidden::path(&kept.path) != kept.path {
        text.push_str(&format!("# Replace {HIDDEN} in the URL, which may be secret.\n"));
    }
    // Two words without a space between them are one.
    let (url, path) = (url.unwrap_or(PLACEHOLDER), path(&kept.path));
    let to = format!("{}{}", word(url.as_bytes()), word(path.as_bytes()));
    let printing = printing(&kept.delivery.body);
    let curl = "curl --globoff --path-as-is --silent --show-error --include --request POST";
    let last = "--data-binary @-";
    let arguments: Vec<String> =
        [to].into_iter().chain(arguments).chain([last.to_owned()]).collect();
    text.push_str(&format!("{printing} | {curl} \\\n  {}\n", arguments.join(" \\\n  ")));
    text
}

/// An argument of `--header`. The name of the signature is written as Topper writes it.
fn header(name: &str, value: &[u8]) -> String {
    let name = match name.eq_ignore_ascii_case(SIGNATURE_HEADER) {
        true => "X-Topper-JWS-Signature",
        false => name,
    };
    if value.is_empty() {
        // So curl writes a header without a value.
        return word(format!("{name};").as_bytes());
    }
    word(&[name.as_bytes(), b": ", value].concat())
}

/// A path that can be in a URL; a file may contain anything.
fn path(path: &str) -> String {
    let shown = hidden::path(path).replace(hidden::MARK, HIDDEN);
    let is_path = shown.starts_with('/') && shown.bytes().all(|byte| byte.is_ascii_graphic());
    if is_path { shown } else { "/".to_owned() }
}

/// Whether it can be the name of a header (RFC 9110, section 5.6.2).
fn is_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

/// Whether a shell that knows no comments does nothing with it either.
fn is_word(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
