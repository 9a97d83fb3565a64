//! What must hold of every public item, read from the same data as the listing.

use std::collections::HashSet;

use super::{
    line::{TYPE, array, declared, implemented},
    rustdoc::{Api, Item},
};

/// The most items that the root of `topper-core` may export, modules not counted.
const MOST_AT_ROOT: usize = 26;

/// What every public type implements.
const TRAITS: [(&str, &str); 3] = [
    ("Send", "core::marker::Send"),
    ("Sync", "core::marker::Sync"),
    ("Clone", "core::clone::Clone"),
];

/// A type that does not implement all of [`TRAITS`].
struct Exception {
    path: &'static str,
    without: &'static [&'static str],
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        path: "topper_bootstrap::Draft",
        without: &["Clone"],
        reason: "a token is taken once, so it is signed once",
    },
    Exception {
        path: "topper_core::Admitted",
        without: &["Clone"],
        reason: "one request, verified once",
    },
    Exception {
        path: "topper_core::Retry",
        without: &["Clone"],
        reason: "an error that boxes another one",
    },
    Exception {
        path: "topper_conformance::adapter::Server",
        without: &["Sync", "Clone"],
        reason: "a guard that ends the server, of any type that is Send",
    },
    Exception {
        path: "topper_serve::RequestBody",
        without: &["Clone"],
        reason: "the body of one request, read once",
    },
    Exception {
        path: "topper_serve::Running",
        without: &["Clone"],
        reason: "one server, which ends once",
    },
    Exception {
        path: "topper_serve::ServeError",
        without: &["Clone"],
        reason: "it holds the error of a socket or a framework",
    },
    Exception {
        path: "topper_serve::Server",
        without: &["Sync", "Clone"],
        reason: "it is consumed when it starts",
    },
    Exception {
        path: "topper_store::inbox::Handler",
        without: &["Clone"],
        reason: "a handler, which may be of any type",
    },
    Exception {
        path: "topper_store::inbox::InTransaction",
        without: &["Clone"],
        reason: "a handler, which may be of any type",
    },
    Exception {
        path: "topper_store::inbox::Processed",
        without: &["Clone"],
        reason: "the end of a handler, with its error",
    },
    Exception {
        path: "topper_store::inbox::Worker",
        without: &["Clone"],
        reason: "it is started once, and has a handler of any type",
    },
];

/// Each item that breaks a rule, in a sentence.
pub(super) fn violations(apis: &[Api]) -> Vec<String> {
    let mut violations: Vec<String> =
        apis.iter().flat_map(|api| without_traits(&api.items, EXCEPTIONS)).collect();
    violations.extend(apis.iter().flat_map(|api| arrays(&api.brief)));
    let types: HashSet<&str> = apis.iter().flat_map(|api| types(&api.items)).map(path_of).collect();
    let unknown = EXCEPTIONS.iter().filter(|exception| !types.contains(exception.path));
    violations.extend(unknown.map(|exception| {
        format!("{}: there is no such type; remove it from EXCEPTIONS", exception.path)
    }));
    let core = apis.iter().find(|api| api.package == "topper-core");
    violations.extend(core.and_then(|core| crowded_root(&core.brief)));
    violations
}

/// The types that lack a trait, and the exceptions that have it.
fn without_traits(items: &[Item], exceptions: &[Exception]) -> Vec<String> {
    let mut violations = Vec::new();
    for (item, path) in types(items) {
        let exception = exceptions.iter().find(|exception| exception.path == path);
        for (name, path_of_trait) in TRAITS {
            let has = items.iter().any(|other| {
                other.parent == Some(item.id) && implemented(&other.line) == Some(path_of_trait)
            });
            let excepted = exception.filter(|exception| exception.without.contains(&name));
            match excepted {
                None if !has => violations.push(format!(
                    "{path}: does not implement {name}; implement it, or add it to EXCEPTIONS with \
                     the reason"
                )),
                Some(Exception { reason, .. }) if has => violations.push(format!(
                    "{path}: implements {name}; remove it from EXCEPTIONS ({reason})"
                )),
                _ => {}
            }
        }
    }
    violations
}

