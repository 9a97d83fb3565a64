//! Where keys come from.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;
use topper_core::KeySet;
use topper_testkit::TestKey;

use crate::{
    failure::Failure,
    file::{self, Existing},
};

/// Where Topper's documentation keeps the public key.
pub(crate) const VARIABLE: &str = "TOPPER_WEBHOOK_PUBLIC_KEY";

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

/// The test key of this user, made when it is first asked for.
fn shared() -> Result<TestKey, Failure> {
    let path = shared_path()?;
    if !path.exists() {
        if let Some(folder) = path.parent() {
            make_private_folder(folder).map_err(|error| Failure::file(folder, error))?;
        }
        match create(&path, &TestKey::generate(), Existing::Keep) {
            // Another command has made it this moment.
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
        .ok_or_else(|| Failure::Input("there is no home directory: give a key with --key".into()))
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

/// The public keys of a file: a JWK or a JWK Set.
pub(crate) fn public(path: &Path) -> Result<KeySet, Failure> {
    KeySet::from_json(&file::read_text(path)?).map_err(|error| Failure::file(path, error))
}

/// The public keys of the environment variable, if it is set.
pub(crate) fn of_environment() -> Result<Option<String>, Failure> {
    match env::var(VARIABLE) {
        Ok(text) => Ok(Some(text)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::Input(format!("{VARIABLE}: not Unicode text")))
        }
    }
}

/// One set of the keys of several texts, each a JWK or a JWK Set that was checked before.
pub(crate) fn merged<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<KeySet, Failure> {
    let mut keys = Vec::new();
    for text in texts {
        match serde_json::from_str(text) {
            Ok(Value::Object(mut members)) => match members.remove("keys") {
                Some(Value::Array(set)) => keys.extend(set),
                _ => keys.push(Value::Object(members)),
            },
            _ => return Err(Failure::Input("a public key is not a JSON object".into())),
        }
    }
    KeySet::from_json(&serde_json::json!({"keys": keys}).to_string())
        .map_err(|error| Failure::Input(error.to_string()))
}
