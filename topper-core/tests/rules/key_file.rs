//! A public key in a file that a variable names.

use std::{collections::HashMap, env, ffi::OsString, fs, path::PathBuf, process};

use topper_core::{ConfigError, Verifier, VerifierBuilder};
use topper_testkit::TestKey;

const KEY: &str = "TOPPER_WEBHOOK_PUBLIC_KEY";
const FILE: &str = "TOPPER_WEBHOOK_PUBLIC_KEY_FILE";

/// A file that is removed when it is dropped.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = env::temp_dir().join(format!("topper-{}-{name}", process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

fn read(prefix: &str, variables: &[(&str, &str)]) -> Result<Verifier, ConfigError> {
    let variables: HashMap<_, OsString> = variables
        .iter()
        .map(|(name, value)| (format!("{prefix}{name}"), (*value).into()))
        .collect();
    VerifierBuilder::from_vars_with_prefix(prefix, |name| variables.get(name).cloned())?.build()
}

#[test]
fn reads_the_key_from_a_file() {
    let key = TestKey::generate();
    let file = File::new("key", format!("\u{feff}{}\n", key.public_jwk()));
    for prefix in ["", "SANDBOX_"] {
        let in_white_space = format!(" {}\n", file.path());
        for variables in [
            &[(FILE, file.path())][..],
            &[(FILE, file.path()), (KEY, "")],
            &[(FILE, &in_white_space)],
        ] {
            let verifier = read(prefix, variables).unwrap();
            assert_eq!(verifier.keys().iter().next().unwrap().id(), key.key_id());
        }
    }
}

#[test]
fn reads_as_many_keys_as_a_verifier_takes_from_a_file() {
    let keys: Vec<TestKey> = (0..16).map(|_| TestKey::generate()).collect();
    let file = File::new("keys", TestKey::public_jwk_set(&keys));
    assert_eq!(read("", &[(FILE, file.path())]).unwrap().keys().iter().len(), 16);
}

#[test]
fn refuses_a_key_in_both_variables() {
    let jwk = TestKey::generate().public_jwk();
    for path in ["/no/such/file", &jwk] {
        let error = read("SANDBOX_", &[(FILE, path), (KEY, &jwk)]).unwrap_err().to_string();
        let expected = "environment variable SANDBOX_TOPPER_WEBHOOK_PUBLIC_KEY_FILE: \
                        SANDBOX_TOPPER_WEBHOOK_PUBLIC_KEY is set too: set only one of the two; ";
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn names_the_variable_of_a_file_that_cannot_be_used() {
    let path = |name| env::temp_dir().join(name).to_str().unwrap().to_owned();
    let jwk = TestKey::generate().public_jwk();
    let (secret, empty) = (File::new("secret", "whsec_secret"), File::new("empty", " \n"));
    let binary = File::new("binary", [0xff, 0xfe]);
    for (value, problem) in [
        (path("topper-no-such-secret"), "the file cannot be read: entity not found"),
        (secret.path().to_owned(), "not a public key: it looks like the webhook signing secret"),
        (empty.path().to_owned(), "no public key is configured"),
        (binary.path().to_owned(), "the value is not Unicode text"),
        (jwk, "not a public key: it looks like a key, not a file name"),
    ] {
        let error = read("B_", &[(FILE, &value)]).unwrap_err();
        let text = error.to_string();
        let expected = format!("environment variable B_{FILE}: {problem}");
        assert!(text.starts_with(&expected), "{text}");
        assert!(text.contains("; it should look like /run/secrets/topper.jwk"), "{text}");
        assert!(!format!("{text} {error:?}").contains("secret\""), "{text}");
        assert!(!text.contains(&value), "{text}");
    }
    #[cfg(unix)]
    assert!(
        read("", &[(FILE, "/")])
            .unwrap_err()
            .to_string()
            .contains("cannot be read: is a directory")
    );
}
