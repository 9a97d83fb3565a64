//! What others show of the repository's README: crates.io and docs.rs do not have the files next to it,
//! and docs.rs has the items that it names.

use std::{collections::BTreeSet, error::Error};

use super::{Files, read};

/// Where the facade says to what the names in code font lead, as definitions of links.
const DEFINITIONS: &str = "topper/src/lib.rs";

/// The README of the facade, and its front page on docs.rs: its first section, which is the paved path, and
/// the others.
pub(super) fn files(files: &Files) -> Result<Files, Box<dyn Error>> {
    let readme = files.get("README.md").ok_or("README.md has no generated part")?;
    let page = absolute(readme, &repository()?);
    let (_, untitled) = page.split_once("\n\n").ok_or("README.md is one paragraph")?;
    let second = untitled.match_indices("\n## ").nth(1).ok_or("README.md has one section")?.0;
    let (start, rest) = untitled.split_at(second + 1);
    let lib = read(DEFINITIONS)?;
    let names = defined(&lib);
    Ok(Files::from([
        ("topper/src/front-page/start.md".to_owned(), linked(start.trim_end(), &names) + "\n"),
        ("topper/src/front-page/rest.md".to_owned(), linked(rest, &names)),
        ("topper/README.md".to_owned(), page.clone()),
    ]))
}

/// Where the repository is, as its manifest says.
fn repository() -> Result<String, Box<dyn Error>> {
    let manifest = read("Cargo.toml")?;
    let url =
        manifest.lines().find_map(|line| line.strip_prefix("repository = \"")?.strip_suffix('"'));
    Ok(url.ok_or("Cargo.toml has no repository")?.to_owned())
}

/// Links to files of the repository become links to where it is.
fn absolute(text: &str, repository: &str) -> String {
    let mut parts = text.split("](");
    let mut absolute = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        absolute.push_str("](");
        if !part.starts_with("http") && !part.starts_with('#') {
            absolute.push_str(&format!("{repository}/blob/HEAD/"));
        }
        absolute.push_str(part);
    }
    absolute
}

/// The names in code font that a source has a definition of.
fn defined(source: &str) -> BTreeSet<&str> {
    let labels = source.lines().filter_map(|line| line.strip_prefix("//! [`")?.split_once("`]: "));
    labels.map(|(label, _)| label).collect()
}

/// These names become links, but not those in blocks of code.
fn linked(text: &str, names: &BTreeSet<&str>) -> String {
    let mut is_code = false;
    let lines = text.split('\n').map(|line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        if is_code || is_fence { line.to_owned() } else { linked_line(line, names) }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn linked_line(line: &str, names: &BTreeSet<&str>) -> String {
    // Every second part is in code font.
    let parts = line.split('`').enumerate().map(|(place, part)| match place % 2 {
        0 => part.to_owned(),
        _ if names.contains(part) => format!("[`{part}`]"),
        _ => format!("`{part}`"),
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_files_are_made_absolute_and_others_stay() {
        let text = "[a](docs/a.md#b), [c](https://c.example), [d](#d)";
        let repository = "https://e.example/r";
        let expected =
            "[a](https://e.example/r/blob/HEAD/docs/a.md#b), [c](https://c.example), [d](#d)";
        assert_eq!(absolute(text, repository), expected);
    }

    #[test]
    fn names_that_are_defined_are_linked_outside_of_code() {
        let names = defined("//! [`A::b()`]: A::b\n// [`C`]: C\n");
        let text = "`A::b()` and `C`\n```\n`A::b()`\n```\n`A::b()`";
        assert_eq!(linked(text, &names), "[`A::b()`] and `C`\n```\n`A::b()`\n```\n[`A::b()`]");
    }
}
