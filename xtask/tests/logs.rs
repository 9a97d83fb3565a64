//! That docs/operations/logs.md lists every line that the crates can log, and no other.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop at what should not happen")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

mod tree;

use tree::{files, root};

const PAGE: &str = "docs/operations/logs.md";
const FOLDERS: [&str; 3] = ["topper-bootstrap/src", "topper-core/src", "topper-store/src"];
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
/// What the page says for the fields that `__about!` adds.
const EVENT: &str = "the event's";

/// Level and message, with the names of the fields.
type Lines = BTreeMap<(String, String), BTreeSet<String>>;

#[test]
fn the_page_lists_every_line_with_its_level_and_fields() {
    let (logged, listed) = (logged(), listed());
    assert!(logged.len() > 30, "{logged:#?}");
    let missing: Vec<_> = logged.iter().filter(|(line, _)| !listed.contains_key(line)).collect();
    assert!(missing.is_empty(), "{PAGE} lacks {missing:#?}");
    let gone: Vec<_> = listed.keys().filter(|line| !logged.contains_key(line)).collect();
    assert!(gone.is_empty(), "{PAGE} has lines that nothing logs: {gone:#?}");
    for (line, fields) in &logged {
        assert_eq!(listed.get(line), Some(fields), "{PAGE} has other fields for {line:?}");
    }
}

/// The rows of the page's tables: level, message, fields, and more.
fn listed() -> Lines {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let mut lines = Lines::new();
    for row in page.lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let ["", level, message, fields, _, _, ""] = cells.as_slice() else { continue };
        if !LEVELS.contains(&level.to_lowercase().as_str()) {
            continue;
        }
        let double = message.strip_prefix("``").and_then(|rest| rest.strip_suffix("``"));
        let message = double.map(str::trim).unwrap_or_else(|| {
            message.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).unwrap()
        });
        let fields = fields.split(", ").filter(|field| !field.is_empty());
        let fields = fields.map(|field| field.trim_matches('`').to_owned()).collect();
        let twin = lines.insert((level.to_lowercase(), message.to_owned()), fields);
        assert!(twin.is_none(), "{PAGE} has {message} twice");
    }
    lines
}

fn logged() -> Lines {
    let mut lines = Lines::new();
    for path in FOLDERS.iter().flat_map(|folder| files(folder, ".rs")) {
        let source = fs::read_to_string(&path).unwrap();
        for call in calls(&source) {
            let (line, fields) =
                read(&call).unwrap_or_else(|| panic!("{}: no message in {call:?}", path.display()));
            lines.entry(line).or_default().extend(fields);
        }
    }
    lines
}

/// The arguments of each call; the level comes first.
fn calls(source: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    let names = LEVELS.map(|level| (format!("tracing::{level}!("), Some(level)));
    let names = names.into_iter().chain([("__about!(".to_owned(), None)]);
    for (name, level) in names {
        for (place, _) in source.match_indices(&name) {
            let mut arguments = arguments(source.get(place + name.len()..).unwrap());
            if let Some(level) = level {
                arguments.insert(0, level.to_owned());
            }
            calls.push(arguments);
        }
    }
    calls
}

/// What stands between commas up to the bracket that closes the call.
fn arguments(rest: &str) -> Vec<String> {
    let (mut arguments, mut argument, mut depth) = (Vec::new(), String::new(), 0);
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                argument.push(c);
                while let Some(c) = chars.next() {
                    argument.push(c);
                    match c {
                        '\\' => argument.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                arguments.push(std::mem::take(&mut argument).trim().to_owned());
                continue;
            }
            _ => {}
        }
        argument.push(c);
    }
    arguments.push(argument.trim().to_owned());
    arguments.retain(|argument| !argument.is_empty());
    arguments
}

fn read(call: &[String]) -> Option<((String, String), BTreeSet<String>)> {
    let (level, rest) = call.split_first()?;
    let place = rest.iter().position(|argument| argument.starts_with('"'))?;
    let (before, after) = rest.split_at(place);
    let mut fields = BTreeSet::new();
    if !before.iter().any(|argument| argument.starts_with("target:")) {
        fields.insert(EVENT.to_owned());
    }
    let is_about = !fields.is_empty();
    // `__about!` has the webhook first.
    for argument in before.iter().skip(usize::from(is_about)) {
        if !argument.starts_with("target:") {
            let name = argument.split(" = ").next()?.trim_start_matches(['%', '?']);
            fields.insert(name.to_owned());
        }
    }
    let literal = after.first()?.strip_prefix('"')?.strip_suffix('"')?;
    // A line of the source that goes on.
    let mut parts = literal.split("\\\n");
    let first = parts.next()?.to_owned();
    let message = parts.fold(first, |message, part| message + part.trim_start());
    Some(((level.clone(), message), fields))
}
