//! A program and its project: its manifest, and what cargo makes of it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Result,
    receiver::{self, Exchange},
};
use crate::{
    packages::Package,
    workspace::{root, run, target},
};

/// A program as a user would write it.
pub(super) struct Program {
    pub(super) name: &'static str,
    /// Lines of its manifest.
    pub(super) dependencies: &'static str,
    pub(super) dev_dependencies: &'static str,
    pub(super) main: &'static str,
    /// The name of another file of its source, and the file.
    pub(super) module: Option<(&'static str, &'static str)>,
    pub(super) trial: Trial,
    /// Crates that must not be among its dependencies, those of its tests included.
    pub(super) without: &'static [&'static str],
}

/// How a program is tried.
pub(super) enum Trial {
    /// It receives deliveries, in that order.
    Receives(&'static [Exchange]),
    /// Its tests pass.
    Tests,
    /// It panics with a message that has this in it.
    Panics(&'static str),
}

/// A program in a folder of its own.
pub(super) struct Project {
    name: String,
    folder: PathBuf,
}

impl Project {
    /// Writes the program, which takes the packages in place of those of the registry.
    pub(super) fn write(program: &Program, packages: &[Package], folder: &Path) -> Result<Self> {
        let name = format!("consumer_{}", program.name);
        let project = Self { folder: folder.join(&name), name };
        fs::create_dir_all(project.folder.join("src"))?;
        project.replace_main(program.main)?;
        if let Some((file, text)) = program.module {
            fs::write(project.folder.join("src").join(file), text)?;
        }
        let mut manifest = format!(
            "[package]\nname = \"{}\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]{}\n\n[dev-dependencies]\n{}\n\n[patch.crates-io]\n",
            project.name, program.dependencies, program.dev_dependencies,
        );
        for package in packages {
            writeln!(manifest, "{} = {{ path = {:?} }}", package.name, package.folder)?;
        }
        fs::write(project.folder.join("Cargo.toml"), manifest)?;
        // The versions of this repository, so that a release elsewhere does not break the build.
        fs::copy(root().join("Cargo.lock"), project.folder.join("Cargo.lock"))?;
        Ok(project)
    }

    pub(super) fn replace_main(&self, main: &str) -> Result<()> {
        Ok(fs::write(self.folder.join("src").join("main.rs"), main)?)
    }

    /// Fails when one of these crates is among the dependencies, those of tests included.
    pub(super) fn check_tree(&self, without: &[&str]) -> Result<()> {
        let arguments = ["tree", "--quiet", "--edges", "normal,build,dev", "--prefix", "none"];
        let output = self.cargo(&arguments).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        // `name v1.2.3 (proc-macro)`
        let tree = String::from_utf8(output.stdout)?;
        let mut names = tree.lines().filter_map(|line| line.split(' ').next());
        match names.find(|name| without.contains(name)) {
            Some(name) => Err(format!("{name} must not be among its dependencies").into()),
            None => Ok(()),
        }
    }

    /// Builds it and tries it, and says what it has shown.
    pub(super) fn run(&self, trial: &Trial) -> Result<String> {
        match trial {
            Trial::Receives(exchanges) => {
                receiver::try_out(&self.build()?, exchanges)?;
                let answers: Vec<String> =
                    exchanges.iter().map(|(_, status, code)| format!("{status} {code}")).collect();
                Ok(answers.join(", "))
            }
            Trial::Tests => {
                run(&mut self.cargo(&["test", "--quiet"]))?;
                Ok("its tests pass".to_owned())
            }
            Trial::Panics(message) => {
                let output = Command::new(self.build()?).output()?;
                let stderr = String::from_utf8_lossy(&output.stderr);
                if output.status.success() || !stderr.contains(message) {
                    return Err(format!("it must panic with {message}:\n{stderr}").into());
                }
                Ok(format!("panics with {message}"))
            }
        }
    }

    /// Builds it, and says where the program is.
    fn build(&self) -> Result<PathBuf> {
        run(&mut self.cargo(&["build", "--quiet"]))?;
        Ok(target().join("debug").join(&self.name))
    }

    pub(super) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(&self.folder);
        // Where the same versions with the same features are built already.
        command.env("CARGO_TARGET_DIR", target());
        command
    }
}
