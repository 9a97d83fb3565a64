//! How a body may have been changed on its way.

use std::borrow::Cow;

use super::{variant::Change, work::Work};
use crate::reformat;

pub(super) const RAW: &str = "A framework, proxy or tunnel has re-serialised the JSON. Verify the raw bytes \
                   as received, before anything parses them.";
const LINE_ENDS: &str = "Something treats the body as text: an editor, a shell's `echo`, or git. \
                         Keep it as bytes.";

/// More than any event, and the most of which variants are made.
const MOST_BYTES: usize = 128 * 1024;
/// The most bytes of a variant: indenting makes JSON larger, and deep JSON much larger.
const MOST_REWRITTEN: usize = 1024 * 1024;
const MOST_CHANGES: usize = 3;

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
        |body| changed(body, reformat::pretty(body, "  ")?),
        Change { holds: "with the JSON indented by two spaces", advice: RAW },
    ),
    (
        |body| changed(body, reformat::pretty(body, "    ")?),
        Change { holds: "with the JSON indented by four spaces", advice: RAW },
    ),
    (
        |body| changed(body, reformat::pretty(body, "\t")?),
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

/// The changes of one way in which a body may have been changed, in the order in which they are undone.
pub(super) struct Way(Vec<(Undo, Change)>);

/// No change, and one change of each kind, alone and together.
pub(super) fn ways(body: &[u8]) -> Vec<Way> {
    let mut ways = vec![Way(Vec::new())];
    if body.len() > MOST_BYTES {
        return ways;
    }
    for kind in KINDS {
        for index in 0..ways.len() {
            for &step in kind {
                let Some(Way(way)) = ways.get(index) else { break };
                // More changes are unlikely, and too many to try.
                if way.len() < MOST_CHANGES {
                    ways.push(Way([&way[..], &[step]].concat()));
                }
            }
        }
    }
    ways
}

impl Way {
    pub(super) fn changes(&self) -> impl Iterator<Item = Change> {
        self.0.iter().map(|(_, change)| *change)
    }

    /// How many of the changes rewrite the JSON.
    pub(super) fn rewritten(&self) -> usize {
        self.changes().filter(|change| change.advice == RAW).count()
    }

    /// The body before the changes; `None` if one of them cannot have been made, or the body becomes
    /// too large.
    pub(super) fn undo<'a>(&self, body: &'a [u8], work: &mut Work) -> Option<Cow<'a, [u8]>> {
        let mut undone = Cow::Borrowed(body);
        for (undo, _) in &self.0 {
            work.take(undone.len())?;
            let text = undo(std::str::from_utf8(&undone).ok()?)?;
            if text.len() > MOST_REWRITTEN {
                return None;
            }
            undone = Cow::Owned(text.into_bytes());
        }
        Some(undone)
    }
}

fn changed(before: &str, after: String) -> Option<String> {
    (before != after).then_some(after)
}
