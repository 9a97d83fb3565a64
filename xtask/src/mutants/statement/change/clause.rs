//! Changes of whole clauses: a condition, an assignment, an order, a lock.

use std::{collections::BTreeSet, ops::Range};

use super::{Change, Look};
use crate::mutants::statement::token::{GAP, Kind, Token};

/// What ends a condition or an expression at its depth.
const ENDS: [&str; 24] = [
    "AND",
    "OR",
    "WHERE",
    "ORDER",
    "GROUP",
    "RETURNING",
    "LIMIT",
    "FOR",
    "THEN",
    "WHEN",
    "ELSE",
    "ON",
    "FROM",
    "JOIN",
    "LEFT",
    "CROSS",
    "UNION",
    "SET",
    "AS",
    "INDEXED",
    "USING",
    "VALUES",
    ",",
    ";",
];

/// What is changed at this word.
pub(super) fn changes(look: Look<'_>, text: &str) -> Vec<Change> {
    let Some(token) = look.token() else { return Vec::new() };
    match token.text {
        "AND" | "OR" => operands(look, text),
        "ORDER" if look.is(&["ORDER", "BY"]) => {
            let end = end_of(look, look.at + 2, &["LIMIT", "FOR", "ON", "RETURNING", "UNION", ";"]);
            vec![Change::new(&(token.at.start..end), "")]
        }
        "FOR" => lock(look),
        "ON" if look.is(&["ON", "CONFLICT", "DO", "NOTHING"]) => {
            look.range(3).iter().map(|at| Change::new(at, "")).collect()
        }
        "coalesce" if look.next(1).is_some_and(|next| next.text == "(") => last_value(look),
        _ => Vec::new(),
    }
}

/// Removes a condition; where none can be removed, `AND` is `OR` and the other way round.
fn operands(look: Look<'_>, text: &str) -> Vec<Change> {
    let Some(token) = look.token() else { return Vec::new() };
    let after = token.at.start..end_of(look, look.at + 1, &ENDS);
    let (before, starter) = start_of(look);
    let mut changes = vec![Change::new(&after, "")];
    // Of a chain only the first condition has no word before it.
    if starter != Some(token.text) && starter != Some("AND") && before < token.at.start {
        changes.push(Change::new(&(before..token.at.end), ""));
    }
    changes.retain(|change| is_whole(look.tokens, &change.at, text));
    if changes.is_empty() {
        let with = if token.text == "AND" { "OR" } else { "AND" };
        changes.push(Change::new(&token.at, with));
    }
    changes
}

