//! Where keys come from.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use topper_core::{ConfigError, KeySet, SourceMode, Verifier};
use topper_testkit::TestKey;

use crate::{
    failure::Failure,
    file::{self, Existing},
};

/// The variable in which Topper's documentation keeps the public key.
pub(crate) const VARIABLE: &str = "TOPPER_WEBHOOK_PUBLIC_KEY";
/// The path of a file with the public key.
const FILE_VARIABLE: &str = "TOPPER_WEBHOOK_PUBLIC_KEY_FILE";

/// The private key of a file; without one, the test key that all commands share.
pub(crate) fn private(path: Option<&Path>) -> Result<TestKey, Failure> {
    match path {
        Some(path) => {
            let text = file::read_text(path)?;
            TestKey::from_jwk(&text).map_err(|error| Failure::file(path, error))
        }
        None => shared(),
    }
}

/// The test key of this user, which is created when it is first needed.
fn shared() -> Result<TestKey, Failure> {
    let path = shared_path()?;
    if !path.exists() {
        if let Some(folder) = path.parent() {
            make_private_folder(folder).map_err(|error| Failure::file(folder, error))?;
        }
        match create(&path, &TestKey::generate(), Existing::Keep) {
            // Another command has just created it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
            made => made.map_err(|error| Failure::file(&path, error))?,
        }
    }
    private(Some(&path))
}

/// Where the shared test key is.
pub(crate) fn shared_path() -> Result<PathBuf, Failure> {
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_CONFIG_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".config")))
        .or_else(|| folder("APPDATA"))
        .map(|config| config.join("topper").join("test-key.jwk"))
        .ok_or_else(|| {
            Failure::Input(
                "no home directory to keep the test key in: set HOME, or name a key file".into(),
            )
        })
}

/// Writes a private key; only its owner can read it.
pub(crate) fn create(path: &Path, key: &TestKey, existing: Existing) -> io::Result<()> {
    file::write_private(path, format!("{}\n", key.private_jwk()).as_bytes(), existing)
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The public keys of a file: a JWK, a JWK Set or a key in PEM.
pub(crate) fn public(path: &Path) -> Result<KeySet, Failure> {
    KeySet::parse(&file::read_text(path)?).map_err(|error| match error {
        ConfigError::NoKey => Failure::file(path, "has no public key in it"),
        error => Failure::file(path, error),
    })
}

/// The keys of these files; without one, those of the environment and the test key.
pub(crate) fn public_or_default(paths: &[PathBuf]) -> Result<KeySet, Failure> {
    let mut sets = Vec::new();
    for path in paths {
        sets.push(public(path)?);
    }
    if sets.is_empty() {
        let test = private(None)?.public_jwk();
        let given = of_environment()?;
        for (name, text) in given.into_iter().chain([("the test key", test)]) {
            let keys =
                KeySet::parse(&text).map_err(|error| Failure::Input(format!("{name}: {error}")))?;
            sets.push(keys);
        }
    }
    merged(&sets)
}

/// The text of the public keys of the environment, and the variable it comes from, if one is set.
pub(crate) fn of_environment() -> Result<Option<(&'static str, String)>, Failure> {
    match (variable(VARIABLE)?, variable(FILE_VARIABLE)?) {
        (Some(_), Some(_)) => Err(Failure::Input(format!(
            "{FILE_VARIABLE}: {VARIABLE} is set too; set only one of the two"
        ))),
        (Some(text), None) => Ok(Some((VARIABLE, text))),
        (None, Some(path)) => {
            let text = file::read_text(Path::new(path.trim()));
            let text = text.map_err(|it| Failure::Input(format!("{FILE_VARIABLE}: {it}")))?;
            Ok(Some((FILE_VARIABLE, text)))
        }
        (None, None) => Ok(None),
    }
}

/// The value of an environment variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::Input(format!("{name}: is not Unicode text")))
        }
    }
}

/// A verifier for deliveries on this machine: of any source, and refusing a wrong signature at once.
pub(crate) fn verifier(keys: KeySet) -> Result<Verifier, Failure> {
    Verifier::builder()
        .keys(keys)
        .sources(SourceMode::Off)
        .retry_while_unproven(false)
        .build()
        .map_err(|error| Failure::Input(error.to_string()))
}

/// One set of the keys of several.
pub(crate) fn merged(sets: &[KeySet]) -> Result<KeySet, Failure> {
    KeySet::from_keys(sets.iter().flat_map(KeySet::iter).cloned())
        .map_err(|error| Failure::Input(error.to_string()))
}
