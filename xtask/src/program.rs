//! Programs of users, to count and to check what they compile: a web framework, and `topper` with some of
//! its features.

use std::{collections::BTreeSet, error::Error, fs, path::PathBuf, process::Command};

use crate::workspace::{root, stdout, target};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A web framework, as a program with an adapter depends on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Framework {
    Axum,
    Actix,
    Warp,
    Rocket,
    Hyper,
}

impl Framework {
    /// What a text calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix-web",
            Self::Warp => "warp",
            Self::Rocket => "Rocket",
            Self::Hyper => "hyper",
        }
    }

    /// Lines of the manifest.
    const fn dependencies(self) -> &'static str {
        match self {
            Self::Axum => {
                "axum = \"0.8\"\n\
                 tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n"
            }
            Self::Actix => {
                "actix-web = { version = \"4\", default-features = false, features = [\"macros\"] }\n"
            }
            Self::Warp => {
                "warp = { version = \"0.4\", features = [\"server\"] }\n\
                 tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n"
            }
            Self::Rocket => "rocket = { version = \"0.5\", default-features = false }\n",
            Self::Hyper => {
                "hyper = { version = \"1\", features = [\"http1\", \"server\"] }\n\
                 hyper-util = { version = \"0.1\", features = [\"tokio\"] }\n\
                 tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }\n"
            }
        }
    }
}

/// A program; without features, it has no `topper`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Program {
    framework: Framework,
    features: BTreeSet<String>,
}

impl Program {
    pub(crate) fn new<'a>(
        framework: Framework,
        features: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self { framework, features: features.into_iter().map(str::to_owned).collect() }
    }

    /// Whether it has this feature.
    #[cfg(test)]
    pub(crate) fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }

    /// Its name, the same for the same program: `axum`, `axum+aws-lc+store`.
    pub(crate) fn name(&self) -> String {
        let framework = match self.framework {
            Framework::Actix => "actix",
            Framework::Rocket => "rocket",
            other => other.name(),
        };
        // The feature of an adapter says nothing that its framework does not.
        let features = self.features.iter().map(String::as_str);
        let others = features.filter(|feature| *feature != framework);
        [framework].into_iter().chain(others).collect::<Vec<_>>().join("+")
    }

    /// Writes it, with the versions of this repository, so that a release elsewhere does not change what
    /// it compiles; returns its folder.
    pub(crate) fn write(&self) -> Result<PathBuf> {
        let name = self.name();
        let folder = target().join("xtask").join(&name);
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("src").join("main.rs"), "fn main() {}\n")?;
        let mut manifest = format!(
            "[package]\nname = \"program_{}\"\nedition = \"2024\"\nlicense = \"MIT\"\npublish = false\n\n\
             [workspace]\n\n[dependencies]\n{}",
            name.replace('+', "_"),
            self.framework.dependencies()
        );
        if !self.features.is_empty() {
            let topper = root().join("topper");
            let features: Vec<&String> = self.features.iter().collect();
            manifest.push_str(&format!(
                "topper = {{ path = {topper:?}, default-features = false, features = {features:?} }}\n"
            ));
        }
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(folder)
    }

    /// The crates that it compiles, build dependencies included, as `NAME vVERSION`.
    pub(crate) fn crates(&self) -> Result<BTreeSet<String>> {
        let mut tree = Command::new(env!("CARGO"));
        tree.args(["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
        let tree = stdout(tree.current_dir(self.write()?))?;
        let locked = locked()?;
        let mut crates = BTreeSet::new();
        // The first line is the program itself. `name v1.2.3 (proc-macro)`, or a blank line.
        for line in tree.lines().skip(1).filter(|line| !line.is_empty()) {
            let mut words = line.split(' ');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            if !locked.contains(&(name.to_owned(), version.trim_start_matches('v').to_owned())) {
                return Err(
                    format!("{name} {version} of {} is not in Cargo.lock", self.name()).into()
                );
            }
            crates.insert(format!("{name} {version}"));
        }
        Ok(crates)
    }
}

/// The names and versions in `Cargo.lock`.
fn locked() -> Result<BTreeSet<(String, String)>> {
    let text = fs::read_to_string(root().join("Cargo.lock"))?;
    let value = |line: Option<&str>, field: &str| {
        Some(line?.strip_prefix(field)?.trim_matches([' ', '=', '"']).to_owned())
    };
    let packages = text.split("[[package]]\n").map(str::lines);
    let pairs = packages.filter_map(|mut lines| {
        Some((value(lines.next(), "name")?, value(lines.next(), "version")?))
    });
    Ok(pairs.collect())
}
