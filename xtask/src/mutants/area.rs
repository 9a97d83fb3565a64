//! What is mutated, and the tests that must notice it.

use std::{path::Path, process::Command};

use super::{Result, outcome::without_place};
use crate::{tool, workspace::stdout};

/// A package whose files `.cargo/mutants.toml` does not leave out.
pub(super) struct Area {
    pub(super) package: &'static str,
    /// What compiles each file that is mutated.
    pub(super) features: &'static str,
    /// The programs of tests, as arguments of `cargo test`.
    pub(super) targets: &'static [&'static str],
    /// Which tests are run, as variables of the environment.
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// Tests that are left out, by parts of their names.
    pub(super) skipped: &'static [&'static str],
}

pub(super) const AREAS: [Area; 2] = [
    Area {
        package: "topper-core",
        features: "graviola,http,metrics,rust-crypto,rust_decimal,schema",
        targets: &["--lib", "--test=rules", "--test=odd_body", "--test=secrets", "--test=metrics"],
        environment: &[("TOPPER_TEST_SHORT", "1")],
        // It takes as long as all others.
        skipped: &["stays_bounded_whatever_is_sent"],
    },
    Area {
        package: "topper-store",
        features: "metrics,postgres,redis,sqlite,tls",
        targets: &["--lib", "--test=store"],
        // Much of the code is only for servers.
        environment: &[("TOPPER_TEST_REQUIRE_SERVERS", "1"), ("TOPPER_STORE_ROUNDS", "1")],
        // They kill programs again and again, or need a large table. Others kill at each step.
        skipped: &["however_often", "hours::", "stop_accepts", "finds_one_of_many"],
    },
];

impl Area {
    /// Every mutant, also those that this run leaves out.
    pub(super) fn list(&self, tree: &Path) -> Result<Vec<String>> {
        let list = stdout(self.command(tree)?.arg("--list"))?;
        Ok(list.lines().map(without_place).collect())
    }

    pub(super) fn command(&self, tree: &Path) -> Result<Command> {
        let mut command = tool::mutants()?;
        command
            .args(["mutants", "--colors=never", "--package", self.package])
            .arg("--dir")
            .arg(tree);
        Ok(command)
    }
}
