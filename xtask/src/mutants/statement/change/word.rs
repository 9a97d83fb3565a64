//! Changes of single words, signs and numbers.

use super::{Change, Look};
use crate::mutants::statement::token::{Kind, Token};

/// A tick of a clock more or less makes no difference, nor does equality of rows that are never equal: these
/// comparisons are turned round, and the others differ when both sides are equal.
fn is_turned(look: Look<'_>) -> bool {
    const CLOCKS: [&str; 4] = ["CAST", "clock_timestamp", "statement_timestamp", "unixepoch"];
    let ends_row = |it: &Token<'_>| it.text == ")" || it.kind == Kind::Gap;
    let begins_row = |it: &Token<'_>| matches!(it.kind, Kind::Open | Kind::Gap);
    look.next(1).is_some_and(|next| CLOCKS.contains(&next.text))
        || look.previous().is_some_and(ends_row) && look.next(1).is_none_or(begins_row)
}

pub(super) fn comparison(look: Look<'_>) -> Option<Change> {
    let token = look.token()?;
    let with = match (token.text, is_turned(look)) {
        ("=", _) => "<>",
        ("<>", _) => "=",
        ("<", true) => ">=",
        ("<=", true) => ">",
        (">", true) => "<=",
        (">=", true) => "<",
        _ => return None,
    };
    Some(Change::new(&token.at, with))
}

pub(super) fn boundary(look: Look<'_>) -> Option<Change> {
    let token = look.token()?;
    let with = match token.text {
        "<" => "<=",
        "<=" => "<",
        ">" => ">=",
        ">=" => ">",
        _ => return None,
    };
    (!is_turned(look)).then(|| Change::new(&token.at, with))
}

pub(super) fn null(look: Look<'_>) -> Option<Change> {
    let token = look.token()?;
    let with = match token.text {
        "IS" if look.is(&["IS", "NULL"]) => "IS NOT",
        "NOT" if look.is(&["NOT", "NULL"]) && look.was("IS") => "",
        _ => return None,
    };
    Some(Change::new(&token.at, with))
}

pub(super) fn word(look: Look<'_>) -> Option<Change> {
    let token = look.token()?;
    let is_call = look.next(1).is_some_and(|next| next.text == "(");
    let with = match token.text {
        "min" if is_call => "max",
        "max" if is_call => "min",
        "least" if is_call => "greatest",
        "greatest" if is_call => "least",
        "true" => "false",
        "false" => "true",
        "DESC" => "ASC",
        "IMMEDIATE" => "",
        "EXISTS" if !look.was("NOT") => "NOT EXISTS",
        "IN" if is_call && !look.was("NOT") => "NOT IN",
        "NOT" if look.is(&["NOT", "EXISTS"]) && !look.was("IF") => "",
        "NOT" if is_call || look.next(1).is_some_and(|next| next.kind == Kind::Gap) => "",
        "LEFT" if look.is(&["LEFT", "JOIN"]) => "",
        "COMMITTED" if look.was("READ") => {
            let at = look.previous()?.at.start..token.at.end;
            return Some(Change::new(&at, "REPEATABLE READ"));
        }
        // One more.
        "LIMIT" => "LIMIT 1 +",
        _ => return None,
    };
    Some(Change::new(&token.at, with))
}

/// A sign between two values. With 0 it makes no difference.
pub(super) fn arithmetic(look: Look<'_>) -> Option<Change> {
    let token = look.token()?;
    // Not a hyphen.
    let is_apart = look.previous().is_some_and(|previous| previous.at.end < token.at.start);
    if !is_apart || !is_value(look) || look.next(1).is_some_and(|next| next.text == "0") {
        return None;
    }
    let with = match token.text {
        "+" => "-",
        "-" => "+",
        _ => return None,
    };
    Some(Change::new(&token.at, with))
}

/// Whether a value is before it.
fn is_value(look: Look<'_>) -> bool {
    look.previous().is_some_and(|previous| {
        matches!(previous.kind, Kind::Number | Kind::Value | Kind::Gap | Kind::Close)
            || previous.kind == Kind::Word && previous.text != "THEN" && previous.text != "ELSE"
    })
}

/// A number that stands alone: a larger one is a unit of time, and one that is added or set is noticed if its sign or
/// the assignment is.
pub(super) fn number(look: Look<'_>) -> Option<Change> {
    const MOST: u32 = 16;
    let token = look.token().filter(|token| token.kind == Kind::Number)?;
    let number: u32 = token.text.parse().ok().filter(|number| *number <= MOST)?;
    let before = look.at.checked_sub(2).and_then(|at| look.tokens.get(at));
    let previous = look.previous().map_or("", |previous| previous.text);
    // `SELECT 1 FROM` in `EXISTS`, `RETURNING 1`, `LIMIT 1`, `-1`, `KEYS[1]`: another means nothing else there.
    let means_nothing = match previous {
        "SELECT" => look.next(1).is_some_and(|next| next.text == "FROM"),
        "RETURNING" | "LIMIT" | "-" => true,
        "+" => look.next(1).is_none_or(|next| next.text != "="),
        "=" => look.next(1).is_none_or(|next| next.text == ","),
        "[" => before.is_some_and(|it| it.text == "KEYS"),
        _ => false,
    };
    if means_nothing {
        return None;
    }
    Some(Change::new(&token.at, &(number + 1).to_string()))
}
