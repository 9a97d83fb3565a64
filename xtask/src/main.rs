//! Tasks of this repository: `cargo xtask`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to the person who runs it"
)]

use std::{env, error::Error, process::ExitCode};

mod api;
mod bench;
mod book;
mod ci;
mod conformance;
mod consumers;
mod copies;
mod crates;
mod deny;
mod fuzz;
mod generate;
mod interleave;
mod machine;
mod minimal_versions;
mod mutants;
mod packages;
mod program;
mod rust_versions;
mod sbom;
mod semver;
mod simulate;
mod soak;
mod tokens;
mod tool;
mod workspace;

const HELP: &str = "\
Run a task of this repository

Usage: cargo xtask <TASK>

Tasks:
  ci              Check a change before you push it: format, lints, tests without
                  servers, generated files. Needs no root and no server
  ci --full       Run every check, as `.ci/run` does after it has installed the
                  servers
  crates          Count the crates that each feature of `topper` adds to a program,
                  and write docs/benchmarks/compiling.md
  crates --check  Fail if that page is stale, if a feature adds more crates than its
                  limit, if the README has other numbers, or if the feature `tls`
                  compiles a second cryptography library
  crates --time   Also compile the programs, and measure the CPU time; names of rows
                  choose some
  deny            Check licences, sources and names of all dependencies by deny.toml,
                  and that the back ends that need no C compiler compile no C
  rust-versions   Fail if a dependency asks for a later version of Rust than the crate
                  or feature that needs it claims
  minimal-versions
                  Compile the published packages with the lowest versions of their
                  direct dependencies that the manifests allow
  semver          Fail if the public API has a breaking change since the last tag
                  that the version number does not announce; names of crates
                  choose some
  sbom            List what the published crates `topper` and `topper-cli` are made
                  of, in target/sbom
  api             Write the public API of each published crate to docs/api
  api --check     Fail if a file in docs/api is stale, missing or left over, or if
                  a public item breaks a rule; list them
  conformance     Run the conformance suite on every adapter, and write
                  docs/conformance.md
  conformance --check
                  Run the suite, and fail if docs/conformance.md is stale
  mutants         Change the code of `topper-core` and `topper-store` in one place at a
                  time, and fail if a test should notice it and none does;
                  docs/mutants.md lists the changes that none can. `--in-diff`
                  changes only what differs from `main`, and `--in-diff REV` from
                  another revision; `--file GLOB` chooses files, and `--name TEXT`
                  changes whose names have this text, to try one again. The tests
                  of `topper-store` need what `.ci/stores --install` installs
  mutants --statements
                  The same with the SQL and the Lua of `topper-store`; names of stores
                  choose some, and `--file` and `--name` do as before. Linux only;
                  needs what `.ci/stores --install` installs
  packages        Package every published crate, and check the packages: metadata,
                  README, licences, files
  consumers       Check the packages, then build and run programs of users with
                  the packages alone
  fuzz            Build the fuzz targets and run each for 30 seconds; name some to
                  run only these, and `--seconds N` for another time. Needs a C++
                  compiler
  fuzz --check    Check their format, then run them all
  generate        Write the generated files: the schemas, OpenAPI, reference and
                  vectors in docs/, parts of README.md and of doc comments, and
                  the copies that packages need
  generate --check
                  Fail if a generated file is stale, missing or left over; list
                  them
  simulate        Simulate 10,000 worlds in which hosts, networks and clocks fail,
                  and check that no acknowledged event is lost or done twice at
                  once; `--seeds N` and `--from SEED` choose others
  interleave      Run models of what threads share, with the steps of the threads in
                  many orders: 1,000 of each kind for each model. Names choose
                  models; `--iterations N` and `--seed S` choose others
  soak            Run receivers on each framework with `Once` and `Inbox` on each store
                  for 60 minutes, under load, while they are killed and their
                  stores fail; fail if an event is lost or done twice, or if
                  memory, descriptors, a WAL or the time to an answer grows.
                  Names choose receivers: `--only axum once-redis`; also
                  `--minutes N`, `--seed S`, `--rate R`. Linux only; needs what
                  `.ci/stores --install` installs
  bench           Measure what a delivery costs: our receivers, the same by hand, and
                  programs in other languages; fail if a goal is missed. Names
                  of receivers choose what is compared; `--seconds S` and
                  `--rounds R` say how long (default: 50 rounds of 0.5 s),
                  and `--write` writes docs/benchmarks
  bench --profile Show where the CPU time of our receivers goes, by `perf`, and fail
                  if one of our functions takes more than 2 %; names, `--seconds`
                  and `--write` as above
  book            Build docs/ as a site in target/book; install mdBook in
                  target/tools if it is missing
  tokens          Sign a bootstrap token with each key on standard input, for
                  .ci/check-tokens/run
  help            Show this help
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result: Result<(), Box<dyn Error>> = match arguments.as_slice() {
        ["crates"] => crates::write(),
        ["crates", "--time", names @ ..] => crates::measure(names),
        ["crates", "--check"] => crates::check(),
        ["api"] => api::write(),
        ["api", "--check"] => api::check(),
        ["conformance"] => conformance::write(),
        ["conformance", "--check"] => conformance::check(),
        ["deny"] => deny::check(),
        ["minimal-versions"] => minimal_versions::check(),
        ["rust-versions"] => rust_versions::check(),
        ["sbom"] => sbom::write(),
        ["semver", names @ ..] => semver::check(names),
        ["ci"] => ci::run(false),
        ["ci", "--full"] => ci::run(true),
        ["mutants", arguments @ ..] => mutants::run(arguments),
        ["packages"] => packages::check(),
        ["consumers"] => consumers::check(),
        ["bench", arguments @ ..] => bench::run(arguments),
        ["book"] => book::build(),
        ["generate"] => generate::write(),
        ["generate", "--check"] => generate::check(),
        ["fuzz", "--check"] => fuzz::check(),
        ["fuzz", arguments @ ..] => fuzz::run(arguments),
        ["interleave", arguments @ ..] => interleave::run(arguments),
        ["simulate", arguments @ ..] => simulate::run(arguments),
        ["soak", arguments @ ..] => soak::run(arguments),
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
