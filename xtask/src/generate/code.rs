//! Documentation comments of the source.

use std::error::Error;

use syn::{Attribute, Expr, ExprLit, Item, Lit, LitStr, Meta};

use super::read;

/// A variant of an enum, or a constant.
pub(super) struct Documented {
    pub(super) name: String,
    pub(super) docs: String,
    /// What is shown to people, if it is an error; values in it are `…`.
    pub(super) message: Option<String>,
}

/// The public variants of an enum, in order.
pub(super) fn variants(path: &str, name: &str) -> Result<Vec<Documented>, Box<dyn Error>> {
    let found = items(path)?.into_iter().find_map(|item| match item {
        Item::Enum(found) if found.ident == name => Some(found),
        _ => None,
    });
    let variants = found.ok_or_else(|| format!("{path} has no enum {name}"))?.variants;
    Ok(variants
        .into_iter()
        .map(|variant| Documented {
            name: variant.ident.to_string(),
            docs: docs(&variant.attrs),
            message: message(&variant.attrs),
        })
        .collect())
}

/// The documentation of an enum or a constant.
pub(super) fn documentation(path: &str, name: &str) -> Result<String, Box<dyn Error>> {
    items(path)?
        .into_iter()
        .find_map(|item| match item {
            Item::Enum(found) if found.ident == name => Some(docs(&found.attrs)),
            Item::Const(found) if found.ident == name => Some(docs(&found.attrs)),
            Item::Struct(found) if found.ident == name => Some(docs(&found.attrs)),
            _ => None,
        })
        .ok_or_else(|| format!("{path} has no {name}").into())
}

/// The constants of a struct, each with the text of its field `name` in place of its own.
pub(super) fn constants(path: &str, of: &str) -> Result<Vec<Documented>, Box<dyn Error>> {
    let constants: Vec<Documented> = items(path)?
        .into_iter()
        .filter_map(|item| match item {
            Item::Const(found) => Some(found),
            _ => None,
        })
        .filter_map(|found| match &*found.expr {
            Expr::Struct(value) if value.path.is_ident(of) => {
                let name = value.fields.iter().find(|field| match &field.member {
                    syn::Member::Named(name) => name == "name",
                    syn::Member::Unnamed(_) => false,
                })?;
                Some(Documented {
                    name: literal(&name.expr)?,
                    docs: docs(&found.attrs),
                    message: None,
                })
            }
            _ => None,
        })
        .collect();
    if constants.is_empty() { Err(format!("{path} has no {of}").into()) } else { Ok(constants) }
}

fn items(path: &str) -> Result<Vec<Item>, Box<dyn Error>> {
    let file = syn::parse_file(&read(path)?).map_err(|error| format!("{path}: {error}"))?;
    Ok(file.items)
}

fn docs(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(doc) if doc.path.is_ident("doc") => literal(&doc.value),
            _ => None,
        })
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned())
        .collect();
    lines.join("\n")
}

/// The text of `#[error("...")]`.
fn message(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("error"))?;
    // What follows the text may be no expression, such as `.thumbprint`.
    let text = attribute.meta.require_list().ok()?.tokens.clone().into_iter().next()?;
    let text: LitStr = syn::parse_str(&text.to_string()).ok()?;
    Some(with_gaps(&text.value()))
}

/// Every placeholder becomes `…`.
fn with_gaps(format: &str) -> String {
    let mut text = String::new();
    let mut is_inside = false;
    for letter in format.chars() {
        match letter {
            '{' => is_inside = true,
            '}' => {
                is_inside = false;
                if !text.ends_with('…') {
                    text.push('…');
                }
            }
            letter if !is_inside => text.push(letter),
            _ => {}
        }
    }
    text
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
