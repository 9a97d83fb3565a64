//! What the tests send to PostgreSQL, as a server's log has it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{BufRead, BufReader},
    path::PathBuf,
};

use topper_processes::Postgres;

use super::text::{DIGITS, MARK};
use crate::mutants::Result;

/// Begins each entry with the name of its database, which the tests name after their process.
const SETTINGS: &[&str] =
    &["fsync=off", "log_statement=all", "log_duration=off", "log_line_prefix=[%d] "];
const DATABASE: &str = "topper_";

/// The pieces of statements that each process sent, by its id.
pub(super) type Pieces = BTreeMap<u32, BTreeSet<usize>>;

/// A server that writes down each statement.
pub(super) struct Sent {
    server: Postgres,
    folder: PathBuf,
    url: String,
}

impl Sent {
    pub(super) fn start() -> Result<Self> {
        // It may run as another user, who must get there.
        let name = format!("topper-mutants-{}-sent", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let server = Postgres::start(&folder, SETTINGS)?;
        let database = server.database("unused")?;
        let url = database.rsplit_once('/').map_or("", |(url, _)| url).to_owned();
        Ok(Self { server, folder, url })
    }

    /// Without a database.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Ends the server, and returns what it got.
    pub(super) fn end(mut self) -> Result<Pieces> {
        self.server.end(true)?;
        pieces(BufReader::new(File::open(self.server.log())?))
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.server.end(false));
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("cannot remove {}: {error}", self.folder.display());
        }
    }
}

/// The marks in a log. Only the first line of an entry has the name of its database.
fn pieces(mut log: impl BufRead) -> Result<Pieces> {
    let mut pieces = Pieces::new();
    let (mut process, mut line) = (None, Vec::new());
    while log.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        if let Some((database, _)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            process = database
                .strip_prefix(DATABASE)
                .and_then(|rest| rest.split('_').next()?.parse().ok());
        }
        if let Some(process) = process {
            let of_process = pieces.entry(process).or_default();
            let marks = text.split(MARK).skip(1);
            of_process.extend(marks.filter_map(|rest| rest.get(..DIGITS)?.parse::<usize>().ok()));
        }
        line.clear();
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_belongs_to_the_process_after_which_its_database_is_named() {
        let log = "[topper_12_0] LOG:  execute s: SELECT a /*~piece 0007*/\n\tFROM b /*~piece 0008*/\n\
                   [postgres] LOG:  statement: SELECT /*~piece 0009*/\n\t/*~piece 0010*/\n\
                   [topper_345_2] LOG:  statement: SELECT 1\n";
        let expected = Pieces::from([(12, BTreeSet::from([7, 8])), (345, BTreeSet::new())]);
        assert_eq!(pieces(log.as_bytes()).unwrap(), expected);
    }
}
