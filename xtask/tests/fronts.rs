//! The front pages of the crates: on docs.rs, where items are links, and on crates.io, where files of the
//! repository are far away.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at what should not happen"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

mod tree;

use tree::{files, root};

/// The crates with an API, by the files that list it.
fn crates() -> Vec<String> {
    let listings = files("docs/api", ".txt");
    assert!(listings.len() >= 10, "{} listings", listings.len());
    let name = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    listings.into_iter().map(name).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The documentation of a crate, with what it includes.
fn front_page(package: &str) -> String {
    let source = read(&format!("{package}/src/lib.rs"));
    let mut page = String::new();
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("//!") {
            page.push_str(text.strip_prefix(' ').unwrap_or(text));
            page.push('\n');
        } else if let Some((_, path)) = line.split_once("doc = include_str!(\"")
            && !line.contains("#[doc")
        {
            let path = path.split('"').next().unwrap();
            page.push_str(&read(&format!("{package}/src/{path}")));
        }
    }
    assert!(page.lines().count() > 20, "{package} has no front page");
    page
}

/// A text without its blocks of code.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let is_prose = |line: &&str| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    };
    text.lines().filter(is_prose).map(|line| format!("{line}\n")).collect()
}

/// The types, traits and variants of all crates: what begins with a capital letter, and is no constant.
fn items() -> BTreeSet<String> {
    let listings: String =
        crates().iter().map(|package| read(&format!("docs/api/{package}.txt"))).collect();
    let declared = listings.lines().filter_map(|line| line.split_once("pub ")).map(|(_, it)| it);
    let paths = declared.filter_map(|item| item.split(' ').find(|word| word.starts_with("topper")));
    paths
        .flat_map(|path| path.split("::"))
        .map(|part| part.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned())
        .filter(|name| is_camel_case(name))
        .collect()
}

fn is_camel_case(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
}

/// What a page names in code font, and whether it is a link.
fn names(prose: &str) -> Vec<(&str, bool)> {
    let parts: Vec<&str> = prose.split('`').collect();
    let spans = (1..parts.len()).step_by(2);
    let is_link = |at: usize| parts[at - 1].ends_with('[') && parts[at + 1].starts_with(']');
    spans.map(|at| (parts[at], is_link(at))).collect()
}

/// Names of our items in code font that are nowhere a link on the page.
fn unlinked<'a>(page: &'a str, items: &BTreeSet<String>) -> BTreeSet<&'a str> {
    let first = |span: &'a str| span.split(|c: char| !c.is_alphanumeric()).next().unwrap();
    let linked: BTreeSet<&str> = names(page)
        .into_iter()
        .filter(|(_, is_link)| *is_link)
        .map(|(span, _)| first(span))
        .collect();
    names(page)
        .into_iter()
        .map(|(span, _)| first(span))
        .filter(|name| items.contains(*name) && !linked.contains(name))
        .collect()
}

#[test]
fn a_front_page_links_every_item_that_it_names() {
    let items = items();
    for known in ["Verifier", "Unknown", "WebhookReply", "Server", "SqliteStore", "TestKey"] {
        assert!(items.contains(known), "{known}");
    }
    let mut found = Vec::new();
    for package in crates() {
        let page = prose(&front_page(&package));
        let unlinked = unlinked(&page, &items);
        if !unlinked.is_empty() {
            found.push(format!("{package}: {unlinked:?}"));
        }
        let links = names(&page).into_iter().filter(|(_, is_link)| *is_link).count();
        if links < 5 {
            found.push(format!("{package}: only {links} links to items"));
        }
    }
    assert!(found.is_empty(), "not linked on front pages:\n{}", found.join("\n"));
}

#[test]
fn a_name_without_a_link_is_found() {
    let items = BTreeSet::from(["Verifier".to_owned(), "Reply".to_owned()]);
    assert_eq!(unlinked("`Verifier::new()`", &items), BTreeSet::from(["Verifier"]));
    assert_eq!(unlinked("[`Verifier`], `Verifier`, `Router`", &items), BTreeSet::new());
    assert_eq!(prose("a\n```text\n`Reply`\n```\nb\n"), "a\nb\n");
}

#[test]
fn a_front_page_says_what_a_feature_switches_on() {
    for package in crates() {
        let manifest = read(&format!("{package}/Cargo.toml"));
        if manifest.contains("\n[features]\n") {
            let lib = read(&format!("{package}/src/lib.rs"));
            assert!(lib.contains("#![cfg_attr(docsrs, feature(doc_cfg))]"), "{package}/src/lib.rs");
            assert!(manifest.contains(r#"rustdoc-args = ["--cfg", "docsrs"]"#), "{package}");
        }
    }
}

/// The targets of links in a text, also those that are defined at its end.
fn targets(prose: &str) -> Vec<&str> {
    let inline = prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let defined = prose.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
    inline.chain(defined.map(|(_, target)| target)).collect()
}

#[test]
fn no_link_to_a_file_is_dead() {
    let manifest = read("Cargo.toml");
    let repository = manifest.split("repository = \"").nth(1).unwrap().split('"').next().unwrap();
    let in_repository = format!("{repository}/blob/HEAD/");
    let host = repository.rsplit_once('/').unwrap().0;
    let mut found = Vec::new();
    let mut count = 0;
    let mut check = |page: &str, text: &str, folder: Option<&Path>| {
        for target in targets(&prose(text)) {
            let path = target.split('#').next().unwrap();
            let is_dead = if let Some(path) = path.strip_prefix(&in_repository) {
                count += 1;
                !root().join(path).exists()
            } else if path.starts_with("https://") {
                path.starts_with(host) && path != repository
            } else if let Some(folder) = folder {
                count += 1;
                !folder.join(path).exists()
            } else {
                // On crates.io and docs.rs no file is next to the page.
                path.contains(['/', '.'])
            };
            if is_dead {
                found.push(format!("{page}: {target}"));
            }
        }
    };
    for path in [vec![root().join("README.md")], files("docs", ".md")].concat() {
        let text = fs::read_to_string(&path).unwrap();
        check(&path.display().to_string(), &text, path.parent());
    }
    for package in crates().into_iter().chain(["topper-cli".to_owned()]) {
        let readme = format!("{package}/README.md");
        check(&readme, &read(&readme), None);
        if package != "topper-cli" {
            check(&format!("{package}/src/lib.rs"), &front_page(&package), None);
        }
    }
    assert!(count > 100, "{count} links");
    assert!(found.is_empty(), "dead links:\n{}", found.join("\n"));
}
