//! What may have happened to a body on its way.

use super::variant::{Change, Variant};
use crate::reformat;

pub(super) const RAW: &str = "Verify the raw bytes as they came, before anything parses them: a framework, \
                   proxy or tunnel has re-serialised the JSON.";
const LINE_ENDS: &str = "Something takes the body for text: an editor, a shell's `echo`, or git. \
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
        Change { holds: "with LF in place of CRLF", advice: LINE_ENDS },
    ),
    (
        |body| (!body.contains('\r')).then(|| body.replace('\n', "\r\n")),
        Change { holds: "with CRLF in place of LF", advice: LINE_ENDS },
    ),
];

const END: [(Undo, Change); 3] = [
    (
        |body| changed(body, body.trim_end_matches(['\r', '\n']).to_owned()),
        Change { holds: "without the line end at its end", advice: LINE_ENDS },
    ),
    (
        |body| Some(format!("{body}\n")),
        Change { holds: "with a line end (LF) at its end", advice: LINE_ENDS },
    ),
    (
        |body| Some(format!("{body}\r\n")),
        Change { holds: "with a line end (CRLF) at its end", advice: LINE_ENDS },
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
        Change { holds: "with plain slashes", advice: RAW },
    ),
    (
        |body| (!body.contains("\\/")).then(|| body.replace('/', "\\/")),
        Change { holds: "with escaped slashes", advice: RAW },
    ),
    (
        |body| changed(body, reformat::unescaped(body)),
        Change { holds: "with letters in place of \\u escapes", advice: RAW },
    ),
    (
        |body| changed(body, reformat::escaped(body)),
        Change { holds: "with \\u escapes in place of letters that are not ASCII", advice: RAW },
    ),
];

/// The body as it is, and with one change of each kind, alone and together.
pub(super) fn variants(body: &[u8]) -> Vec<Variant> {
    let mut variants = vec![Variant { bytes: body.to_vec(), changes: Vec::new() }];
    if body.len() > MOST_BYTES {
        return variants;
    }
    for kind in [&MARK[..], &LINES, &ESCAPES, &FORMAT, &END] {
        for index in 0..variants.len() {
            for &(undo, change) in kind {
                let Some(variant) = variants.get(index) else { break };
                let text = std::str::from_utf8(&variant.bytes);
                let Some(undone) = text.ok().and_then(undo) else { continue };
                let changes = [&variant.changes[..], &[change]].concat();
                // More has not happened, or cannot be told any more.
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
