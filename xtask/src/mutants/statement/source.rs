//! Finds the statements in the source, and marks them.

use std::collections::BTreeMap;

use proc_macro2::{Group, Literal, TokenStream, TokenTree};

use super::{
    change,
    text::{Patch, Text},
};
use crate::mutants::Result;

mod rust;

use rust::{Tokens, constant, copy_attribute, is_call, only_arm, parse, text_of};

/// Texts in these are for people.
const FOR_PEOPLE: [&str; 9] =
    ["info", "warn", "error", "debug", "assert", "assert_eq", "panic", "include_str", "env"];

/// A mutant of a statement.
#[derive(Debug)]
pub(super) struct Mutant {
    /// As the list of mutants has it.
    pub(super) name: String,
    pub(super) file: String,
    pub(super) patch: Patch,
}

/// The files of a store, which is one program.
#[derive(Default)]
pub(super) struct Source {
    /// Macros that are a text, such as `now!()`.
    macros: BTreeMap<String, TokenStream>,
    /// Constants that are a text without mutants; `None` if several have the name.
    constants: BTreeMap<String, Option<String>>,
    /// How many pieces are marked.
    pub(super) pieces: usize,
    pub(super) mutants: Vec<Mutant>,
}

/// Where in a file a text is.
struct Place<'a> {
    file: &'a str,
    /// The innermost function or constant around it.
    item: String,
}

impl Source {
    /// Learns what other files use. All files come first, then each is [marked](Self::mark).
    pub(super) fn learn(&mut self, file: &str, code: &str) -> Result<()> {
        let tokens = parse(file, code)?;
        self.learn_from(tokens);
        Ok(())
    }

