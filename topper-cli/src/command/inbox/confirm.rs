//! Asking before events are changed.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use tokio::sync::oneshot;

use crate::{console::Console, failure::Failure, interrupt::Ended};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Interrupted,
}

/// Asks a question on the terminal, unless it was answered with --yes.
pub(super) async fn confirm(
    question: &str,
    is_answered: bool,
    ended: &mut Ended,
    console: &mut Console,
) -> Result<Answer, Failure> {
    if is_answered {
        return Ok(Answer::Yes);
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::Input(format!(
            "there is no terminal to ask: {question} Add --yes to do it, or --dry-run to count only"
        )));
    }
    console.clear_progress();
    let mut stderr = anstream::stderr();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let (sender, answer) = oneshot::channel();
    // A thread of its own: the program must be able to end while it waits for a line.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).map(|_| line);
        // After Ctrl-C, no one receives it.
        let _ = sender.send(read);
    });
    let line = tokio::select! {
        line = answer => line.map_err(io::Error::other)??,
        () = ended => {
            console.note("\ninterrupted: nothing was changed");
            return Ok(Answer::Interrupted);
        }
    };
    if matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(Answer::Yes);
    }
    console.note("nothing was changed");
    Ok(Answer::No)
}
