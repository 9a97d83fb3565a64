//! The files of the page, inside the program.

use super::response::{Answer, Refusal, Result, bytes};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Names, kinds and bytes.
macro_rules! files {
    ($($name:literal $kind:ident,)*) => {
        &[$(($name, $kind, include_bytes!(concat!("assets/", $name)))),*]
    };
}

const PAGE: &[u8] = include_bytes!("assets/index.html");
const FILES: &[(&str, &str, &[u8])] = files! {};

pub(super) fn page() -> Answer {
    bytes(HTML, PAGE)
}

pub(super) fn file(name: &str) -> Result {
    match FILES.iter().find(|file| file.0 == name) {
        Some((_, kind, content)) => Ok(bytes(kind, *content)),
        None => Err(Refusal::not_found("there is no such file")),
    }
}
