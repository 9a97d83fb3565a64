//! The whole test in short: it passes for receivers that work, and fails for broken ones. A check that
//! cannot fail would be worth nothing.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]
#![expect(clippy::print_stdout, reason = "it says why it is skipped")]

use std::{env, process::Command};

/// Runs it for 12 s with two receivers on a file of SQLite, which needs no server, and returns whether it
/// passed and what it printed; `None` for a short run.
fn soak(broken: &str, rate: &str) -> Option<(bool, String)> {
    if env::var_os("TOPPER_TEST_SHORT").is_some() {
        println!("skipped: it takes too long for a short run");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    // The receiver is next to it.
    assert!(std::path::Path::new(env!("CARGO_BIN_EXE_soak-receiver")).is_file());
    let mut soak = Command::new(env!("CARGO_BIN_EXE_soak"));
    soak.args(["--minutes", "0.2", "--only", "axum-once-sqlite", "--rate", rate]);
    soak.arg("--folder").arg(folder.path());
    if !broken.is_empty() {
        soak.env("TOPPER_SOAK_BREAK", broken);
    }
    let output = soak.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text.into_owned()))
}

#[test]
fn passes_for_receivers_that_work() {
    let Some((has_passed, text)) = soak("", "10") else { return };
    assert!(has_passed, "{text}");
    assert!(text.contains("nothing was lost or done twice"), "{text}");
}

#[test]
fn fails_for_receivers_that_acknowledge_before_they_process() {
    let Some((has_passed, text)) = soak("acknowledges-first", "10") else { return };
    assert!(!has_passed, "{text}");
    assert!(text.contains(": acknowledged before it was done: once-sqlite."), "{text}");
}

#[test]
fn fails_for_receivers_that_process_each_delivery() {
    let Some((has_passed, text)) = soak("repeats", "10") else { return };
    assert!(!has_passed, "{text}");
    assert!(text.contains(": done twice: once-sqlite."), "{text}");
}

#[test]
fn fails_for_receivers_that_leak_memory() {
    let Some((has_passed, text)) = soak("leaks", "60") else { return };
    assert!(!has_passed, "{text}");
    let grows = |line: &str| line.starts_with("memory of ") && line.ends_with("GROWS");
    assert!(text.lines().any(grows), "{text}");
}
