//! The public API as a text to read: one item a line, what belongs to a type below it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    iter,
};

use super::{
    line::{TYPE, declared, implemented, with_paths},
    rustdoc::{Api, Item},
};

/// Paths of the standard library's prelude, and what everyone writes for them.
const PRELUDE: [(&str, &str); 27] = [
    ("alloc::borrow::ToOwned", "ToOwned"),
    ("alloc::boxed::Box", "Box"),
    ("alloc::string::String", "String"),
    ("alloc::vec::Vec", "Vec"),
    ("core::clone::Clone", "Clone"),
    ("core::cmp::Eq", "Eq"),
    ("core::cmp::Ord", "Ord"),
    ("core::cmp::PartialEq", "PartialEq"),
    ("core::cmp::PartialOrd", "PartialOrd"),
    ("core::convert::AsRef", "AsRef"),
    ("core::convert::From", "From"),
    ("core::convert::Into", "Into"),
    ("core::convert::TryFrom", "TryFrom"),
    ("core::convert::TryInto", "TryInto"),
    ("core::default::Default", "Default"),
    ("core::future::future::Future", "Future"),
    ("core::iter::traits::collect::IntoIterator", "IntoIterator"),
    ("core::iter::traits::exact_size::ExactSizeIterator", "ExactSizeIterator"),
    ("core::iter::traits::iterator::Iterator", "Iterator"),
    ("core::marker::Send", "Send"),
    ("core::marker::Sized", "Sized"),
    ("core::marker::Sync", "Sync"),
    ("core::ops::function::Fn", "Fn"),
    ("core::ops::function::FnMut", "FnMut"),
    ("core::ops::function::FnOnce", "FnOnce"),
    ("core::option::Option", "Option"),
    ("core::result::Result", "Result"),
];

/// What to write for a path: the short names of the prelude, and where users find our own items.
pub(super) struct Paths(BTreeMap<String, String>);

impl Paths {
    /// The public paths of what these crates define in modules that are private.
    pub(super) fn of(apis: &[Api]) -> Self {
        let mut paths: BTreeMap<String, String> =
            PRELUDE.iter().map(|(path, name)| ((*path).to_owned(), (*name).to_owned())).collect();
        for api in apis {
            for item in &api.brief {
                let keywords = [&TYPE[..], &["trait", "type"]].concat();
                let Some(public) = declared(&item.line, &keywords) else { continue };
                let Some(definition) = api.definitions.get(&item.id) else { continue };
                // Of several public paths the shortest.
                let path = paths.entry(definition.clone()).or_insert_with(|| public.to_owned());
                if public.len() < path.len() {
                    public.clone_into(path);
                }
            }
        }
        Self(paths)
    }
}

/// The text of a crate's file.
pub(super) fn text(api: &Api, paths: &Paths) -> String {
    let by_id: HashMap<u32, &Item> = api.brief.iter().map(|item| (item.id, item)).collect();
    let parent = |item: &Item| by_id.get(&item.parent?).copied();
    let is_listed = |item: &Item| is_listed(&item.line, parent(item).map(|it| it.line.as_str()));
    let mut seen = HashSet::new();
    let mut text = String::new();
    let mut last_depth = 0;
    // An implementation is listed both at its trait and at its type.
    for item in api.brief.iter().filter(|item| is_listed(item) && seen.insert(&item.line)) {
        let above = iter::successors(parent(item), |item| parent(item));
        let depth = above.filter(|it| is_listed(it) && !declares(it, &["mod"])).count();
        let begins = declares(item, &[&TYPE[..], &["trait", "mod"]].concat());
        if !text.is_empty() && depth == 0 && (begins || last_depth > 0) {
            text.push('\n');
        }
        text.push_str(&"    ".repeat(depth));
        text.push_str(&with_paths(&item.line, |path| paths.0.get(path).map(String::as_str)));
        if let Some(source) = api.sources.get(&item.id) {
            text.push_str(" = ");
            text.push_str(source);
        }
        text.push('\n');
        last_depth = depth;
    }
    text
}

fn declares(item: &Item, keywords: &[&str]) -> bool {
    declared(&item.line, keywords).is_some()
}

/// Whether a line says something new: the head of an `impl` without bounds does not, nor does a
/// function that the trait of its `impl` prescribes.
fn is_listed(line: &str, parent: Option<&str>) -> bool {
    let is_head = line.starts_with("impl ") && implemented(line).is_none();
    let is_of_trait = parent.and_then(implemented).is_some();
    let is_chosen = line.starts_with("pub type ") || line.starts_with("pub const ");
    !is_head && (!is_of_trait || is_chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_what_a_trait_prescribes() {
        let parent = Some("impl core::str::traits::FromStr for a::B");
        assert!(is_listed("pub type a::B::Err = a::C", parent));
        assert!(!is_listed("pub fn a::B::from_str(&str) -> Self", parent));
        assert!(is_listed("pub fn a::B::new() -> Self", Some("impl a::B")));
        assert!(!is_listed("impl a::B", Some("pub struct a::B")));
        assert!(is_listed("impl<S: a::C> a::B<S>", Some("pub struct a::B<S>")));
    }

    #[test]
    fn puts_what_belongs_to_a_type_below_it() {
        let item = |id, parent, line: &str| Item { id, parent, line: line.to_owned() };
        let brief = vec![
            item(0, None, "pub mod a"),
            item(1, Some(0), "pub struct a::B"),
            item(2, Some(1), "impl a::B"),
            item(3, Some(2), "pub fn a::B::new(core::option::Option<a::c::D>) -> Self"),
            item(4, Some(1), "impl core::clone::Clone for a::B"),
            item(7, Some(4), "pub type a::B::C = u8"),
            item(5, Some(0), "pub struct a::D"),
            item(4, Some(5), "impl core::clone::Clone for a::B"),
            item(6, Some(0), "pub use a::e"),
        ];
        let api = Api {
            package: "a".to_owned(),
            items: Vec::new(),
            brief,
            definitions: HashMap::from([(5, "a::c::D".to_owned())]),
            sources: HashMap::from([(6, "e".to_owned())]),
        };
        let apis = [api];
        assert_eq!(
            text(&apis[0], &Paths::of(&apis)),
            "pub mod a\n\npub struct a::B\n    pub fn a::B::new(Option<a::D>) -> Self\n    \
             impl Clone for a::B\n        pub type a::B::C = u8\n\npub struct a::D\npub use a::e = e\n"
        );
    }
}
