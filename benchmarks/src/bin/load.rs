//! The load, in a process of its own, so that what it costs is not counted as the receiver's.
//!
//! It prints the public JWK of a new key, then reads rounds from standard input, one a line, and prints
//! the result of each as a line of JSON:
//!
//! ```text
//! PORT MILLISECONDS reuse      # the same distinct events again in each round
//! PORT MILLISECONDS new EVENTS # events that this port has not had yet, so many of them at most
//! PORT prepare new EVENTS      # signs what such a round needs; it prints `null`
//! ```

use std::{
    collections::HashMap,
    error::Error,
    io::{BufRead as _, Write as _, stdin, stdout},
    process::ExitCode,
    time::Duration,
};

use topper_benchmarks::load::{Events, round};

/// So many distinct events, for receivers that store none.
const REUSED: usize = 10_000;

#[expect(clippy::print_stderr, reason = "it talks to the person who runs it")]
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut events = Events::new();
    let mut sent: HashMap<u16, usize> = HashMap::new();
    print(&events.public_jwk())?;
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let (port, time, new) = match words.as_slice() {
            [port, time, "reuse"] => (port.parse()?, time, None),
            [port, time, "new", count] => (port.parse()?, time, Some(count.parse::<usize>()?)),
            _ => return Err(format!("not a round: {line}").into()),
        };
        let first = new.and(sent.get(&port).copied()).unwrap_or_default();
        let end = first + new.unwrap_or(REUSED);
        events.sign(end);
        if *time == "prepare" {
            print("null")?;
            continue;
        }
        let requests = events.requests().get(first..end).unwrap_or_default();
        let time = Duration::from_millis(time.parse()?);
        let result = round(port, requests, time, new.is_none())?;
        if new.is_some() {
            sent.insert(port, first + result.requests);
        }
        print(&serde_json::to_string(&result)?)?;
    }
    Ok(())
}

fn print(line: &str) -> Result<(), Box<dyn Error>> {
    let mut output = stdout().lock();
    writeln!(output, "{line}")?;
    Ok(output.flush()?)
}
