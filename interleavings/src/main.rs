//! Runs each model many times, with the steps of its threads in orders that a seed chooses.

#![expect(clippy::print_stdout, reason = "it talks to the person who runs it")]

use std::process::ExitCode;

mod arguments;
mod run;

fn main() -> ExitCode {
    topper_store_interleaved::model::prepare();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments::read(&arguments).and_then(|wanted| run::all(&wanted)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
