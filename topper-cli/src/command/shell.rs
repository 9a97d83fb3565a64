//! `topper completions` and `topper man`

use std::path::PathBuf;

use clap::Command;
use clap_complete::Shell;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
    interrupt,
};

const COMPLETIONS_EXAMPLES: &str = "\
Example:
  source <(topper completions bash)";

/// Print the completion script for a shell
#[derive(clap::Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The name of the shell
    shell: Shell,
}

const MAN_EXAMPLES: &str = "\
Examples:
  topper man > topper.1
  topper man --dir .";

/// Print the manual page, or write one for each command
#[derive(clap::Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct ManArgs {
    /// Write a page for each command into this folder, which must exist
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(crate) fn completions(
    args: &CompletionsArgs,
    mut command: Command,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "topper", &mut script);
    console.print(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Verdict::Yes)
}

pub(crate) fn man(
    args: &ManArgs,
    command: Command,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    match &args.dir {
        Some(folder) => {
            interrupt::shield();
            clap_mangen::generate_to(command, folder)
                .map_err(|error| Failure::file(folder, error))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            console.print(String::from_utf8_lossy(&page).trim_end())?;
        }
    }
    Ok(Verdict::Yes)
}
