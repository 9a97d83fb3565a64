//! The soak test, which is a program of its own: it needs every adapter and store.

use std::error::Error;

use crate::workspace::{cargo, run as run_command, target};

/// Builds the receivers and the test, and becomes the test.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    if !cfg!(target_os = "linux") {
        return Err("soak reads memory and descriptors from /proc, so it needs Linux".into());
    }
    eprintln!("building; this takes minutes the first time");
    run_command(cargo().args(["build", "--locked", "-p", "topper-soak"]))?;
    let mut soak = std::process::Command::new(target().join("debug").join("soak"));
    soak.arg("--folder").arg(target().join("soak")).args(arguments);
    Err(become_it(soak))
}

/// So that Ctrl-C reaches only that program, which then prints what it knows.
#[cfg(unix)]
fn become_it(mut command: std::process::Command) -> Box<dyn Error> {
    std::os::unix::process::CommandExt::exec(&mut command).into()
}

#[cfg(not(unix))]
fn become_it(_: std::process::Command) -> Box<dyn Error> {
    "soak needs Linux".into()
}
