//! What is changed in a statement, one place at a time.

use std::ops::Range;

use super::token::{GAP, Kind, Token, tokens};

mod clause;
mod word;

/// Replaces a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) at: Range<usize>,
    pub(super) with: String,
}

impl Change {
    fn new(at: &Range<usize>, with: &str) -> Self {
        Self { at: at.clone(), with: with.to_owned() }
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let before = text.get(..self.at.start).unwrap_or_default();
        let after = text.get(self.at.end..).unwrap_or_default();
        format!("{before}{}{after}", self.with)
    }

    /// Says it with the words before it, and one after.
    pub(super) fn describe(&self, text: &str) -> String {
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let removed = shown(part(self.at.clone()));
        if self.with.is_empty() {
            return format!("remove \"{removed}\"");
        }
        let tokens = tokens(text);
        let before = tokens.iter().rev().filter(|token| token.at.end <= self.at.start).nth(1);
        let after = tokens.iter().find(|token| token.at.start >= self.at.end);
        let before = part(before.map_or(0, |token| token.at.start)..self.at.start);
        let after = part(self.at.end..after.map_or(text.len(), |token| token.at.end));
        let with = |middle: &str| shown(&format!("{before}{middle}{after}"));
        format!("replace \"{}\" with \"{}\"", with(part(self.at.clone())), with(&self.with))
    }
}

/// In one line that is not long.
fn shown(text: &str) -> String {
    const MOST: usize = 90;
    let text = text.replace(GAP, "{}").split_whitespace().collect::<Vec<_>>().join(" ");
    let count = text.chars().count();
    if count <= MOST {
        return text;
    }
    let part = |skip: usize| text.chars().skip(skip).take(MOST / 2).collect::<String>();
    format!("{} ... {}", part(0), part(count - MOST / 2))
}

/// All changes of a text; none if it is not a statement, or a part of one.
pub(super) fn changes(text: &str) -> Vec<Change> {
    let all = tokens(text);
    let mut changes = if text.contains("redis.call") {
        lua(&all)
    } else if is_sql(&all) {
        sql(text, &all)
    } else {
        Vec::new()
    };
    // What replaces a gap cannot be removed.
    changes.retain(|change| !text.get(change.at.clone()).is_none_or(|part| part.contains(GAP)));
    changes.sort_by_key(|change| (change.at.start, change.at.end));
    changes.dedup();
    changes
}

fn is_sql(tokens: &[Token<'_>]) -> bool {
    const WORDS: [&str; 14] = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "SET", "FROM", "WHERE", "AND", "OR", "CASE",
        "NULL", "LIMIT", "BEGIN", "VALUES",
    ];
    tokens.iter().any(|token| WORDS.contains(&token.text)) || is_comparison(tokens)
}