/// Arrays whose length is what they are.
const ARRAYS: &[&str] = &[
    // 16 random bytes, as they stand in the databases.
    "pub type topper_store::inbox::Owner = [u8; 16]",
];

/// The items with the length of an array in their signature: to change it would break users.
fn arrays(items: &[Item]) -> Vec<String> {
    let mut seen = HashSet::new();
    let lines = items.iter().map(|item| &item.line).filter(|line| seen.insert(*line));
    lines
        .filter(|line| !ARRAYS.contains(&line.as_str()))
        .filter_map(|line| {
            let array = array(line)?;
            Some(format!("`{line}`: {array} fixes a length; use a slice or a separate type"))
        })
        .collect()
}

/// Too many items at the root of a crate.
fn crowded_root(items: &[Item]) -> Option<String> {
    let root = items.iter().find(|item| item.parent.is_none())?;
    let count = items
        .iter()
        .filter(|item| item.parent == Some(root.id) && declared(&item.line, &["mod"]).is_none())
        .count();
    (count > MOST_AT_ROOT).then(|| {
        let path = declared(&root.line, &["mod"]).unwrap_or("root");
        format!("{path}: exports {count} items at its root, more than {MOST_AT_ROOT}")
    })
}

/// The types with their paths, each once.
fn types(items: &[Item]) -> Vec<(&Item, &str)> {
    let mut seen = HashSet::new();
    items
        .iter()
        .filter_map(|item| Some((item, declared(&item.line, &TYPE)?)))
        .filter(|(item, _)| seen.insert(item.id))
        .collect()
}

fn path_of<'a>((_, path): (&Item, &'a str)) -> &'a str {
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: u32, parent: Option<u32>, line: &str) -> Item {
        Item { id, parent, line: line.to_owned() }
    }

    fn crate_with(clone: &str) -> Vec<Item> {
        vec![
            item(0, None, "pub mod a"),
            item(1, Some(0), "pub struct a::B"),
            item(2, Some(1), "impl core::marker::Send for a::B"),
            item(3, Some(1), "impl core::marker::Sync for a::B"),
            item(4, Some(1), clone),
        ]
    }

    const EXCEPTION: [Exception; 1] =
        [Exception { path: "a::B", without: &["Clone"], reason: "a guard" }];

    #[test]
    fn names_a_type_that_lacks_a_trait() {
        let found = without_traits(&crate_with("impl !core::clone::Clone for a::B"), &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("a::B: does not implement Clone"), "{found:?}");
    }

    #[test]
    fn accepts_an_exception_and_names_one_without_need() {
        let lacking = crate_with("impl core::fmt::Debug for a::B");
        assert!(without_traits(&lacking, &EXCEPTION).is_empty());
        let found = without_traits(&crate_with("impl core::clone::Clone for a::B"), &EXCEPTION);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("a::B: implements Clone"), "{found:?}");
    }

    #[test]
    fn names_an_array_once() {
        let line = "pub const a::B::ALL: [Self; 3]";
        let found = arrays(&[item(5, Some(1), line), item(6, Some(1), line)]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("[Self; 3]"), "{found:?}");
    }

    #[test]
    fn counts_the_items_of_the_root_without_modules() {
        let mut items = vec![item(0, None, "pub mod a"), item(1, Some(0), "pub mod a::b")];
        for id in 2..28 {
            items.push(item(id, Some(0), "pub struct a::C"));
        }
        items.push(item(50, Some(1), "pub struct a::b::D"));
        assert_eq!(crowded_root(&items), None);
        items.push(item(28, Some(0), "pub fn a::e()"));
        let found = crowded_root(&items);
        assert!(found.is_some_and(|found| found.contains("27 items")));
    }
}
