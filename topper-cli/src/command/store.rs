//! `topper store`

use clap::Subcommand;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
};

mod check;

/// Test the store in which a receiver remembers events
#[derive(clap::Args)]
#[command(arg_required_else_help = true, after_help = check::EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Args),
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    match args.command {
        Command::Check(args) => check::run(args, console).await,
    }
}
