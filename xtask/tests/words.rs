//! Words that must not come back into what users read; `docs/style.md` says what to write instead.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::fs;

mod tree;

use tree::{files, root};

const AVOIDED: &[&str] = &[
    "unless set",
    "cannot be told",
    "for ever",
    "anew",
    "unfit",
    "misfit",
    "of yours",
    "of ours",
    "nobody",
    "as it came",
    "at hand",
    "somebody",
    "anybody",
    "everybody",
    "in vain",
    "of others",
    "unless told otherwise",
    "asks to come again",
    "brings again",
    "tells apart",
    "that there is not",
    "leads nowhere",
    "stands nowhere",
    "at the least",
    "makes sure of",
    "holds up",
    "cannot go on",
    "to be had",
    "beside",
    "whoever",
    "comes again",
];

/// What users read: pages, sources, manifests, alerts, dashboards, schemas, migrations, and files to
/// deploy with.
const KINDS: [&str; 12] = [
    ".md", ".rs", ".toml", ".yml", ".yaml", ".json", ".svg", ".sql", ".conf", ".cfg", ".service",
    ".txt",
];

/// Folders whose texts no user reads.
const UNREAD: [&str; 3] = ["tests", "benches", "api"];

/// Where a word is what it is about.
const EXCEPTIONS: &[(&str, &str)] =
    &[("docs/style.md", "it lists them"), ("topper-testkit/src/fault/key.rs", "a key id")];

#[test]
fn no_text_that_users_read_has_a_word_that_we_avoid() {
    let files = KINDS.map(|kind| files("", kind)).concat();
    assert!(files.len() > 100, "{} files", files.len());
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let is_unread = name.split('/').any(|part| UNREAD.contains(&part));
        if is_unread || EXCEPTIONS.iter().any(|(exception, _)| *exception == name) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let is_source = name.ends_with(".rs");
        for (number, line) in
            (1..).zip(text.lines()).filter(|(_, line)| !is_source || is_read(line))
        {
            for word in AVOIDED.iter().filter(|word| has(line, word)) {
                found.push(format!("{name}:{number}: \"{word}\": {}", line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "see docs/style.md for what to write:\n{}", found.join("\n"));
}

#[test]
fn a_word_is_found_as_a_word_and_in_any_case() {
    assert!(has("/// It is parsed Anew.", "anew"));
    assert!(has("lost for ever", "for ever"));
    assert!(!has("a canewood, for everyone", "anew"));
    assert!(!has("for everyone", "for ever"));
    assert!(is_read("    \"nobody\","));
    assert!(is_read("/// Nobody."));
    assert!(!is_read("    // Nobody waits for it."));
}

/// A line of a source that users read: documentation, or text of the program.
fn is_read(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with("//") {
        return line.starts_with("///") || line.starts_with("//!");
    }
    line.contains('"')
}

fn has(line: &str, word: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line.get(..at), line.get(at + word.len()..));
        !is_letter(before.and_then(|text| text.chars().next_back()))
            && !is_letter(after.and_then(|text| text.chars().next()))
    })
}
