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
    /// The tests of marks and of leases, by parts of their names.
    pub(super) store: &'static [&'static str],
    /// Those of the inbox.
    pub(super) inbox: &'static [&'static str],
    /// Of all these, those that take long: they come last.
    pub(super) slow: &'static [&'static str],
}

pub(super) const STORES: [Store; 3] = [
    Store {
        name: "sqlite",
        places: &["sqlite.rs", "sqlite"],
        store: &[
            "sqlite::store_conformance",
            "sqlite::is_in_the_file",
            "sqlite::start",
            "retrying::sqlite",
            "transaction::sqlite",
            "migration::makes_the_table_of_sqlite",
            "ready::a_file_can_be_written_to",
        ],
        inbox: &["inbox::sqlite"],
        slow: &[
            "sqlite::store_conformance::race::",
            "inbox::sqlite::inbox_conformance::accept::accepts_one_of_many",
            "inbox::sqlite::inbox_conformance::order::hides_no_other_order",
            "inbox::sqlite::inbox_conformance::order::holds_in_a_race",
            "inbox::sqlite::inbox_conformance::take::gives_each_event_once",
            "inbox::sqlite::inbox_conformance::worker::keeps_the_order",
            "inbox::sqlite::inbox_conformance::worker::runs_each_event_once",
            "inbox::sqlite::transaction::works_in_transactions",
        ],
    },
    Store {
        name: "postgres",
        places: &["postgres.rs", "postgres"],
        store: &[
            "postgres::store_conformance",
            "retrying::postgres",
            "transaction::postgres",
            "ready::a_server_can_be_written_to",
        ],
        inbox: &["inbox::postgres"],
        slow: &[
            "postgres::store_conformance::race::",
            "postgres::pooler",
            "postgres::wire",
            "migration::",
            "check::",
            "inbox::postgres::accepts_one_of_many",
            "inbox::postgres::fault",
            "inbox::postgres::pooler",
            "inbox::postgres::rights",
            "inbox::postgres::transaction::has_the_effect",
            "inbox::postgres::inbox_conformance::accept::accepts_one_of_many",
            "inbox::postgres::inbox_conformance::order::hides_no_other_order",
            "inbox::postgres::inbox_conformance::order::holds_in_a_race",
            "inbox::postgres::inbox_conformance::take::gives_each_event_once",
            "inbox::postgres::inbox_conformance::worker::keeps_the_order",
            "inbox::postgres::inbox_conformance::worker::runs_each_event_once",
        ],
    },
    Store {
        name: "redis",
        places: &["redis/script.rs"],
        store: &["redis::store_conformance", "retrying::in_redis"],
        inbox: &[],
        slow: &["redis::store_conformance::race::", "redis::failover", "redis::rights"],
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
