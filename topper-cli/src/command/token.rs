//! `topper token`

use clap::Subcommand;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
};

mod inspect;
mod make;

/// Make bootstrap tokens, and find out what is wrong with one
#[derive(clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Make(Box<make::Args>),
    Inspect(inspect::Args),
}

pub(crate) fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    match args.command {
        Command::Make(args) => make::run(&args, console),
        Command::Inspect(args) => inspect::run(&args, console),
    }
}
