//! A text of the source that is a statement, or a part of one, and its mutants.
//!
//! In the copy of the source, a comment makes each piece of a statement longer, and gives it a number. So a mutant
//! is as long as its piece, and takes its place in the program when that is built.

use super::{
    change::{Change, changes},
    token::{GAP, tokens},
};

/// More than any change adds.
const MARK_LENGTH: usize = 40;
/// Before the number of a piece.
pub(super) const MARK: &str = "~piece ";
pub(super) const DIGITS: usize = 4;

/// A text with gaps where `format!` puts something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    flat: String,
    /// The placeholders, in order, such as `{age}`; `None` if it is not for `format!`.
    placeholders: Option<Vec<String>>,
}

/// What a part of a text is in the program, and what a mutant makes of it: as long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Patch {
    /// The number of the piece.
    pub(super) piece: usize,
    pub(super) original: String,
    pub(super) with: String,
    /// Says what is changed.
    pub(super) what: String,
}

impl Text {
    pub(super) fn plain(text: String) -> Self {
        Self { flat: text, placeholders: None }
    }

    /// Of a text for `format!`. `known` has the text of a placeholder, if that is constant.
    pub(super) fn format(text: &str, known: impl Fn(&str) -> Option<String>) -> Self {
        let (mut flat, mut placeholders) = (String::new(), Vec::new());
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            flat.push_str(before);
            let doubled = ["{{", "}}"].into_iter().find(|doubled| from.starts_with(doubled));
            let end = match (doubled, from.find('}')) {
                (Some(doubled), _) => {
                    flat.push_str(doubled.get(1..).unwrap_or_default());
                    2
                }
                (None, end) => {
                    let end = end.map_or(from.len(), |end| end + 1);
                    let placeholder = from.get(..end).unwrap_or_default();
                    match known(placeholder.trim_matches(['{', '}'])) {
                        Some(text) => flat.push_str(&text),
                        None => {
                            flat.push(GAP);
                            placeholders.push(placeholder.to_owned());
                        }
                    }
                    end
                }
            };
            rest = from.get(end..).unwrap_or_default();
        }
        flat.push_str(rest);
        Self { flat, placeholders: Some(placeholders) }
    }

    /// Its literal in the source with a mark in each piece that has mutants, and these; `None` without any.
    pub(super) fn mark(&self, next: &mut usize) -> Result<Option<(String, Vec<Patch>)>, String> {
        let changes = changes(&self.flat);
        if changes.is_empty() {
            return Ok(None);
        }
        let (mut pieces, mut patches) = (Vec::new(), Vec::new());
        let mut start = 0;
        for piece in self.flat.split(GAP) {
            let at = start..start + piece.len();
            start = at.end + GAP.len_utf8();
            let own: Vec<&Change> = changes
                .iter()
                .filter(|change| at.start <= change.at.start && change.at.end <= at.end)
                .collect();
            if own.is_empty() {
                pieces.push(piece.to_owned());
                continue;
            }
            let place = tokens(&self.flat).into_iter().map(|token| token.at.start).find(|place| {
                at.contains(place)
                    && self.flat.get(at.start..*place).is_some_and(|it| it.ends_with(' '))
            });
            let place = place.ok_or_else(|| format!("no room for a mark in {piece:?}"))? - at.start;
            let number = *next;
            *next += 1;
            let original = inserted(piece, place, &mark(&self.flat, number));
            for change in own {
                let what = change.describe(&self.flat);
                let change = Change {
                    at: change.at.start - at.start..change.at.end - at.start,
                    with: change.with.clone(),
                };
                let mutant = change.apply(piece);
                let space = original.len().checked_sub(mutant.len());
                let space = space.ok_or_else(|| format!("longer than the mark: {mutant:?}"))?;
                let with = inserted(&mutant, moved(place, &change), &" ".repeat(space));
                patches.push(Patch { piece: number, original: original.clone(), with, what });
            }
            pieces.push(original);
        }
        Ok(Some((self.literal(&pieces), patches)))
    }

    /// As `format!` or a constant has it.
    fn literal(&self, pieces: &[String]) -> String {
        let Some(placeholders) = &self.placeholders else { return pieces.concat() };
        let mut placeholders = placeholders.iter();
        let mut literal = String::new();
        for piece in pieces {
            literal.push_str(&piece.replace('{', "{{").replace('}', "}}"));
            literal.extend(placeholders.next().map(String::as_str));
        }
        literal
    }
}

/// A comment in the language of the text.
fn mark(text: &str, number: usize) -> String {
    let (begin, end) = if text.contains("redis.call") { ("--[[", "]]") } else { ("/*", "*/") };
    let comment = format!("{begin}{MARK}{number:0DIGITS$}");
    let space = MARK_LENGTH - comment.len() - end.len();
    format!("{comment}{}{end}", " ".repeat(space))
}

fn inserted(text: &str, at: usize, what: &str) -> String {
    let (before, after) = text.split_at(at);
    format!("{before}{what}{after}")
}

/// Where a place is after a change: it stays between the same words.
fn moved(place: usize, change: &Change) -> usize {
    if place <= change.at.start {
        place
    } else if place >= change.at.end {
        place - change.at.len() + change.with.len()
    } else {
        change.at.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_space(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_mutant_is_as_long_as_its_piece() {
        let text = "UPDATE t SET a = ?1, b = coalesce(c, 1) WHERE d IS NULL AND e <= ?2";
        let (literal, patches) = Text::plain(text.to_owned()).mark(&mut 7).unwrap().unwrap();
        assert!(literal.starts_with("UPDATE /*~piece 0007 ") && literal.ends_with(" AND e <= ?2"));
        assert!(patches.len() > 4);
        for patch in patches {
            assert_eq!((patch.piece, &patch.original), (7, &literal));
            assert_eq!(patch.with.len(), literal.len());
            assert!(!patch.with.contains(MARK));
            assert_ne!(without_space(&patch.with), text);
        }
    }

    #[test]
    fn each_piece_of_a_format_has_its_own_mark() {
        let text =
            Text::format("SELECT '{{}}' FROM {} WHERE a = {b} AND {NOW} > 1 LIMIT 2", |name| {
                (name == "NOW").then(|| "now ()".to_owned())
            });
        let mut next = 0;
        let (literal, patches) = text.mark(&mut next).unwrap().unwrap();
        assert_eq!(next, 2);
        assert!(literal.starts_with("SELECT '{{}}' FROM {} /*~piece 0000"), "{literal}");
        assert!(literal.contains("*/WHERE a = {b} /*~piece 0001"), "{literal}");
        let last = patches.last().unwrap();
        assert_eq!(without_space(&last.with), "AND now () > 1 LIMIT 1 + 2");
        assert!(last.original.starts_with(" /*~piece 0001"));
    }

    #[test]
    fn the_place_of_the_mark_can_be_removed() {
        let (_, patches) =
            Text::plain("WHERE a = 1 AND b".to_owned()).mark(&mut 0).unwrap().unwrap();
        let patches: Vec<String> = patches.iter().map(|patch| without_space(&patch.with)).collect();
        assert_eq!(patches, ["WHERE b", "WHERE a = 1"]);
    }

    #[test]
    fn a_text_that_is_no_statement_has_no_mark() {
        assert_eq!(Text::plain("not at all".to_owned()).mark(&mut 0), Ok(None));
        assert!(Text::plain("WHERE(a=1)".to_owned()).mark(&mut 0).is_err());
    }
}