    fn learn_from(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match &token {
                TokenTree::Ident(word) if word == "macro_rules" => {
                    let name = tokens.nth(1).map(|name| name.to_string());
                    let body = tokens.next().and_then(|body| only_arm(&body));
                    self.macros.extend(name.zip(body));
                }
                TokenTree::Ident(word) if word == "const" => {
                    let Some((name, text)) = constant(tokens.clone()) else { continue };
                    let text = change::changes(&text).is_empty().then_some(text);
                    self.constants.entry(name).and_modify(|known| *known = None).or_insert(text);
                }
                TokenTree::Group(group) => self.learn_from(group.stream()),
                _ => {}
            }
        }
    }

    /// The file with a mark in each statement.
    pub(super) fn mark(&mut self, file: &str, code: &str) -> Result<String> {
        let tokens = parse(file, code)?;
        let mut place = Place { file, item: String::new() };
        Ok(self.walk(tokens, &mut place)?.to_string())
    }

    fn walk(&mut self, tokens: TokenStream, place: &mut Place<'_>) -> Result<TokenStream> {
        let outer = place.item.clone();
        let mut walked = Vec::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match &token {
                TokenTree::Punct(sign) if sign.as_char() == '#' => {
                    walked.push(token);
                    copy_attribute(&mut tokens, &mut walked);
                    continue;
                }
                TokenTree::Punct(sign) if sign.as_char() == ';' => place.item.clone_from(&outer),
                TokenTree::Ident(word) if ["fn", "const", "static"].iter().any(|it| word == it) => {
                    // Not the lifetime in `&'static str`.
                    let is_item = !matches!(walked.last(), Some(TokenTree::Punct(it)) if it.as_char() == '\'');
                    if is_item && let Some(TokenTree::Ident(name)) = tokens.peek() {
                        place.item = name.to_string();
                    }
                }
                TokenTree::Ident(word) if is_call(&word.to_string(), &tokens) => {
                    let name = word.to_string();
                    walked.push(token);
                    self.walk_macro(&name, &mut tokens, &mut walked, place)?;
                    continue;
                }
                TokenTree::Literal(literal) => {
                    if let Some(text) = text_of(literal) {
                        let marked = self.marked(&Text::plain(text), place)?;
                        walked.push(marked.map_or(token, TokenTree::Literal));
                        continue;
                    }
                }
                TokenTree::Group(group) => {
                    walked.push(self.walk_group(group, place)?);
                    continue;
                }
                _ => {}
            }
            walked.push(token);
        }
        place.item = outer;
        Ok(walked.into_iter().collect())
    }

    fn walk_group(&mut self, group: &Group, place: &mut Place<'_>) -> Result<TokenTree> {
        let stream = self.walk(group.stream(), place)?;
        Ok(TokenTree::Group(Group::new(group.delimiter(), stream)))
    }

    /// A call of a macro, after its name.
    fn walk_macro(
        &mut self,
        name: &str,
        tokens: &mut Tokens,
        walked: &mut Vec<TokenTree>,
        place: &mut Place<'_>,
    ) -> Result<()> {
        walked.extend(tokens.next());
        if name == "macro_rules" {
            walked.extend(tokens.by_ref().take(2));
            return Ok(());
        }
        let Some(TokenTree::Group(group)) = tokens.next() else { return Ok(()) };
        let is_format = name == "format" || name == "write";
        if FOR_PEOPLE.contains(&name) {
            walked.push(TokenTree::Group(group));
        } else if name == "concat" {
            let text = self.concatenated(group.stream());
            let text = text.ok_or_else(|| format!("{}: not a text: {group}", place.file))?;
            match self.marked(&Text::plain(text), place)? {
                None => walked.push(TokenTree::Group(group)),
                Some(literal) => {
                    // Instead of the call.
                    walked.truncate(walked.len().saturating_sub(2));
                    walked.push(TokenTree::Literal(literal));
                }
            }
        } else if is_format {
            let mut arguments = Vec::new();
            for token in group.stream() {
                let text = match &token {
                    TokenTree::Literal(literal) => text_of(literal),
                    _ => None,
                };
                let is_first = !arguments.iter().any(|it| matches!(it, TokenTree::Literal(_)));
                arguments.push(match (text, token) {
                    (Some(text), token) if is_first => {
                        let known = |name: &str| self.constants.get(name).cloned().flatten();
                        let text = Text::format(&text, known);
                        self.marked(&text, place)?.map_or(token, TokenTree::Literal)
                    }
                    (Some(text), token) => {
                        self.marked(&Text::plain(text), place)?.map_or(token, TokenTree::Literal)
                    }
                    (None, TokenTree::Group(group)) => self.walk_group(&group, place)?,
                    (None, token) => token,
                });
            }
            let stream = arguments.into_iter().collect();
            walked.push(TokenTree::Group(Group::new(group.delimiter(), stream)));
        } else {
            walked.push(self.walk_group(&group, place)?);
        }
        Ok(())
    }

    fn marked(&mut self, text: &Text, place: &Place<'_>) -> Result<Option<Literal>> {
        let marked =
            text.mark(&mut self.pieces).map_err(|error| format!("{}: {error}", place.file))?;
        let Some((literal, patches)) = marked else { return Ok(None) };
        self.mutants.extend(patches.into_iter().map(|patch| Mutant {
            name: format!("{}: {} in {}", place.file, patch.what, place.item),
            file: place.file.to_owned(),
            patch,
        }));
        Ok(Some(Literal::string(&literal)))
    }

    /// The text that `concat!` makes of its arguments.
    fn concatenated(&self, arguments: TokenStream) -> Option<String> {
        let mut text = String::new();
        let mut arguments = arguments.into_iter().peekable();
        while let Some(argument) = arguments.next() {
            match argument {
                TokenTree::Literal(literal) => text.push_str(&text_of(&literal)?),
                TokenTree::Ident(name) if is_call(&name.to_string(), &arguments) => {
                    let group = arguments.nth(1)?;
                    text.push_str(&self.called(&name.to_string(), &group)?);
                }
                TokenTree::Punct(comma) if comma.as_char() == ',' => {}
                _ => return None,
            }
        }
        Some(text)
    }

    fn called(&self, name: &str, arguments: &TokenTree) -> Option<String> {
        if name == "concat" {
            let TokenTree::Group(group) = arguments else { return None };
            return self.concatenated(group.stream());
        }
        self.concatenated(self.macros.get(name)?.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = r#"
        //! Not "WHERE a = 1".
        macro_rules! now { () => { "unixepoch('subsec')" }; }
        const NOW: &str = "clock_timestamp()";
        const DUE: &str = concat!("WHERE b <= ", now!());
        fn f() {
            const C: &str = "WHERE c IS NULL";
            warn!("AND d = 1");
            if !is_read { return; }
            query("WHERE e IS NULL", format!("{} WHERE f > {NOW}", "is no statement"));
        }
        fn g() -> &'static str { "WHERE g IS NULL" }
        #[cfg(test)]
        mod tests { const H: &str = "WHERE h = 1"; }
    "#;

    fn marked() -> (String, Vec<Mutant>) {
        let mut source = Source::default();
        source.learn("a.rs", CODE).unwrap();
        let code = source.mark("a.rs", CODE).unwrap();
        (code, source.mutants)
    }

    #[test]
    fn finds_the_statements_and_where_they_are() {
        let names: Vec<String> = marked().1.into_iter().map(|mutant| mutant.name).collect();
        assert_eq!(
            names,
            [
                "a.rs: replace \"WHERE b <= unixepoch\" with \"WHERE b > unixepoch\" in DUE",
                "a.rs: replace \"WHERE c IS NULL\" with \"WHERE c IS NOT NULL\" in C",
                "a.rs: replace \"WHERE e IS NULL\" with \"WHERE e IS NOT NULL\" in f",
                "a.rs: replace \"WHERE f > clock_timestamp\" with \"WHERE f <= clock_timestamp\" in f",
                "a.rs: replace \"WHERE g IS NULL\" with \"WHERE g IS NOT NULL\" in g",
            ]
        );
    }

    #[test]
    fn changes_nothing_but_the_statements() {
        let (code, _) = marked();
        let without_marks: String = code
            .split("/*~")
            .enumerate()
            .map(|(number, part)| if number == 0 { part } else { part.split_once("*/").unwrap().1 })
            .collect();
        let expected =
            CODE.replace("concat!(\"WHERE b <= \", now!())", "\"WHERE b <= unixepoch('subsec')\"");
        let expected = expected.replace("{NOW}", "clock_timestamp()");
        let tokens = |code: &str| code.parse::<TokenStream>().unwrap().to_string();
        assert_eq!(tokens(&without_marks), tokens(&expected));
        assert_eq!(code.matches("/*~piece").count(), 5);
    }
}
