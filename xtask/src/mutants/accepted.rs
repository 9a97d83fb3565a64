//! The list of mutants that no test notices, each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, Result};

pub(super) const PAGE: &str = "docs/mutants.md";

/// How often each mutant is in the list, by its name, which is without line and column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Accepted(BTreeMap<String, usize>);

impl Accepted {
    /// Reads the page. Below a heading with the path of a file, each entry is a mutant and its reason:
    ///
    /// ```text
    /// - `replace < with <= in function`: a reason
    /// ```
    pub(super) fn read(page: &str) -> Result<Self> {
        let mut accepted = Self::default();
        let mut file = None;
        for line in page.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                file = heading.ends_with(".rs").then_some(heading);
            } else if let (Some(file), Some(entry)) = (file, line.strip_prefix("- ")) {
                let wrong = || format!("{PAGE}: not a mutant and its reason: {line}");
                let (change, reason) = entry
                    .strip_prefix('`')
                    .and_then(|rest| rest.split_once("`: "))
                    .ok_or_else(wrong)?;
                if reason.trim().is_empty() {
                    return Err(wrong().into());
                }
                *accepted.0.entry(format!("{file}: {change}")).or_default() += 1;
            }
        }
        Ok(accepted)
    }

    /// Only those of statements, whose names have a part of it first, in quotes; or only those of Rust code.
    pub(super) fn only(&self, statements: bool) -> Self {
        let is_statement = |name: &str| {
            let change = name.split_once(": ").map_or("", |(_, change)| change);
            change.starts_with("remove \"") || change.starts_with("replace \"")
        };
        let mut only = self.clone();
        only.0.retain(|name, _| is_statement(name) == statements);
        only
    }

    /// An error if more survived than the list has, or fewer, or if it has mutants that do not exist.
    pub(super) fn compare(&self, outcome: &Outcome, all: &[String]) -> Result<()> {
        let count = |names: &[String], name: &str| names.iter().filter(|it| *it == name).count();
        let listed = |name: &str| self.0.get(name).copied().unwrap_or_default();
        let mut wrong = Vec::new();
        let missed: BTreeSet<&String> = outcome.missed.iter().collect();
        for name in missed {
            if count(&outcome.missed, name) > listed(name) {
                wrong.push(format!("no test fails after this change: {name}"));
            }
        }
        for (name, &listed) in &self.0 {
            let exist = count(all, name);
            let was_tried = outcome.tried(name) == exist;
            if listed > exist {
                wrong.push(format!("in {PAGE}, but not in the code: {name}"));
            } else if was_tried && listed > count(&outcome.missed, name) {
                wrong.push(format!("in {PAGE}, but a test fails after this change: {name}"));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let advice = format!("write a test that fails, or give a reason in {PAGE}");
        Err(format!("{}\n{advice}", wrong.join("\n")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# Mutants\n\n- text\n\n## src/a.rs\n\n- `replace < with <= in f`: equal lengths are no case\n";
    const NAME: &str = "src/a.rs: replace < with <= in f";

    fn compare(page: &str, missed: &[&str], caught: &[&str], all: &[&str]) -> Option<String> {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let outcome = Outcome { missed: own(missed), caught: own(caught), ..Outcome::default() };
        let result = Accepted::read(page).unwrap().compare(&outcome, &own(all));
        result.err().map(|error| error.to_string())
    }

    #[test]
    fn what_survives_must_be_in_the_list() {
        assert_eq!(compare(LIST, &[NAME], &[], &[NAME]), None);
        let error = compare("", &[NAME], &[], &[NAME]).unwrap();
        assert!(error.starts_with("no test fails after this change: src/a.rs"), "{error}");
        // Twice the same change in one function.
        assert!(compare(LIST, &[NAME, NAME], &[], &[NAME, NAME]).is_some());
    }

    #[test]
    fn what_is_in_the_list_must_survive() {
        let error = compare(LIST, &[], &[NAME], &[NAME]).unwrap();
        assert!(error.contains("but a test fails after this change"), "{error}");
        let error = compare(LIST, &[], &[], &[]).unwrap();
        assert!(error.contains("but not in the code"), "{error}");
        // Not tried, or only one of the two.
        assert_eq!(compare(LIST, &[], &[], &[NAME]), None);
        assert_eq!(compare(LIST, &[], &[NAME], &[NAME, NAME]), None);
    }

    #[test]
    fn statements_and_code_are_compared_apart() {
        let list = format!("{LIST}- `replace f -> &str with \"xyzzy\"`: a reason\n");
        let page = format!("{list}- `remove \"AND b\" in c`: a reason\n");
        let accepted = Accepted::read(&page).unwrap();
        assert_eq!(accepted.only(false), Accepted::read(&list).unwrap());
        assert_eq!(
            accepted.only(true).0.keys().collect::<Vec<_>>(),
            ["src/a.rs: remove \"AND b\" in c"]
        );
    }

    #[test]
    fn each_entry_has_a_reason() {
        Accepted::read("## src/a.rs\n\n- `replace < with <= in f`\n").unwrap_err();
        Accepted::read("## src/a.rs\n\n- `replace < with <= in f`: \n").unwrap_err();
    }
}
