//! The subcommands of `topper`, one a module.

use clap::Subcommand;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
};

mod doctor;
mod event;
mod inbox;
mod inspect;
mod keygen;
mod listen;
mod replay;
mod send;
mod shell;
mod store;
mod token;
mod vectors;
mod verify;

pub(crate) use send::Flow;

#[derive(Subcommand)]
pub(crate) enum Command {
    Keygen(keygen::Args),
    Send(send::Args),
    Listen(listen::Args),
    Inspect(inspect::Args),
    Replay(replay::Args),
    Verify(verify::Args),
    Event(event::Args),
    Vectors(vectors::Args),
    Doctor(doctor::Args),
    Store(store::Args),
    Inbox(inbox::Args),
    Token(token::Args),
    Completions(shell::CompletionsArgs),
    Man(shell::ManArgs),
}

impl Command {
    /// Runs it; `program` describes the whole command line, for completions and manual pages.
    pub(crate) async fn run(
        self,
        program: fn() -> clap::Command,
        console: &mut Console,
    ) -> Result<Verdict, Failure> {
        match self {
            Self::Keygen(args) => keygen::run(&args, console),
            Self::Send(args) => send::run(args, console).await,
            Self::Listen(args) => listen::run(args, console).await,
            Self::Inspect(args) => inspect::run(args, console).await,
            Self::Replay(args) => replay::run(args, console).await,
            Self::Verify(args) => verify::run(&args, console),
            Self::Event(args) => event::run(&args, console),
            Self::Vectors(args) => vectors::run(&args, console),
            Self::Doctor(args) => doctor::run(args, console).await,
            Self::Store(args) => store::run(args, console).await,
            Self::Inbox(args) => inbox::run(args, console).await,
            Self::Token(args) => token::run(args, console),
            Self::Completions(args) => shell::completions(&args, program(), console),
            Self::Man(args) => shell::man(&args, program(), console),
        }
    }
}
