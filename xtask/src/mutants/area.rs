//! What is mutated, and the tests that must notice it.

use std::{path::Path, process::Command};

use super::{Outcome, Result, outcome::without_place};
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

/// Longer than the tests take on a busy machine. A mutant that waits forever is caught, too.
const MOST_SECONDS: &str = "300";

impl Area {
    /// Every mutant, also those that this run leaves out.
    pub(super) fn list(&self, tree: &Path) -> Result<Vec<String>> {
        let list = stdout(self.command(tree)?.arg("--list"))?;
        Ok(list.lines().map(without_place).collect())
    }

    /// Builds each of these mutants alone, and runs the tests.
    pub(super) fn mutate(&self, tree: &Path, output: &Path, names: &[&str]) -> Result<Outcome> {
        let mut mutate = self.command(tree)?;
        mutate.args(["--in-place", "--timeout", MOST_SECONDS, "--features", self.features]);
        mutate.args(["--cargo-arg=--locked", "--output"]).arg(output);
        mutate.args(names.iter().map(|name| format!("--re=^{}$", escaped(name))));
        mutate.arg("--").args(self.targets).arg("--");
        mutate.args(self.skipped.iter().map(|skipped| format!("--skip={skipped}")));
        mutate.envs(self.environment.iter().copied()).env("CARGO_PROFILE_DEV_DEBUG", "0");
        mutate.env("CARGO_INCREMENTAL", "1").env_remove("CARGO_TARGET_DIR");
        let status = mutate.status()?;
        // 2 is a mutant that survived, and 3 one that took too long: the list says which may.
        match status.code() {
            Some(0 | 2 | 3) => {
                let outcome = Outcome::read(&output.join("mutants.out"), names)?;
                if outcome.count() != names.len() {
                    let (tried, count) = (outcome.count(), names.len());
                    return Err(format!("cargo-mutants tried {tried} of {count} changes").into());
                }
                Ok(outcome)
            }
            _ => Err(format!(
                "cargo-mutants failed on {}; its log is in {}",
                self.package,
                output.display()
            )
            .into()),
        }
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

/// What has a meaning in a regular expression. With a `\` before it, `<` and `>` would have one, too.
const META: &str = r"\.+*?()|[]{}^$#&-~";

/// The name as a regular expression that matches nothing else.
fn escaped(name: &str) -> String {
    let mut escaped = String::new();
    for character in name.chars() {
        if META.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_as_it_is() {
        let name = r"a.rs:1:2: replace S::f -> (u16, &'a [u8]) with (0, vec![])";
        let expected = r"a\.rs:1:2: replace S::f \-> \(u16, \&'a \[u8\]\) with \(0, vec!\[\]\)";
        assert_eq!(escaped(name), expected);
    }
}
