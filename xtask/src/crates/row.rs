//! The rows of the table: what a feature adds to a program without it.

use crate::program::{Framework, Program};

/// Features of `topper`, next to others.
pub(super) struct Row {
    framework: Framework,
    /// What it adds.
    features: &'static [&'static str],
    /// What both programs have.
    next_to: &'static [&'static str],
    /// The most crates that it may add.
    pub(super) most: usize,
}

/// The features next to which the others are counted and compiled: the adapter of axum with the back end
/// that has the fewest crates, so that others seldom share one with it.
const AXUM: &[&str] = &["axum", "graviola"];

/// Every adapter with that back end, axum's with the other back ends, and then every other feature.
pub(super) const ROWS: [Row; 21] = [
    adapter(Framework::Axum, &["axum", "aws-lc"], 26),
    adapter(Framework::Axum, &["axum", "graviola"], 19),
    adapter(Framework::Axum, &["axum", "rust-crypto"], 48),
    adapter(Framework::Actix, &["actix", "graviola"], 17),
    adapter(Framework::Warp, &["warp", "graviola"], 16),
    adapter(Framework::Rocket, &["rocket", "graviola"], 19),
    adapter(Framework::Hyper, &["tower", "graviola"], 29),
    feature(&["serve"], AXUM, 4),
    feature(&["http2"], &["axum", "graviola", "serve"], 9),
    feature(&["metrics"], AXUM, 4),
    feature(&["store"], AXUM, 2),
    feature(&["store-sqlite"], AXUM, 80),
    feature(&["store-postgres"], AXUM, 100),
    feature(&["store-redis"], AXUM, 45),
    feature(&["tls"], &["axum", "aws-lc", "store-redis"], 10),
    feature(&["bootstrap"], &["axum", "aws-lc"], 4),
    feature(&["bootstrap-client"], &["axum", "aws-lc", "bootstrap"], 12),
    feature(&["rust_decimal"], AXUM, 5),
    feature(&["http"], AXUM, 0),
    feature(&["schema"], AXUM, 0),
    feature(&["schemars"], AXUM, 7),
];

const fn adapter(framework: Framework, features: &'static [&'static str], most: usize) -> Row {
    Row { framework, features, next_to: &[], most }
}

const fn feature(
    features: &'static [&'static str],
    next_to: &'static [&'static str],
    most: usize,
) -> Row {
    Row { framework: Framework::Axum, features, next_to, most }
}

impl Row {
    /// The program with it.
    pub(super) fn with(&self) -> Program {
        let features = self.next_to.iter().chain(self.features);
        Program::new(self.framework, features.copied())
    }

    /// The program without it.
    pub(super) fn without(&self) -> Program {
        Program::new(self.framework, self.next_to.iter().copied())
    }

    /// Programs, each with more than the one before, that end with the one without it.
    pub(super) fn steps(&self) -> Vec<Program> {
        // An adapter needs a back end.
        let lengths = [0].into_iter().chain(2..=self.next_to.len());
        let features = lengths.filter_map(|length| self.next_to.get(..length));
        features.map(|it| Program::new(self.framework, it.iter().copied())).collect()
    }

    /// How the command line calls it.
    pub(super) fn name(&self) -> String {
        self.features.join("+")
    }

    /// Whether the program without it has no `topper`.
    pub(super) const fn is_adapter(&self) -> bool {
        self.next_to.is_empty()
    }

    /// What it adds, as a cell of the table.
    pub(super) fn adds(&self) -> String {
        code(self.features)
    }

    /// What is there without it, as a cell of the table.
    pub(super) fn added_to(&self) -> String {
        if self.is_adapter() { self.framework.name().to_owned() } else { code(self.next_to) }
    }
}

fn code(features: &[&str]) -> String {
    features.iter().map(|feature| format!("`{feature}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::features;

    #[test]
    fn every_feature_of_the_facade_has_a_row() {
        for feature in features("topper").unwrap() {
            let is_there = ROWS.iter().any(|row| row.features.contains(&&*feature.name));
            assert!(is_there, "add a row for `{}`", feature.name);
        }
    }

    #[test]
    fn no_row_is_about_the_same_two_programs_as_another() {
        let pairs: std::collections::BTreeSet<_> =
            ROWS.iter().map(|row| (row.with(), row.without())).collect();
        assert_eq!(pairs.len(), ROWS.len());
    }
}
