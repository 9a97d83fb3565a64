//! What must pass: a short run for who changes something, and the whole one.

use std::{error::Error, fs, num::NonZero, process::Command, thread};

use crate::{
    api, conformance, consumers, crates, deny, generate, packages, rust_versions, tool,
    workspace::{cargo, root},
};

mod feature;
mod runner;

use runner::{Runner, Step};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A step that is one of our tasks: what it is, how it is repeated, and what it does.
type Task = (&'static str, &'static str, fn() -> Result<()>);

const GENERATE: Task = ("the generated files", "cargo xtask generate --check", generate::check);
const CONFORMANCE: Task = (
    "what the adapters answered in those tests",
    "cargo xtask conformance --check",
    conformance::check_recorded,
);
const PACKAGES: Task = ("what the packages hold", "cargo xtask packages", packages::check);
const CRATES: Task = ("what users compile", "cargo xtask crates --check", crates::check);
const RUST_VERSIONS: Task =
    ("the versions of Rust that are claimed", "cargo xtask rust-versions", rust_versions::check);
const DEPENDENCIES: Task =
    ("licences, bans and sources of dependencies", "cargo xtask deny", deny::check);
const API: Task = ("the public API", "cargo xtask api --check", api::check);
const CONSUMERS: Task =
    ("the packages, and programs of users", "cargo xtask consumers", consumers::check);

/// The lints of everything.
const CLIPPY: &str = "clippy --workspace --all-targets --locked";
const DENY: &str = "-- -D warnings";

/// Runs what a change needs, or all that must pass.
pub(crate) fn run(is_full: bool) -> Result<()> {
    let mut runner = Runner::default();
    runner.run("format", words("fmt --all --check"))?;
    if is_full {
        // They wait for downloads and a browser.
        runner.start(vec![
            Step::new("docs/ as others read it", script(".ci/check-docs/run")),
            Step::new("bootstrap tokens as others verify them", script(".ci/check-tokens/run")),
        ]);
    }
    runner.run("lints, all features", words(&format!("{CLIPPY} --all-features {DENY}")))?;
    if is_full {
        runner.run("tests, only compiled", {
            let mut build = words(&readme_tests()?);
            build.args(["--locked", "--no-run"]);
            build
        })?;
        // Tests have limits of time, so only what leaves the processor to them may run at the same time.
        runner.join()?;
        runner.start_in_gaps(in_gaps()?);
    }
    test(&mut runner, is_full)?;
    runner.task(CONFORMANCE)?;
    runner.task(GENERATE)?;
    if is_full {
        rest(&mut runner)?;
    } else {
        runner.task(PACKAGES)?;
    }
    runner.end();
    Ok(())
}

/// What takes the processor only while nothing else wants it.
fn in_gaps() -> Result<Vec<Step>> {
    let mut steps = lints_of_features()?;
    let mut docs = words("doc --workspace --no-deps --all-features --locked");
    docs.env("RUSTDOCFLAGS", "-D warnings");
    steps.push(Step::new("documentation", docs));
    for (what, repeat, _) in [CRATES, RUST_VERSIONS, DEPENDENCIES, API] {
        let arguments = repeat.strip_prefix("cargo ").ok_or("a task that cargo does not start")?;
        steps.push(Step::new(what, words(arguments)));
    }
    let instructions = "bench -p topper-core-benchmarks --locked -- --instructions";
    steps.push(Step::new("what verifying costs, in instructions", words(instructions)));
    Ok(steps)
}

/// Each back end alone, each other feature next to the back end that is built sooner, and the programs of
/// the examples without what their tests switch on.
fn lints_of_features() -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (package, features) in feature::sets()? {
        let what = format!("lints of {package} with {features}");
        let arguments = format!("clippy -p {package} --no-default-features --features {features}");
        steps.push(Step::new(what, words(&format!("{arguments} --locked {DENY}"))));
    }
    for package in feature::examples()? {
        let what = format!("lints of the programs of {package}");
        let arguments = format!("clippy -p {package} --bins --locked {DENY}");
        steps.push(Step::new(what, words(&arguments)));
    }
    let without = words("check -p topper --no-default-features --locked");
    let says = "switch on a cargo feature to verify signatures";
    steps.push(Step::refused("no back end", without, says));
    Ok(steps)
}

fn test(runner: &mut Runner, is_full: bool) -> Result<()> {
    // Most tests wait for something, so more of them run at a time than there are cores.
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = (if is_full { cores * 2 } else { cores * 4 }).to_string();
    let words = |arguments: &str| {
        let mut command = words(arguments);
        command.env("RUST_TEST_THREADS", &threads);
        command
    };
    let mut tests = words(&readme_tests()?);
    tests.arg("--locked").env(conformance::VARIABLE, conformance::empty_folder()?);
    if !is_full {
        tests.env("TOPPER_TEST_SHORT", "1");
        return runner.run("tests without servers", tests);
    }
    // No test is skipped because something is missing.
    let servers = "TOPPER_TEST_REQUIRE_SERVERS";
    tests.env(servers, "1");
    runner.run("tests", tests)?;
    // More often than that command has time for.
    let mut races = words("test --workspace --locked --test store race::");
    // Each is a load of its own.
    races.env(servers, "1").env("TOPPER_STORE_ROUNDS", "20").env_remove("RUST_TEST_THREADS");
    runner.run("races of the stores", races)?;
    let packages: String =
        feature::not_all_tested()?.iter().map(|package| format!(" -p {package}")).collect();
    let mut all = words(&format!("test{packages} --all-features --locked"));
    runner.run("tests with the features that were off", {
        all.env(servers, "1");
        all
    })?;
    let packages = "test -p topper-core -p topper-axum -p topper-bootstrap --no-default-features \
                    --locked --features";
    let features = "topper-core/rust-crypto,topper-axum/rust-crypto,topper-bootstrap/rust-crypto";
    runner.run("tests with rust-crypto", words(&format!("{packages} {features}")))?;
    let graviola = "test -p topper-core --no-default-features --features graviola --locked";
    runner.run("tests with graviola", words(graviola))
}

/// The README's test command, without `cargo`.
fn readme_tests() -> Result<String> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let mut lines = readme.lines().filter_map(|line| line.strip_prefix("cargo "));
    let tests = lines.find(|line| line.starts_with("test --workspace"));
    let tests = tests.ok_or("README.md has no line that begins with `cargo test --workspace`")?;
    Ok(tests.split('#').next().unwrap_or_default().trim().to_owned())
}

fn rest(runner: &mut Runner) -> Result<()> {
    runner.task(CONSUMERS)?;
    runner.run("spelling", tool::typos()?)?;
    // After the tests, which have built the programs that these start.
    runner.run("docs/operations", script(".ci/check-operations/run"))?;
    let inspector = |part| {
        let mut command = script(".ci/check-inspector/run");
        command.arg(part);
        command
    };
    runner.run("the inspector in a browser", inspector("-many"))?;
    runner.join()?;
    // This part measures pauses.
    runner.run("the inspector with ten thousand deliveries", inspector("many"))
}

/// Cargo with these arguments, none of which has a space in it.
fn words(arguments: &str) -> Command {
    let mut command = cargo();
    command.args(arguments.split_whitespace());
    command
}

fn script(path: &str) -> Command {
    let mut command = Command::new(path);
    command.current_dir(root());
    command
}
