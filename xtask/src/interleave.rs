//! The models of what threads share, in many orders of the steps of threads.

use std::error::Error;

use crate::workspace::cargo;

/// Builds the models and runs them; they read the arguments.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut models = cargo();
    models.args(["run", "--locked", "--quiet", "-p", "topper-interleavings", "--"]);
    match models.args(arguments).status()?.success() {
        true => Ok(()),
        false => Err("what fails, and how to see it again, is above".into()),
    }
}
