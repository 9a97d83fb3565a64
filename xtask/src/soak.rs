//! The soak test, which is a program of its own: it needs every adapter and store.

use std::{error::Error, process::Command};

use crate::workspace::{cargo, root, run as run_command, target};

/// Builds the receivers and the test, and becomes the test.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    if !cfg!(target_os = "linux") {
        return Err("soak reads memory and descriptors from /proc, so it needs Linux".into());
    }
    eprintln!("building; this takes minutes the first time");
    run_command(cargo().args(["build", "--locked", "-p", "topper-soak"]))?;
    Err(become_it(soak(arguments)))
}

/// A short run, with the programs that the tests of the workspace have built.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    run_command(&mut soak(&["--minutes", "5"]))
}

fn soak(arguments: &[&str]) -> Command {
    let mut soak = Command::new(target().join("debug").join("soak"));
    soak.current_dir(root()).arg("--folder").arg(target().join("soak")).args(arguments);
    soak
}

/// So that Ctrl-C reaches only that program, which then prints what it knows.
#[cfg(unix)]
fn become_it(mut command: Command) -> Box<dyn Error> {
    std::os::unix::process::CommandExt::exec(&mut command).into()
}

#[cfg(not(unix))]
fn become_it(_: Command) -> Box<dyn Error> {
    "soak needs Linux".into()
}
