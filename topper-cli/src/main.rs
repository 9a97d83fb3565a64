//! The command line for Topper's webhooks: `topper --help`.

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, ValueEnum};

mod answers;
mod command;
mod connection;
mod console;
mod decoding;
mod delivering;
mod examining;
mod explaining;
mod failure;
mod file;
mod inspector;
mod interrupt;
mod judging;
mod keys;
mod memory;
mod reformat;
mod saved;
mod storing;
#[cfg(test)]
mod texts;

use command::Command;
use console::Console;
use failure::Failure;

const EXIT_CODES: &str = "\
Exit codes:
  0    success: the signature matches, every event is delivered, no check fails
  1    failure: the command ran, and the result is negative
  2    error: wrong usage, or a file, key or store that cannot be used
  130  interrupted by Ctrl-C (`listen` and `inspect` exit with 0)";

/// Send, receive, verify and replay Topper's webhooks; test endpoints and stores
///
/// No command connects to Topper: events are signed with your own test key.
#[derive(Parser)]
#[command(
    name = "topper",
    version,
    after_help = EXIT_CODES,
    disable_help_subcommand = true,
    max_term_width = 100,
    propagate_version = true,
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print results as JSON, one object on each line
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// When to use colours; auto: on a terminal where NO_COLOR is not set
    #[arg(
        long,
        global = true,
        help_heading = "Output",
        value_name = "auto|always|never",
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true
    )]
    color: Color,
}

#[derive(Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    let mut console = Console::new(cli.json);
    match cli.command.run(Cli::command, &mut console).await {
        Ok(verdict) => verdict.into(),
        // The reader of a pipe has seen enough.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            console.note_failure(&failure);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_arguments_that_fit_together() {
        Cli::command().debug_assert();
    }
}
