//! The CPU time that cargo takes to compile what a feature adds to a program.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::PathBuf,
    process::Command,
};

use serde_json::{Value, json};

use super::row::Row;
use crate::{
    machine,
    program::{Framework, Program},
    workspace::{root, run, stdout},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What was measured, and the machine.
const FILE: &str = "docs/benchmarks/compiling.json";
/// As many as the machine has that the page is about.
const JOBS: &str = "2";
/// Settings that would change the result.
const UNSET: [&str; 3] = ["CARGO_PROFILE_DEV_DEBUG", "CARGO_BUILD_RUSTFLAGS", "RUSTFLAGS"];

/// What was measured last.
#[derive(Default)]
pub(super) struct Times {
    /// CPU seconds of the first build of a program with axum alone.
    pub(super) bare: f64,
    /// CPU seconds by the name of the row.
    pub(super) rows: BTreeMap<String, f64>,
    /// Names and values.
    pub(super) machine: BTreeMap<String, String>,
    /// The programs that are compiled in their folders.
    built: BTreeSet<Program>,
}

impl Times {
    /// Those in the file.
    pub(super) fn read() -> Result<Self> {
        let file: Value = serde_json::from_str(&fs::read_to_string(root().join(FILE))?)?;
        let field = |name: &str| file.get(name).cloned().unwrap_or_default();
        Ok(Self {
            bare: serde_json::from_value(field("bare"))?,
            rows: serde_json::from_value(field("rows"))?,
            machine: serde_json::from_value(field("machine"))?,
            built: BTreeSet::new(),
        })
    }

    /// Measures a row, and keeps the result in the file.
    pub(super) fn measure(&mut self, row: &Row) -> Result<f64> {
        let mut before = None;
        for program in row.steps() {
            if !self.built.contains(&program) {
                let seconds = build(&program, before.as_ref())?;
                if program == Program::new(Framework::Axum, []) {
                    self.bare = seconds;
                }
                self.built.insert(program.clone());
            }
            before = Some(program);
        }
        let seconds = build(&row.with(), before.as_ref())?;
        self.built.insert(row.with());
        self.rows.insert(row.name(), seconds);
        self.machine = machine::rows()?.into_iter().collect();
        let rustc = stdout(Command::new("rustc").arg("--version"))?;
        self.machine.insert("rustc".to_owned(), rustc.trim().to_owned());
        let text = json!({ "machine": self.machine, "bare": self.bare, "rows": self.rows });
        fs::write(root().join(FILE), format!("{text:#}\n"))?;
        Ok(seconds)
    }

    /// Removes what was compiled.
    pub(super) fn clean(&self) -> Result<()> {
        self.built.iter().try_for_each(|program| Ok(fs::remove_dir_all(folder(program)?)?))
    }
}

/// Where a program is compiled.
fn folder(program: &Program) -> Result<PathBuf> {
    Ok(program.write()?.join("target"))
}

/// User and system time of cargo and of all that it starts, to compile a program from nothing, or what it
/// has more than a program that is compiled.
fn build(program: &Program, before: Option<&Program>) -> Result<f64> {
    let target = folder(program)?;
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    if let Some(before) = before {
        run(Command::new("cp").arg("-a").arg(folder(before)?).arg(&target))?;
    }
    let project = program.write()?;
    // Downloading is not compiling.
    run(Command::new(env!("CARGO")).args(["fetch", "--quiet"]).current_dir(&project))?;
    let mut build = Command::new("sh");
    build.args(["-c", "\"$@\" && times", "sh", env!("CARGO"), "build", "--quiet", "--offline"]);
    build.args(["--jobs", JOBS]).current_dir(&project);
    for variable in UNSET {
        build.env_remove(variable);
    }
    // A user gets our crates from the registry, which cargo never compiles incrementally.
    build.env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0");
    let times = stdout(&mut build)?;
    let seconds = of_children(&times).ok_or_else(|| format!("`times` of sh printed {times:?}"))?;
    Ok((seconds * 10.0).round() / 10.0)
}

/// What `times` prints: user and system time of the shell, and in the second line those of its children.
fn of_children(times: &str) -> Option<f64> {
    let seconds = |time: &str| {
        let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    let (user, system) = times.lines().nth(1)?.split_once(' ')?;
    Some(seconds(user)? + seconds(system.trim())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_shell_prints() {
        let times = "0m0.000000s 0m0.000000s\n1m9.500000s 0m15.250000s\n";
        assert_eq!(of_children(times), Some(84.75));
        assert_eq!(of_children("0m0.0s 0m0.0s\n"), None);
    }
}
