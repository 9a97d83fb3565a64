//! The words of a statement, in SQL or in Lua: as much of the languages as the statements use.

use std::ops::Range;

/// Stands where a text has a placeholder, such as `{age}`: what it is replaced by is not known.
pub(super) const GAP: char = '\u{fffc}';

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Also with dots: `e.owner`.
    Word,
    Number,
    /// `'a text'`, and `?1` or `$1`.
    Value,
    Gap,
    /// `(`, `[`, and `CASE`.
    Open,
    /// `)`, `]`, and `END`.
    Close,
    /// Such as `<=`.
    Symbol,
}

#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) at: Range<usize>,
    /// How many brackets and `CASE`s it is in; may be negative, since a text may begin in one.
    pub(super) depth: i32,
}

const LONG_SYMBOLS: [&str; 8] = ["<=", ">=", "<>", "~=", "==", "..", "::", "||"];

/// The tokens of a text, without the space between them.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut depth) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = first(rest);
        let end = at + length;
        if let Some(kind) = kind {
            let text = rest.get(..length).unwrap_or_default();
            let kind = match text {
                "CASE" => Kind::Open,
                "END" => Kind::Close,
                _ => kind,
            };
            // A bracket is not in itself.
            depth -= i32::from(kind == Kind::Close);
            tokens.push(Token { kind, text, at: at..end, depth });
            depth += i32::from(kind == Kind::Open);
        }
        at = end;
    }
    tokens
}

/// The kind of what a text begins with, if it is not space, and its length.
fn first(text: &str) -> (Option<Kind>, usize) {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return (None, 0) };
    let second = characters.next();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let run = |is: &dyn Fn(char) -> bool| text.find(|c| !is(c)).unwrap_or(text.len());
    match first {
        GAP => (Some(Kind::Gap), first.len_utf8()),
        '\'' => (Some(Kind::Value), quoted(text, 0)),
        'x' | 'E' if second == Some('\'') => (Some(Kind::Value), quoted(text, 1)),
        '?' | '$' => {
            let digits = text.get(1..).unwrap_or_default();
            let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            (Some(Kind::Value), 1 + length)
        }
        '(' | '[' => (Some(Kind::Open), 1),
        ')' | ']' => (Some(Kind::Close), 1),
        c if c.is_whitespace() => (None, run(&char::is_whitespace)),
        c if c.is_ascii_digit() => (Some(Kind::Number), run(&|c| c.is_ascii_digit())),
        // Of Lua, `a..b` is not written without spaces.
        c if is_word(c) => (Some(Kind::Word), run(&|c| is_word(c) || c == '.')),
        _ => {
            let long = LONG_SYMBOLS.iter().find(|symbol| text.starts_with(**symbol));
            (Some(Kind::Symbol), long.map_or(first.len_utf8(), |symbol| symbol.len()))
        }
    }
}

/// How long a text in quotes is; a quote in it is doubled. One that does not end goes on after the text.
fn quoted(text: &str, prefix: usize) -> usize {
    let mut from = prefix + 1;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find('\'')) {
        from += found + 1;
        if !text.get(from..).is_some_and(|rest| rest.starts_with('\'')) {
            return from;
        }
        from += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn tells_texts_and_symbols_from_words() {
        assert_eq!(
            texts("a.b<=?1 AND x'' <> 'it''s  = ' AND c::int >= -12"),
            [
                "a.b",
                "<=",
                "?1",
                "AND",
                "x''",
                "<>",
                "'it''s  = '",
                "AND",
                "c",
                "::",
                "int",
                ">=",
                "-",
                "12"
            ]
        );
        assert_eq!(texts("#ARGV[1] ~= ''"), ["#", "ARGV", "[", "1", "]", "~=", "''"]);
        assert_eq!(texts(&format!("'{GAP}'::bigint {GAP}")).len(), 4);
    }

    #[test]
    fn counts_brackets_and_cases() {
        let tokens = tokens(") a (b CASE c END) d");
        let depths: Vec<i32> = tokens.iter().map(|token| token.depth).collect();
        assert_eq!(depths, [-1, -1, -1, 0, 0, 1, 0, -1, -1]);
    }
}
