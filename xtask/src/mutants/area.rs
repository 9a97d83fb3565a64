//! What is mutated, and the tests that must notice it.

use std::{fs, path::Path, process::Command};

use super::{Outcome, Result, outcome::without_place};
use crate::{tool, workspace::stdout};

/// A package whose files `.cargo/mutants.toml` does not leave out.
pub(super) struct Area {
    package: &'static str,
    /// What compiles each file that is mutated.
    features: &'static str,
    /// Arguments of `cargo test`; no test needs a server.
    tests: &'static [&'static str],
}

pub(super) const AREAS: [Area; 2] = [
    Area {
        package: "topper-core",
        features: "graviola,http,metrics,rust-crypto,rust_decimal,schema",
        tests: &[
            "--lib",
            "--test=rules",
            "--test=odd_body",
            "--test=secrets",
            "--test=metrics",
            // It takes as long as all others.
            "--",
            "--skip=stays_bounded_whatever_is_sent",
        ],
    },
    Area {
        package: "topper-store",
        features: "metrics,postgres,redis,sqlite",
        tests: &["--lib", "--test=store"],
    },
];

/// Longer than the tests take on a busy machine. A mutant that waits forever is caught, too.
const MOST_SECONDS: &str = "300";

impl Area {
    /// Every mutant, also those that this run leaves out.
    pub(super) fn list(&self, tree: &Path) -> Result<Vec<String>> {
        let list = stdout(self.command(tree)?.arg("--list"))?;
        Ok(list.lines().map(without_place).collect())
    }

    /// Mutates the files that match, or all, where they differ.
    pub(super) fn mutate(
        &self,
        tree: &Path,
        folder: &Path,
        diff: Option<&Path>,
        files: &[String],
    ) -> Result<Outcome> {
        let output = folder.join(self.package);
        if output.exists() {
            fs::remove_dir_all(&output)?;
        }
        let mut mutate = self.command(tree)?;
        mutate.args(["--in-place", "--timeout", MOST_SECONDS, "--features", self.features]);
        mutate.args(["--cargo-arg=--locked", "--output"]).arg(&output);
        mutate.args(files.iter().map(|glob| format!("--file={glob}")));
        if let Some(diff) = diff {
            mutate.arg("--in-diff").arg(diff);
        }
        mutate.arg("--").args(self.tests);
        mutate.env("TOPPER_TEST_SHORT", "1").env("CARGO_PROFILE_DEV_DEBUG", "0");
        mutate.env("CARGO_INCREMENTAL", "1").env_remove("CARGO_TARGET_DIR");
        let status = mutate.status()?;
        // 2 is a mutant that survived, and 3 one that took too long: the list says which may.
        match status.code() {
            Some(0 | 2 | 3) => Outcome::read(&output.join("mutants.out")),
            _ => Err(format!(
                "cargo-mutants failed on {}; its log is in {}",
                self.package,
                output.display()
            )
            .into()),
        }
    }

    fn command(&self, tree: &Path) -> Result<Command> {
        let mut command = tool::mutants()?;
        command
            .args(["mutants", "--colors=never", "--package", self.package])
            .arg("--dir")
            .arg(tree);
        Ok(command)
    }
}
