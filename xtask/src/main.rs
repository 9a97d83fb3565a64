//! Tasks of this repository: `cargo xtask`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to the person who runs it"
)]

use std::{env, error::Error, process::ExitCode};

mod api;
mod book;
mod ci;
mod conformance;
mod consumers;
mod copies;
mod crates;
mod generate;
mod packages;
mod tokens;
mod tool;
mod workspace;

const HELP: &str = "\
Tasks of this repository.

Usage: cargo xtask <TASK>

Tasks:
  ci              Runs what a change needs before it is pushed: format, lints, tests without servers,
                  generated files. Needs no root and no server
  ci --full       Runs all that must pass, as `.ci/run` does after it has installed the servers
  crates          Counts the crates that `topper` adds to a program with axum and tokio
  crates --check  The same, and fails when the README says otherwise, when there are too many, or when
                  a second library of cryptography is compiled with the feature `tls`
  api             Writes the public API of each published crate into docs/api
  api --check     Lists the files there that are stale, missing or left over, and the public items
                  that break a rule, and fails when there are any
  conformance     Runs the conformance suite on every adapter, and writes docs/conformance.md
  conformance --check
                  The same, and fails when docs/conformance.md says otherwise
  packages        Packages every published crate, and checks what is in the packages: metadata, README,
                  licences, files
  consumers       The same, and builds and tries programs of users with the packages alone
  generate        Writes the schemas, OpenAPI, reference and vectors in docs/, and the generated
                  parts of README.md and of documentation comments; and the copies that packages need
  generate --check
                  Lists those that are stale, missing or left over, and fails when there are any
  book            Builds docs/ as a site into target/book; installs mdBook into target/tools first
                  when it is not there
  tokens          Signs a bootstrap token with each key on the standard input, for .ci/check-tokens/run
  help            Shows this
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result: Result<(), Box<dyn Error>> = match arguments.as_slice() {
        ["crates"] => crates::list(),
        ["crates", "--check"] => crates::check(),
        ["api"] => api::write(),
        ["api", "--check"] => api::check(),
        ["conformance"] => conformance::write(),
        ["conformance", "--check"] => conformance::check(),
        ["ci"] => ci::run(false),
        ["ci", "--full"] => ci::run(true),
        ["packages"] => packages::check(),
        ["consumers"] => consumers::check(),
        ["book"] => book::build(),
        ["generate"] => generate::write(),
        ["generate", "--check"] => generate::check(),
        ["tokens"] => tokens::sign(),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
