//! This test's own program, started again: something to kill.

use std::{env, ffi::OsString, future::pending, io::Write as _, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::server::signal;

pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Runs one of the tests in it, which does nothing without these variables.
    pub(crate) fn start(
        test: &str,
        variables: impl IntoIterator<Item = (&'static str, OsString)>,
    ) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .envs(variables)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits until it has [said](say) something.
    pub(crate) async fn says(&mut self, what: &str) {
        let said = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if line.contains(what) {
                    return;
                }
            }
            panic!("the program ended before it said {what}");
        };
        let in_time = timeout(Duration::from_secs(20), said).await;
        assert!(in_time.is_ok(), "the program does not say {what}");
    }

    /// SIGKILL.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(name, self.pid());
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }
}

/// Within the program: tells the one that started it.
pub(crate) fn say(what: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{what}").unwrap();
    stdout.flush().unwrap();
}

/// Within the program: says so, and waits to be killed.
pub(crate) async fn stop_at(what: &str) {
    say(what);
    pending::<()>().await;
}

/// How long a test is to be: a number in a variable.
pub(crate) fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |number| number.parse().unwrap())
}
