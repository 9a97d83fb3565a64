//! The program of the tests, with marks in its statements.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use serde_json::Value;

use super::text::{DIGITS, MARK, Patch};
use crate::{mutants::Result, workspace::stdout};

/// A compiled program, and where its pieces are.
pub(super) struct Program {
    pub(super) path: PathBuf,
    /// Where the mark of each piece is.
    marks: BTreeMap<usize, Vec<usize>>,
}

/// Compiles the tests in the copy. An error if the program lacks a piece.
pub(super) fn build(tree: &Path, pieces: usize) -> Result<Program> {
    let mut build = Command::new(env!("CARGO"));
    build.args(["test", "--locked", "--no-run", "--message-format=json-render-diagnostics"]);
    build.args(["--package=topper-store", "--test=store", "--all-features"]);
    build.current_dir(tree).env_remove("CARGO_TARGET_DIR");
    build.env("CARGO_PROFILE_DEV_DEBUG", "0");
    build.stderr(Stdio::inherit());
    let path = stdout(&mut build)?.lines().find_map(executable);
    let path = path.ok_or("cargo built no program of the tests")?;
    let marks = marks(&fs::read(&path)?);
    let missing: Vec<String> =
        (0..pieces).filter(|piece| !marks.contains_key(piece)).map(|it| it.to_string()).collect();
    if !missing.is_empty() {
        return Err(format!("the program lacks the pieces {}", missing.join(", ")).into());
    }
    Ok(Program { path, marks })
}

fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_store = message.pointer("/target/name")? == "store";
    Some(PathBuf::from(message.get("executable")?.as_str().filter(|_| is_store)?))
}

/// Where the mark of each piece is.
fn marks(program: &[u8]) -> BTreeMap<usize, Vec<usize>> {
    let mut marks: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mark = MARK.as_bytes();
    for (at, window) in program.windows(mark.len() + DIGITS).enumerate() {
        let Some(digits) = window.strip_prefix(mark) else { continue };
        let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        if let Some(number) = number {
            marks.entry(number).or_default().push(at);
        }
    }
    marks
}

impl Program {
    /// How many pieces it has.
    pub(super) fn pieces(&self) -> usize {
        self.marks.len()
    }

    /// Writes a mutant into a copy of the program, wherever its piece is.
    pub(super) fn write(&self, copy: &Path, patch: &Patch) -> Result<()> {
        self.put(copy, patch, &patch.original, &patch.with)
    }

    /// Undoes it.
    pub(super) fn restore(&self, copy: &Path, patch: &Patch) -> Result<()> {
        self.put(copy, patch, &patch.with, &patch.original)
    }

    fn put(&self, copy: &Path, patch: &Patch, old: &str, new: &str) -> Result<()> {
        let Some(before) = patch.original.find(MARK) else {
            return Err("a piece without a mark".into());
        };
        let mut file = open(copy)?;
        for mark in self.marks.get(&patch.piece).into_iter().flatten() {
            let at = u64::try_from(mark.saturating_sub(before))?;
            let mut found = vec![0; old.len()];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut found)?;
            if found != old.as_bytes() {
                return Err(format!("the program has no {old:?} at {at}").into());
            }
            file.seek(SeekFrom::Start(at))?;
            file.write_all(new.as_bytes())?;
        }
        Ok(())
    }
}

/// Opens a program to write to it. One that was killed while it started another runs for a moment still.
fn open(program: &Path) -> io::Result<File> {
    let mut tries = 0;
    loop {
        match File::options().read(true).write(true).open(program) {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < 500 => {
                tries += 1;
                sleep(Duration::from_millis(10));
            }
            opened => return opened,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::statement::text::Text;

    #[test]
    fn a_mutant_is_written_and_undone() {
        let (literal, patches) =
            Text::plain("WHERE a = ?1".to_owned()).mark(&mut 3).unwrap().unwrap();
        let patch = patches.first().unwrap();
        let bytes = format!("\0\0{literal}\0{literal}");
        let program = Program { path: PathBuf::new(), marks: marks(bytes.as_bytes()) };
        assert_eq!(program.marks.len(), 1);
        let copy = std::env::temp_dir().join(format!("topper-program-{}", std::process::id()));
        fs::write(&copy, &bytes).unwrap();
        program.write(&copy, patch).unwrap();
        let mutant = fs::read_to_string(&copy).unwrap();
        assert_eq!(mutant, bytes.replace(&patch.original, &patch.with));
        assert_eq!(mutant.matches("<>").count(), 2);
        // It is not there any more.
        program.write(&copy, patch).unwrap_err();
        program.restore(&copy, patch).unwrap();
        assert_eq!(fs::read_to_string(&copy).unwrap(), bytes);
        fs::remove_file(copy).unwrap();
    }
}
