//! The stores whose statements are changed, and the tests that must notice it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::mutants::Result;

const SOURCE: &str = "topper-store/src";

/// A store and its inbox, if it has one.
pub(super) struct Store {
    pub(super) name: &'static str,
    /// Files and folders with statements, in the source of `topper-store`.
    places: &'static [&'static str],
    /// The tests that must notice it, by parts of their names.
    pub(super) tests: &'static [&'static str],
    /// Whether its server can write down each statement.
    pub(super) says_what_it_got: bool,
}

pub(super) const STORES: [Store; 3] = [
    Store {
        name: "sqlite",
        places: &["sqlite.rs", "sqlite"],
        tests: &[
            "inbox::sqlite",
            "migration::makes_the_table_of_sqlite",
            "ready::a_file_can_be_written_to",
            "retrying::sqlite",
            "sqlite::is_in_the_file",
            "sqlite::start",
            "sqlite::store_conformance",
            "transaction::sqlite",
        ],
        says_what_it_got: false,
    },
    Store {
        name: "postgres",
        places: &["postgres.rs", "postgres"],
        tests: &[
            "check::",
            "inbox::postgres",
            "migration::",
            "postgres::pooler",
            "postgres::store_conformance",
            "postgres::wire",
            "ready::a_server_can_be_written_to",
            "retrying::postgres",
            "transaction::postgres",
        ],
        says_what_it_got: true,
    },
    Store {
        name: "redis",
        places: &["redis/script.rs"],
        tests: &[
            "redis::failover",
            "redis::rights",
            "redis::store_conformance",
            "retrying::in_redis",
        ],
        says_what_it_got: false,
    },
];

/// What is left out: it takes long, its limits of time fail on a busy machine, or it kills what it started.
pub(super) const SKIPPED: &[&str] =
    &["kill::", "fault::", "stop_accepts", "finds_one_of_many", "::plan::", "::file::", "far::"];

impl Store {
    /// Its files, as paths in the repository.
    pub(super) fn files(&self, tree: &Path) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for place in self.places {
            add_files(&tree.join(SOURCE).join(place), &mut files)?;
        }
        files.sort();
        let name =
            |file: &PathBuf| Ok(file.strip_prefix(tree)?.to_string_lossy().replace('\\', "/"));
        files.iter().map(name).collect()
    }
}

fn add_files(place: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if place.is_dir() {
        for entry in fs::read_dir(place)? {
            add_files(&entry?.path(), files)?;
        }
    } else if place.file_name().is_some_and(|name| name != "tests.rs") {
        files.push(place.to_owned());
    }
    Ok(())
}
