//! The command line for Topper's webhooks: `topper --help`.

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

mod console;
mod delivering;
mod doctor;
mod event;
mod failure;
mod file;
mod interrupt;
mod keygen;
mod keys;
mod listen;
mod reformat;
mod replay;
mod saved;
mod send;
mod shell;
mod vectors;
mod verify;

use console::Console;
use failure::Failure;

const EXIT_CODES: &str = "\
Exit codes:
  0    yes: it holds, is delivered, has no failure
  1    no: it does not
  2    it could not be tried: wrong usage, or a file or key that cannot be used
  130  Ctrl-C; `listen` ends so with 0";

/// Sends, receives, verifies and replays Topper's webhooks, and judges any endpoint
///
/// All of it offline, with keys of your own.
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
    /// Prints results as JSON, one object a line
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// Colours always, never, or on a terminal unless NO_COLOR is set
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

#[derive(Subcommand)]
enum Command {
    Keygen(keygen::Args),
    Send(send::Args),
    Listen(listen::Args),
    Replay(replay::Args),
    Verify(verify::Args),
    Event(event::Args),
    Vectors(vectors::Args),
    Doctor(doctor::Args),
    Completions(shell::CompletionsArgs),
    Man(shell::ManArgs),
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
    let result = match cli.command {
        Command::Keygen(args) => keygen::run(&args, &mut console),
        Command::Send(args) => send::run(args, &mut console).await,
        Command::Listen(args) => listen::run(args, &mut console).await,
        Command::Replay(args) => replay::run(args, &mut console).await,
        Command::Verify(args) => verify::run(&args, &mut console),
        Command::Event(args) => event::run(&args, &mut console),
        Command::Vectors(args) => vectors::run(&args, &mut console),
        Command::Doctor(args) => doctor::run(args, &mut console).await,
        Command::Completions(args) => shell::completions(&args, Cli::command(), &mut console),
        Command::Man(args) => shell::man(&args, Cli::command(), &mut console),
    };
    match result {
        Ok(verdict) => verdict.into(),
        // Who reads no further has seen enough.
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
