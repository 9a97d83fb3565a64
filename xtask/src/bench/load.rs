//! The process that sends the events.

use std::{
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use super::Result;

pub(super) struct Load {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    public_jwk: String,
}

/// What came of a round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) requests: f64,
    pub(super) seconds: f64,
    pub(super) p50: f64,
    pub(super) p99: f64,
}

impl Load {
    pub(super) fn start(program: &Path) -> Result<Self> {
        let mut child =
            Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().ok_or("the load has no input")?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let public_jwk = lines.next().ok_or("the load ended at once")??;
        Ok(Self { child, input, lines, public_jwk })
    }

    /// The key that receivers verify with.
    pub(super) fn public_jwk(&self) -> &str {
        &self.public_jwk
    }

    /// Signs what is missing. The next round then begins without a pause.
    pub(super) fn prepare(&mut self, port: u16, new: Option<u64>) -> Result<()> {
        self.command(&format!("{port} prepare {}", events(new)))?;
        self.answer().map(drop)
    }

    /// Sends for so long: new events, so many at most, or the same as before.
    pub(super) fn round(&mut self, port: u16, time: Duration, new: Option<u64>) -> Result<Sent> {
        self.command(&format!("{port} {} {}", time.as_millis(), events(new)))?;
        let sent = self.answer()?;
        let number = |name: &str| sent.get(name).and_then(Value::as_f64).ok_or("not a result");
        let sent = Sent {
            requests: number("requests")?,
            seconds: number("seconds")?,
            p50: number("p50")?,
            p99: number("p99")?,
        };
        if sent.requests < 1.0 { Err("no request was answered".into()) } else { Ok(sent) }
    }

    fn command(&mut self, line: &str) -> Result<()> {
        writeln!(self.input, "{line}")?;
        Ok(self.input.flush()?)
    }

    fn answer(&mut self) -> Result<Value> {
        let line = self.lines.next().ok_or("the load ended; the reason is above")??;
        Ok(serde_json::from_str(&line)?)
    }
}

fn events(new: Option<u64>) -> String {
    new.map_or("reuse".to_owned(), |count| format!("new {count}"))
}

impl Drop for Load {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
