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
const FILES: &[(&str, &str, &[u8])] = files! {
    "address.js" JS,
    "answers.js" JS,
    "api.js" JS,
    "base.css" CSS,
    "bodytext.js" JS,
    "deliveries.js" JS,
    "detail.css" CSS,
    "detail.js" JS,
    "dialog.js" JS,
    "doctor.js" JS,
    "dom.js" JS,
    "filters.js" JS,
    "form.js" JS,
    "icon.svg" SVG,
    "inbox.js" JS,
    "keyboard.js" JS,
    "list.css" CSS,
    "list.js" JS,
    "main.js" JS,
    "orders.js" JS,
    "parts.js" JS,
    "replay.js" JS,
    "rows.js" JS,
    "schedule.js" JS,
    "sections.js" JS,
    "send.js" JS,
    "stream.js" JS,
    "text.js" JS,
    "theme.js" JS,
    "views.css" CSS,
};

pub(super) fn page() -> Answer {
    bytes(HTML, PAGE)
}

pub(super) fn file(name: &str) -> Result {
    match FILES.iter().find(|file| file.0 == name) {
        Some((_, kind, content)) => Ok(bytes(kind, *content)),
        None => Err(Refusal::not_found("there is no such file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_every_file_of_the_page() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/inspector/assets");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "index.html")
            .collect();
        names.sort();
        let held: Vec<&str> = FILES.iter().map(|file| file.0).collect();
        assert_eq!(held, names);
    }
}
