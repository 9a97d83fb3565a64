//! How a body that was sent differs from the original, line by line.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use serde::{Serialize, de::IgnoredAny};

use crate::reformat;

/// The most bytes of a body that are compared.
pub(super) const MOST_BYTES: usize = 256 * 1024;
/// The most lines of a body that are shown.
const MOST_LINES: usize = 10_000;
/// With more lines than these that may differ, no common ones are searched.
const MOST_COMPARED: usize = 2000;
const INDENT: &str = "  ";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Same,
    Removed,
    Added,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line<'a> {
    kind: Kind,
    text: &'a str,
}

/// The two texts to compare: indented if the original is JSON, unless they then look equal.
pub(super) fn texts(original: &[u8], sent: &[u8]) -> [String; 2] {
    let is_json = original.len() <= MOST_BYTES
        && sent.len() <= MOST_BYTES
        && serde_json::from_slice::<IgnoredAny>(original).is_ok();
    if is_json {
        let [old, new] = [original, sent].map(|it| reformat::pretty(&text(it), INDENT));
        if let (Some(old), Some(new)) = (old, new)
            && (old != new || original == sent)
        {
            return [old, new];
        }
    }
    [original, sent].map(|it| text(it).into_owned())
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    match bytes.get(..MOST_BYTES) {
        Some(first) if bytes.len() > MOST_BYTES => {
            Cow::Owned(format!("{}\n… ({} bytes)", String::from_utf8_lossy(first), bytes.len()))
        }
        _ => String::from_utf8_lossy(bytes),
    }
}

/// All lines of both texts, in order.
pub(super) fn lines<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let [old, new] = [old, new].map(|it| it.split('\n').take(MOST_LINES).collect::<Vec<_>>());
    let pairs = || old.iter().zip(&new);
    let first = pairs().take_while(|(a, b)| a == b).count();
    let most_last = old.len().min(new.len()) - first;
    let last = old.iter().rev().zip(new.iter().rev());
    let last = last.take(most_last).take_while(|(a, b)| a == b).count();
    let middle = |it: &[&'a str]| it.get(first..it.len() - last).unwrap_or_default().to_vec();
    let ends = |range: Range<usize>| {
        old.get(range).unwrap_or_default().iter().map(|text| line(Kind::Same, text))
    };
    let mut all: Vec<Line<'a>> = ends(0..first).collect();
    all.extend(changed(&middle(&old), &middle(&new)));
    all.extend(ends(old.len() - last..old.len()));
    all
}

fn line(kind: Kind, text: &str) -> Line<'_> {
    Line { kind, text }
}

/// With as many common lines as possible, by the lengths of the longest common subsequences.
fn changed<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let mut all = Vec::with_capacity(old.len() + new.len());
    let (mut old, mut new) = (old, new);
    if old.len().max(new.len()) <= MOST_COMPARED {
        let lengths = lengths(old, new);
        let length = |old: &[&str], new: &[&str]| {
            lengths.get(old.len()).and_then(|row| row.get(new.len())).copied().unwrap_or(0)
        };
        while let ([a, old_rest @ ..], [b, new_rest @ ..]) = (old, new) {
            if a == b {
                all.push(line(Kind::Same, a));
                (old, new) = (old_rest, new_rest);
            } else if length(old_rest, new) >= length(old, new_rest) {
                all.push(line(Kind::Removed, a));
                old = old_rest;
            } else {
                all.push(line(Kind::Added, b));
                new = new_rest;
            }
        }
    }
    all.extend(old.iter().map(|text| line(Kind::Removed, text)));
    all.extend(new.iter().map(|text| line(Kind::Added, text)));
    all
}

/// For the last so many lines of each: how many of them are common, in order.
fn lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u16>> {
    // Numbers are compared faster than lines.
    let mut numbers = HashMap::new();
    let [old, new] = [old, new].map(|lines| {
        let number = |text| {
            let next = numbers.len();
            *numbers.entry(text).or_insert(next)
        };
        lines.iter().rev().map(number).collect::<Vec<usize>>()
    });
    let mut rows = vec![vec![0; new.len() + 1]];
    for a in &old {
        let mut row: Vec<u16> = Vec::with_capacity(new.len() + 1);
        let mut left = 0;
        row.push(left);
        if let Some(above) = rows.last() {
            for (b, pair) in new.iter().zip(above.windows(2)) {
                if let [before, above] = pair {
                    left = if a == b { before + 1 } else { left.max(*above) };
                    row.push(left);
                }
            }
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &str, new: &str) -> String {
        let lines = lines(old, new).into_iter().map(|line| match line.kind {
            Kind::Same => line.text.to_owned(),
            Kind::Removed => format!("-{}", line.text),
            Kind::Added => format!("+{}", line.text),
        });
        lines.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn finds_the_most_common_lines() {
        for (old, new, expected) in [
            ("a\nb\nc", "a\nb\nc", "a b c"),
            ("a\nb\nc", "a\nx\nc", "a -b +x c"),
            ("a\nb\nc", "b\nc\nd", "-a b c +d"),
            ("a\nb\nc\nd\ne", "a\nc\nx\ne\ny", "a -b c -d +x e +y"),
            ("a\na\na", "a\na", "a a -a"),
            ("a", "a\n", "a +"),
            ("", "a", "- +a"),
        ] {
            assert_eq!(diff(old, new), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn gives_back_both_texts_whatever_they_are() {
        let text = |seed: u64, count: u64| -> String {
            let words = (0..count).map(|place| (place * place * seed / 7 % 5).to_string());
            words.collect::<Vec<_>>().join("\n")
        };
        for (old, new) in [(11, 13), (3, 200), (200, 3), (300, 290), (2500, 2400)] {
            let (old, new) = (text(5, old), text(9, new));
            let lines = lines(&old, &new);
            let of = |kind| {
                let some = lines.iter().filter(|line| line.kind == Kind::Same || line.kind == kind);
                some.map(|line| line.text).collect::<Vec<_>>().join("\n")
            };
            assert_eq!((of(Kind::Removed), of(Kind::Added)), (old, new));
        }
    }

    #[test]
    fn compares_white_space_only_where_nothing_else_differs() {
        let json = br#"{"a":1,"b":[2]}"#;
        let [old, new] = texts(json, br#"{"a": 1, "b": [3]}"#);
        assert_eq!(diff(&old, &new), "{   \"a\": 1,   \"b\": [ -    2 +    3   ] }");
        let [old, new] = texts(json, &[json, &b"\n"[..]].concat());
        assert_eq!(diff(&old, &new), "{\"a\":1,\"b\":[2]} +");
        assert!(texts(json, b"\xff{").concat().contains('\u{fffd}'));
        let large = vec![b'['; 20 * MOST_BYTES];
        assert!(texts(&large, &large).iter().all(|it| it.len() < MOST_BYTES + 100));
    }
}
