//! What is needed of Rust's syntax: tokens, and not more.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Literal, Spacing, TokenStream, TokenTree, token_stream::IntoIter};

use crate::mutants::Result;

pub(super) type Tokens = Peekable<IntoIter>;

pub(super) fn parse(file: &str, code: &str) -> Result<TokenStream> {
    code.parse().map_err(|error| format!("{file}: {error}").into())
}

/// The value of a literal that is a text.
pub(super) fn text_of(literal: &Literal) -> Option<String> {
    let literal: syn::LitStr = syn::parse_str(&literal.to_string()).ok()?;
    Some(literal.value())
}

/// Whether `!` and a group are next; or `!` and a name, after `macro_rules`.
pub(super) fn is_call(name: &str, tokens: &Tokens) -> bool {
    let mut tokens = tokens.clone();
    let is_sign = |sign: TokenTree| match sign {
        TokenTree::Punct(sign) => sign.as_char() == '!' && sign.spacing() == Spacing::Alone,
        _ => false,
    };
    tokens.next().is_some_and(is_sign)
        && match tokens.next() {
            Some(TokenTree::Group(_)) => true,
            Some(TokenTree::Ident(_)) => name == "macro_rules",
            _ => false,
        }
}

/// What a macro without arguments stands for.
pub(super) fn only_arm(body: &TokenTree) -> Option<TokenStream> {
    let TokenTree::Group(body) = body else { return None };
    let mut groups = body.stream().into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group),
        _ => None,
    });
    let (pattern, body) = (groups.next()?, groups.next()?);
    (pattern.stream().is_empty() && groups.next().is_none()).then(|| body.stream())
}

/// `NAME: &str = "text"`
pub(super) fn constant(mut tokens: Tokens) -> Option<(String, String)> {
    let name = tokens.next()?.to_string();
    let kind: String = tokens.by_ref().take(3).map(|token| token.to_string()).collect();
    let sign = tokens.next()?.to_string();
    let Some(TokenTree::Literal(literal)) = tokens.next() else { return None };
    (kind == ":&str" && sign == "=").then_some((name, text_of(&literal)?))
}

/// Copies an attribute after its `#`, with the whole item if that is only for tests.
pub(super) fn copy_attribute(tokens: &mut Tokens, copy: &mut Vec<TokenTree>) {
    copy.extend(tokens.next_if(|it| matches!(it, TokenTree::Punct(_))));
    let Some(attribute) = tokens.next() else { return };
    let is_test = attribute.to_string().split_whitespace().collect::<String>() == "[cfg(test)]";
    copy.push(attribute);
    while is_test && let Some(token) = tokens.next() {
        let is_end = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(sign) => sign.as_char() == ';',
            _ => false,
        };
        copy.push(token);
        if is_end {
            return;
        }
    }
}
