//! Mutants of the statements: the SQL of SQLite and PostgreSQL, and the scripts of Redis.
//!
//! They are texts, so cargo-mutants leaves them as they are. In a copy of the repository each piece of a statement is
//! marked, and made longer, by a comment. The tests are compiled once. A mutant is that program with other bytes in the
//! place of one piece.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    Accepted, Only, Outcome, Result,
    tree::{self, Changed},
};
use crate::workspace::root;

mod change;
mod program;
mod run;
mod sent;
mod source;
mod store;
mod text;
mod token;

use source::{Mutant, Source};
use store::{STORES, Store};

/// Which are changed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Choice {
    /// Stores, or all.
    pub(super) stores: Vec<String>,
    pub(super) only: Only,
}

/// Marks the statements in the copy, mutates those that are chosen, and compares what survives with the list.
pub(super) fn mutate(
    choice: &Choice,
    tree: &Path,
    folder: &Path,
    accepted: &Accepted,
) -> Result<()> {
    let mut source = Source::default();
    let (mut of_stores, mut marked) = (BTreeMap::new(), Changed::new());
    for store in &STORES {
        of_stores.insert(store.name, mark(store, &mut source, &mut marked)?);
    }
    tree::copy(tree, &marked)?;
    let all: Vec<String> = source.mutants.iter().map(|mutant| mutant.name.clone()).collect();
    println!("{} mutants of {} pieces of statements", all.len(), source.pieces);
    let program = program::build(tree, source.pieces)?;
    let mut outcome = Outcome::default();
    for store in STORES.iter().filter(|store| choice.has(store)) {
        let files = of_stores.get(store.name).map(Vec::as_slice).unwrap_or_default();
        let chosen: Vec<&Mutant> = source
            .mutants
            .iter()
            .filter(|mutant| files.contains(&mutant.file) && choice.matches(&mutant.file))
            .filter(|mutant| choice.only.has(&mutant.name))
            .collect();
        let found = run::run(store, &chosen, &program, folder)?;
        println!("{}: {}", store.name, found.summary("are not valid"));
        outcome.add(found);
    }
    accepted.compare(&outcome, &all)
}

/// Marks the files of a store.
fn mark(store: &Store, source: &mut Source, marked: &mut Changed) -> Result<Vec<String>> {
    let files = store.files(root())?;
    let read = |file: &String| fs::read_to_string(root().join(file));
    for file in &files {
        source.learn(file, &read(file)?)?;
    }
    let count = source.mutants.len();
    for file in &files {
        let before = source.mutants.len();
        let code = source.mark(file, &read(file)?)?;
        if source.mutants.len() > before {
            marked.insert(file.clone(), code);
        }
    }
    if source.mutants.len() == count {
        return Err(format!("no statement was found in the source of {}", store.name).into());
    }
    Ok(files)
}

/// An error if there is no such store.
pub(super) fn check_store(name: &str) -> Result<()> {
    if STORES.iter().any(|store| store.name == name) {
        return Ok(());
    }
    let names = STORES.iter().map(|store| store.name).collect::<Vec<_>>().join(", ");
    Err(format!("there is no store {name}; there are {names}").into())
}

impl Choice {
    fn has(&self, store: &Store) -> bool {
        self.stores.is_empty() || self.stores.iter().any(|name| name == store.name)
    }

    fn matches(&self, file: &str) -> bool {
        let files = &self.only.files;
        files.is_empty() || files.iter().any(|glob| matches(glob, file))
    }
}

/// Whether a name matches a pattern, in which `*` is any text.
fn matches(glob: &str, name: &str) -> bool {
    match glob.split_once('*') {
        None => glob == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|rest| matches(after, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_stores_and_files() {
        let mut choice = Choice::default();
        assert!(choice.matches("a/b.rs") && STORES.iter().all(|store| choice.has(store)));
        choice.stores.push("redis".to_owned());
        assert_eq!(STORES.iter().filter(|store| choice.has(store)).count(), 1);
        choice.only.files.push("a/*/c*.rs".to_owned());
        assert!(choice.matches("a/b/c.rs") && choice.matches("a/b/b/cd.rs"));
        assert!(!choice.matches("a/b.rs") && !choice.matches("a/b/d.rs"));
    }

    #[test]
    fn finds_statements_in_every_store_and_writes_rust() {
        for store in &STORES {
            let (mut source, mut marked) = (Source::default(), Changed::new());
            mark(store, &mut source, &mut marked).unwrap();
            for (file, code) in marked {
                syn::parse_file(&code).unwrap_or_else(|error| panic!("{file}: {error}"));
            }
            assert!(source.mutants.len() > 20, "{}: {}", store.name, source.mutants.len());
        }
    }
}