/// Such as `i.state = 3`, and not `host=`.
fn is_comparison(tokens: &[Token<'_>]) -> bool {
    tokens.len() < 9
        && tokens.windows(2).any(|pair| match pair {
            [word, sign] => {
                word.kind == Kind::Word
                    && word.at.end < sign.at.start
                    && matches!(sign.text, "=" | "<>" | "<" | ">" | "<=" | ">=")
            }
            _ => false,
        })
}

fn sql(text: &str, tokens: &[Token<'_>]) -> Vec<Change> {
    let (mut changes, assigned) = clause::assignments(text, tokens);
    for at in 0..tokens.len() {
        changes.extend(clause::changes(Look { tokens, at }, text));
    }
    // Where a test notices that a condition is gone, one notices that it is turned round.
    let removed: Vec<Range<usize>> = changes.iter().map(|change| change.at.clone()).collect();
    let depths = tokens.iter().filter(|token| matches!(token.text, "AND" | "OR"));
    let depths: Vec<(usize, i32)> = depths.map(|token| (token.at.start, token.depth)).collect();
    let is_removed = |token: &Token<'_>| {
        removed.iter().any(|range| {
            let is_near = |(word, depth): &(usize, i32)| {
                *depth == token.depth && (range.start == *word || range.contains(word))
            };
            range.start <= token.at.start && token.at.end <= range.end && depths.iter().any(is_near)
        })
    };
    for (at, token) in tokens.iter().enumerate() {
        let look = Look { tokens, at };
        if !assigned.contains(&at) {
            changes.extend(word::boundary(look));
            changes.extend(word::comparison(look).filter(|_| !is_removed(token)));
        }
        changes.extend(word::word(look));
        changes.extend(word::null(look).filter(|_| !is_removed(token)));
        changes.extend(word::arithmetic(look));
        changes.extend(word::number(look).filter(|_| !is_removed(token)));
    }
    changes
}

fn lua(tokens: &[Token<'_>]) -> Vec<Change> {
    let mut changes = Vec::new();
    for at in 0..tokens.len() {
        let look = Look { tokens, at };
        let Some(token) = look.token() else { continue };
        let with = match token.text {
            "~=" => Some("=="),
            "==" => Some("~="),
            "<=" => Some("<"),
            "and" => Some("or"),
            "or" => Some("and"),
            "not" => Some(""),
            _ => None,
        };
        changes.extend(with.map(|with| Change::new(&token.at, with)));
        if token.text == "'PX'"
            && let (Some(comma), Some(end)) = (look.previous(), look.next(5))
        {
            // `, 'PX', ARGV[3]`
            changes.push(Change::new(&(comma.at.start..end.at.end), ""));
        }
        changes.extend(word::arithmetic(look));
        changes.extend(word::number(look));
    }
    changes
}

/// A place among the tokens.
#[derive(Clone, Copy)]
struct Look<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
}

impl<'a> Look<'a> {
    fn token(self) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at)
    }

    fn previous(self) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at.checked_sub(1)?)
    }

    fn next(self, by: usize) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at + by)
    }

    /// Whether it and what follows are these.
    fn is(self, texts: &[&str]) -> bool {
        texts.iter().enumerate().all(|(by, text)| self.next(by).is_some_and(|it| it.text == *text))
    }

    fn was(self, text: &str) -> bool {
        self.previous().is_some_and(|previous| previous.text == text)
    }

    /// From it to that many tokens later.
    fn range(self, by: usize) -> Option<Range<usize>> {
        Some(self.token()?.at.start..self.next(by)?.at.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the changes make of a text.
    fn changed(text: &str) -> Vec<String> {
        let mut changed: Vec<String> = changes(text)
            .iter()
            .map(|change| change.apply(text).split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        changed.sort();
        changed
    }

    #[test]
    fn what_is_no_statement_is_not_changed() {
        for text in
            ["the server has 2 slots", "PostgreSQL gave an unexpected answer", "+5", "host="]
        {
            assert_eq!(changed(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn changes_conditions_one_at_a_time() {
        assert_eq!(
            changed("SELECT a FROM t WHERE b = ?1 AND (c IS NULL OR d < ?2) AND NOT EXISTS (e)"),
            [
                "SELECT a FROM t WHERE (c IS NULL OR d < ?2) AND NOT EXISTS (e)",
                "SELECT a FROM t WHERE b = ?1 AND ( d < ?2) AND NOT EXISTS (e)",
                "SELECT a FROM t WHERE b = ?1 AND (c IS NULL ) AND NOT EXISTS (e)",
                "SELECT a FROM t WHERE b = ?1 AND (c IS NULL OR d < ?2)",
                "SELECT a FROM t WHERE b = ?1 AND (c IS NULL OR d < ?2) AND EXISTS (e)",
                "SELECT a FROM t WHERE b = ?1 AND (c IS NULL OR d <= ?2) AND NOT EXISTS (e)",
                "SELECT a FROM t WHERE b = ?1 AND NOT EXISTS (e)",
            ]
        );
    }

    #[test]
    fn changes_what_is_set_and_not_the_sign_of_equality() {
        assert_eq!(
            changed(
                "UPDATE t SET a = max(a - 1, ?1), b = CASE WHEN c = 'x' THEN ?2 END WHERE d = ?3"
            ),
            [
                "UPDATE t SET a = max(a + 1, ?1), b = CASE WHEN c = 'x' THEN ?2 END WHERE d = ?3",
                "UPDATE t SET a = max(a - 1, ?1) WHERE d = ?3",
                "UPDATE t SET a = max(a - 1, ?1), b = CASE WHEN c <> 'x' THEN ?2 END WHERE d = ?3",
                "UPDATE t SET a = max(a - 1, ?1), b = CASE WHEN c = 'x' THEN ?2 END WHERE d <> ?3",
                "UPDATE t SET a = min(a - 1, ?1), b = CASE WHEN c = 'x' THEN ?2 END WHERE d = ?3",
                "UPDATE t SET b = CASE WHEN c = 'x' THEN ?2 END WHERE d = ?3",
            ]
        );
        // The list alone, as it is pushed to a query.
        assert_eq!(changed("a = ?1, b = NULL"), ["a = ?1", "b = NULL"]);
    }

    #[test]
    fn changes_the_order_the_lock_and_the_limit() {
        assert_eq!(
            changed("SELECT a FROM t ORDER BY a DESC LIMIT ?1 FOR UPDATE SKIP LOCKED"),
            [
                "SELECT a FROM t LIMIT ?1 FOR UPDATE SKIP LOCKED",
                "SELECT a FROM t ORDER BY a ASC LIMIT ?1 FOR UPDATE SKIP LOCKED",
                "SELECT a FROM t ORDER BY a DESC LIMIT 1 + ?1 FOR UPDATE SKIP LOCKED",
                "SELECT a FROM t ORDER BY a DESC LIMIT ?1",
                "SELECT a FROM t ORDER BY a DESC LIMIT ?1 FOR UPDATE",
            ]
        );
    }

    #[test]
    fn turns_round_what_is_compared_with_the_clock() {
        assert_eq!(changed("a <= clock_timestamp()"), ["a > clock_timestamp()"]);
        assert_eq!(changed("SELECT (a, b) < (c, d)"), ["SELECT (a, b) >= (c, d)"]);
    }

    #[test]
    fn leaves_what_spans_a_placeholder_as_it_is() {
        let text = format!("SELECT a WHERE b = {GAP} AND c = d");
        assert_eq!(
            changed(&text),
            [format!("SELECT a WHERE b <> {GAP} AND c = d"), format!("SELECT a WHERE b = {GAP}"),]
        );
    }

    #[test]
    fn changes_scripts() {
        assert_eq!(
            changed("if not a or #ARGV[1] + 1 ~= 2 then redis.call('SET', a, 'PX', ARGV[3]) end"),
            [
                "if a or #ARGV[1] + 1 ~= 2 then redis.call('SET', a, 'PX', ARGV[3]) end",
                "if not a and #ARGV[1] + 1 ~= 2 then redis.call('SET', a, 'PX', ARGV[3]) end",
                "if not a or #ARGV[1] + 1 == 2 then redis.call('SET', a, 'PX', ARGV[3]) end",
                "if not a or #ARGV[1] + 1 ~= 2 then redis.call('SET', a) end",
                "if not a or #ARGV[1] + 1 ~= 2 then redis.call('SET', a, 'PX', ARGV[4]) end",
                "if not a or #ARGV[1] + 1 ~= 3 then redis.call('SET', a, 'PX', ARGV[3]) end",
                "if not a or #ARGV[1] - 1 ~= 2 then redis.call('SET', a, 'PX', ARGV[3]) end",
                "if not a or #ARGV[2] + 1 ~= 2 then redis.call('SET', a, 'PX', ARGV[3]) end",
            ]
        );
    }

    #[test]
    fn says_what_it_changes() {
        let text = "SELECT a FROM t WHERE b = ?1 AND c < ?2";
        let said: Vec<String> = changes(text).iter().map(|change| change.describe(text)).collect();
        assert_eq!(
            said,
            [
                "remove \"b = ?1 AND\"",
                "remove \"AND c < ?2\"",
                "replace \"AND c < ?2\" with \"AND c <= ?2\"",
            ]
        );
    }
}
