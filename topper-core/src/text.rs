//! Writing received text and errors to logs and terminals. This is the only place that shortens and
//! escapes.

#![expect(clippy::exhaustive_structs, reason = "these are for our own crates, which make them")]

use std::{error::Error, fmt};

/// The maximum number of characters of an id or a name in a line.
const MAX_CHARS: usize = 64;

/// An error with its causes, each after a colon.
#[derive(Clone, Copy, Debug)]
pub struct WithCauses<'a>(pub &'a (dyn Error + 'static));

/// A cause is left out if the error before it already shows it, as sqlx's errors do.
impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.to_string();
        f.write_str(&shown)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !shown.contains(&text) {
                write!(f, ": {text}")?;
                shown = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

/// An error with its causes, for a log: escaped, in one line of at most 500 characters.
#[derive(Clone, Copy, Debug)]
pub struct InLine<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for InLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine(&WithCauses(self.0).to_string()).fmt(f)
    }
}

/// The first 64 characters of a text, escaped, with `…` if there are more.
#[derive(Clone, Copy)]
pub struct Short<'a>(pub &'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_start(self.0, MAX_CHARS, f)
    }
}

/// The same as [`Display`](fmt::Display), in quotes.
impl fmt::Debug for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A whole text, escaped.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| write_escaped(c, f))
    }
}

/// The first 500 characters of an error's text, escaped, in one line.
#[derive(Clone, Copy, Debug)]
pub struct OneLine<'a>(pub &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_start(self.0, 500, f)
    }
}

fn write_start(text: &str, max_chars: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut chars = text.chars();
    chars.by_ref().take(max_chars).try_for_each(|c| write_escaped(c, f))?;
    if chars.next().is_some() { f.write_str("…") } else { Ok(()) }
}

/// Escapes characters that do not print: they must not end a line, move the cursor, or change the
/// reading direction.
fn write_escaped(c: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write as _;
    match c {
        '"' | '\'' | '\\' => f.write_char(c),
        _ => c.escape_debug().try_for_each(|c| f.write_char(c)),
    }
}

/// The valid name that is most similar to a misspelt name.
pub(crate) fn nearest<'a>(
    misspelt: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    names.into_iter().min_by_key(|name| distance(misspelt, name))
}

/// How many characters must be added, removed or replaced to turn one text into the other.
pub fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, a) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(other.chars()) {
            let above = *cell;
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            (diagonal, *cell) = (above, left);
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_would_move_a_cursor_or_turn_a_line_around() {
        let text = "a\u{1b}[2J\n\u{202e}b\u{2066}\u{200b}\"'\\é日";
        assert_eq!(Escaped(text).to_string(), "a\\u{1b}[2J\\n\\u{202e}b\\u{2066}\\u{200b}\"'\\é日");
        assert_eq!(format!("{:?}", Short("a\nb")), "\"a\\nb\"");
    }

    #[test]
    fn cuts_a_long_text_and_says_so() {
        assert_eq!(Short(&"é".repeat(64)).to_string(), "é".repeat(64));
        assert_eq!(Short(&"é".repeat(65)).to_string(), format!("{}…", "é".repeat(64)));
    }

    #[test]
    fn shows_each_cause_once_and_in_one_line() {
        #[derive(Debug, thiserror::Error)]
        #[error("the database answers: {0}")]
        struct Answer(#[source] std::io::Error);
        #[derive(Debug, thiserror::Error)]
        #[error("the store failed")]
        struct Failed(#[source] Answer);

        let error = Failed(Answer(std::io::Error::other("it is\nlocked")));
        let text = "the store failed: the database answers: it is\nlocked";
        assert_eq!(WithCauses(&error).to_string(), text);
        assert_eq!(InLine(&error).to_string(), text.replace('\n', "\\n"));
    }

    #[test]
    fn finds_the_nearest_name() {
        assert_eq!(nearest("orign", ["amount", "origin", "org"]), Some("origin"));
        assert_eq!(nearest("x", []), None);
        for (one, other, expected) in [("", "abc", 3), ("kitten", "sitting", 3), ("a", "a", 0)] {
            assert_eq!(distance(one, other), expected);
            assert_eq!(distance(other, one), expected);
        }
    }
}