/// Whether a part has all that belongs to it: what goes on in another text has not.
fn is_whole(tokens: &[Token<'_>], at: &Range<usize>, text: &str) -> bool {
    const GO_ON: [&str; 10] = ["=", "<", ">", "<=", ">=", "<>", "AND", "OR", "IN", "NOT"];
    let inside = tokens.iter().filter(|it| at.start <= it.at.start && it.at.end <= at.end);
    let (mut open, mut last) = (0_i32, "");
    for token in inside {
        open += i32::from(token.kind == Kind::Open) - i32::from(token.kind == Kind::Close);
        last = token.text;
    }
    let removed = text.get(at.clone()).unwrap_or_default();
    let is_last = at.end == text.trim_end().len();
    open == 0 && !removed.contains(GAP) && !(is_last && GO_ON.contains(&last))
}

/// Where what begins at a token ends: before one of these words at its depth, or with its bracket.
fn end_of(look: Look<'_>, from: usize, ends: &[&str]) -> usize {
    let Some(token) = look.token() else { return 0 };
    let rest = look.tokens.get(from..).unwrap_or_default();
    let is_end = |it: &&Token<'_>| {
        it.depth < token.depth || it.depth == token.depth && ends.contains(&it.text)
    };
    let count = rest.iter().position(|it| is_end(&it)).unwrap_or(rest.len());
    let last = rest.get(..count).and_then(<[Token<'_>]>::last);
    last.or(Some(token)).map_or(0, |last| last.at.end)
}

/// Where the condition before a word begins, and the word before that.
fn start_of<'a>(look: Look<'a>) -> (usize, Option<&'a str>) {
    let Some(token) = look.token() else { return (0, None) };
    let mut start = token.at.start;
    for it in look.tokens.get(..look.at).unwrap_or_default().iter().rev() {
        let is_start = it.depth < token.depth
            || it.depth == token.depth && (ENDS.contains(&it.text) || it.text == "SELECT");
        if is_start {
            return (start, Some(it.text));
        }
        start = it.at.start;
    }
    (start, None)
}

/// `FOR NO KEY UPDATE OF e SKIP LOCKED`
fn lock(look: Look<'_>) -> Vec<Change> {
    let Some(token) = look.token() else { return Vec::new() };
    let rest = look.tokens.get(look.at..).unwrap_or_default();
    let Some(skip) = rest.iter().take(7).position(|it| it.text == "SKIP") else {
        return Vec::new();
    };
    match (rest.get(skip), rest.get(skip + 1)) {
        (Some(skip), Some(locked)) => vec![
            Change::new(&(token.at.start..locked.at.end), ""),
            Change::new(&(skip.at.start..locked.at.end), ""),
        ],
        _ => Vec::new(),
    }
}

/// Of `coalesce(a, b)`, `b` is NULL.
fn last_value(look: Look<'_>) -> Vec<Change> {
    let rest = look.tokens.get(look.at + 2..).unwrap_or_default();
    let depth = look.token().map_or(0, |token| token.depth);
    let Some(end) = rest.iter().position(|it| it.depth == depth && it.kind == Kind::Close) else {
        return Vec::new();
    };
    let inside = rest.get(..end).unwrap_or_default();
    let comma = inside.iter().rposition(|it| it.text == "," && it.depth == depth + 1);
    let value = comma.and_then(|comma| inside.get(comma + 1..)).unwrap_or_default();
    match (value.first(), value.last()) {
        (Some(first), Some(last)) => vec![Change::new(&(first.at.start..last.at.end), "NULL")],
        _ => Vec::new(),
    }
}

/// Removes each assignment of a list that has others. Also the places of their `=`.
pub(super) fn assignments(text: &str, tokens: &[Token<'_>]) -> (Vec<Change>, BTreeSet<usize>) {
    let (mut changes, mut signs) = (Vec::new(), BTreeSet::new());
    let mut starts: Vec<usize> = Vec::new();
    if begins_list(tokens) {
        starts.push(usize::from(tokens.first().is_some_and(|token| token.text == ",")));
    }
    let set = tokens.iter().enumerate().filter(|(_, token)| token.text == "SET");
    starts.extend(set.map(|(at, _)| at + 1));
    for start in starts {
        let list = list(tokens, start, &mut signs);
        for (number, part) in list.iter().enumerate() {
            // With the comma before it, or after the first.
            let at = match (number.checked_sub(1).and_then(|it| list.get(it)), list.get(number + 1))
            {
                (Some(previous), _) => previous.end..part.end,
                (None, Some(next)) => part.start..next.start,
                (None, None) => continue,
            };
            if is_whole(tokens, &at, text) {
                changes.push(Change::new(&at, ""));
            }
        }
    }
    (changes, signs)
}

/// A list without its `SET`: in no comparison is something equal to NULL.
fn begins_list(tokens: &[Token<'_>]) -> bool {
    let is_sign = |at: usize| tokens.get(at).is_some_and(|token| token.text == "=");
    let has_null = tokens
        .windows(2)
        .any(|pair| matches!(pair, [sign, null] if sign.text == "=" && null.text == "NULL"));
    let begins =
        tokens.first().is_some_and(|first| first.kind == Kind::Word && first.text != "UPDATE");
    begins && is_sign(1) && has_null
        || tokens.first().is_some_and(|it| it.text == ",") && is_sign(2)
}

/// The assignments from a token on.
fn list(tokens: &[Token<'_>], start: usize, signs: &mut BTreeSet<usize>) -> Vec<Range<usize>> {
    const LAST: [&str; 4] = ["WHERE", "FROM", "RETURNING", ";"];
    let mut list = Vec::new();
    let Some(depth) = tokens.get(start).map(|token| token.depth) else { return list };
    let mut from = start;
    for at in start..=tokens.len() {
        let token = tokens.get(at);
        let is_end =
            token.is_none_or(|it| it.depth < depth || it.depth == depth && LAST.contains(&it.text));
        let is_comma = token.is_some_and(|it| it.depth == depth && it.text == ",");
        if (is_end || is_comma) && tokens.get(from + 1).is_some_and(|it| it.text == "=") {
            signs.insert(from + 1);
            if let (Some(first), Some(last)) = (tokens.get(from), tokens.get(at.saturating_sub(1)))
            {
                list.push(first.at.start..last.at.end);
            }
        }
        if is_end {
            return list;
        }
        if is_comma {
            from = at + 1;
        }
    }
    list
}
