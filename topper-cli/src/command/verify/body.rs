//! How a body may have been changed on its way.

use super::variant::{Change, Variant};
use crate::reformat;

pub(super) const RAW: &str = "A framework, proxy or tunnel has re-serialised the JSON. Verify the raw bytes \
                   as received, before anything parses them.";
const LINE_ENDS: &str = "Something treats the body as text: an editor, a shell's `echo`, or git. \
                         Keep it as bytes.";

/// More than any event, and the most of which variants are made.
const MOST_BYTES: usize = 128 * 1024;

/// One thing that is undone; `None` when there is nothing to undo.
type Undo = fn(&str) -> Option<String>;

const MARK: [(Undo, Change); 2] = [
    (
        |body| body.strip_prefix('\u{feff}').map(str::to_owned),
        Change { holds: "without the byte order mark", advice: LINE_ENDS },
    ),
    (
        |body| (!body.starts_with('\u{feff}')).then(|| format!("\u{feff}{body}")),
        Change { holds: "with a byte order mark", advice: LINE_ENDS },
    ),
];

const LINES: [(Undo, Change); 2] = [
    (
        |body| changed(body, body.replace("\r\n", "\n")),
        Change { holds: "with LF instead of CRLF", advice: LINE_ENDS },
    ),
    (
        |body| (!body.contains('\r')).then(|| body.replace('\n', "\r\n")),
        Change { holds: "with CRLF instead of LF", advice: LINE_ENDS },
    ),
];

const END: [(Undo, Change); 3] = [
    (
        |body| changed(body, body.trim_end_matches(['\r', '\n']).to_owned()),
        Change { holds: "without the line break at the end", advice: LINE_ENDS },
    ),
    (
        |body| Some(format!("{body}\n")),
        Change { holds: "with a line break (LF) at the end", advice: LINE_ENDS },
    ),
    (
        |body| Some(format!("{body}\r\n")),
        Change { holds: "with a line break (CRLF) at the end", advice: LINE_ENDS },
    ),
];

const FORMAT: [(Undo, Change); 6] = [
    (
        |body| changed(body, reformat::minified(body)),
        Change { holds: "with the JSON minified", advice: RAW },
    ),
    (
        |body| changed(body, reformat::pretty(body, "  ")),
        Change { holds: "with the JSON indented by two spaces", advice: RAW },
    ),
    (
        |body| changed(body, reformat::pretty(body, "    ")),
        Change { holds: "with the JSON indented by four spaces", advice: RAW },
    ),
    (
        |body| changed(body, reformat::pretty(body, "\t")),
        Change { holds: "with the JSON indented by tabs", advice: RAW },
    ),
    (
        |body| changed(body, reformat::spaced(body, ", ", ": ")),
        Change { holds: "with a space after each comma and colon of the JSON", advice: RAW },
    ),
    (
        |body| changed(body, reformat::spaced(body, ",", ": ")),
        Change { holds: "with a space after each colon of the JSON", advice: RAW },
    ),
];

const ESCAPES: [(Undo, Change); 4] = [
    (
        |body| changed(body, body.replace("\\/", "/")),
        Change { holds: "with slashes that are not escaped", advice: RAW },
    ),
    (
        |body| (!body.contains("\\/")).then(|| body.replace('/', "\\/")),
        Change { holds: "with escaped slashes", advice: RAW },
    ),
    (
        |body| changed(body, reformat::unescaped(body)),
        Change { holds: "with characters instead of \\u escapes", advice: RAW },
    ),
    (
        |body| changed(body, reformat::escaped(body)),
        Change { holds: "with \\u escapes instead of characters that are not ASCII", advice: RAW },
    ),
];

/// The kinds of changes.
const KINDS: [&[(Undo, Change)]; 5] = [&MARK, &LINES, &ESCAPES, &FORMAT, &END];

/// All changes, for the test that collects texts.
#[cfg(test)]
pub(super) fn changes() -> Vec<Change> {
    KINDS.iter().flat_map(|kind| kind.iter().map(|(_, change)| *change)).collect()
}

/// The body as it is, and with one change of each kind, alone and together.
pub(super) fn variants(body: &[u8]) -> Vec<Variant> {
    let mut variants = vec![Variant { bytes: body.to_vec(), changes: Vec::new() }];
    if body.len() > MOST_BYTES {
        return variants;
    }
    for kind in KINDS {
        for index in 0..variants.len() {
            for &(undo, change) in kind {
                let Some(variant) = variants.get(index) else { break };
                let text = std::str::from_utf8(&variant.bytes);
                let Some(undone) = text.ok().and_then(undo) else { continue };
                let changes = [&variant.changes[..], &[change]].concat();
                // More changes are unlikely, and too many to try.
                if changes.len() <= 3 {
                    variants.push(Variant { bytes: undone.into_bytes(), changes });
                }
            }
        }
    }
    variants
}

fn changed(before: &str, after: String) -> Option<String> {
    (before != after).then_some(after)
}
