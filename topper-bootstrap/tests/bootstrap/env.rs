//! A widget from environment variables.

use std::{collections::BTreeMap, ffi::OsString, fs};

use topper_bootstrap::{Environment, Widget, WidgetError};
use topper_testkit::TestKey;

use crate::support::{KEY_ID, WIDGET_ID, logged};

/// The four variables that most programs set.
fn vars(key: &TestKey) -> BTreeMap<&'static str, OsString> {
    BTreeMap::from([
        ("TOPPER_ENVIRONMENT", "sandbox".into()),
        ("TOPPER_WIDGET_ID", WIDGET_ID.into()),
        ("TOPPER_KEY_ID", KEY_ID.into()),
        ("TOPPER_PRIVATE_KEY", key.private_jwk().into()),
    ])
}

fn read(vars: &BTreeMap<&'static str, OsString>) -> Result<Widget, WidgetError> {
    Widget::from_vars(|name| vars.get(name).cloned())
}

#[test]
fn reads_a_widget_from_its_variables() {
    let key = TestKey::generate();
    let mut vars = vars(&key);
    let widget = read(&vars).unwrap();
    assert_eq!((widget.id(), widget.key_id()), (WIDGET_ID, KEY_ID));
    assert_eq!(widget.environment(), Environment::Sandbox);
    vars.insert("TOPPER_ENVIRONMENT", " production\n".into());
    assert_eq!(read(&vars).unwrap().environment(), Environment::Production);
    let prefixed = Widget::from_vars_with_prefix("SELL_", |name| {
        vars.get(name.strip_prefix("SELL_")?).cloned()
    });
    assert_eq!(prefixed.unwrap().id(), WIDGET_ID);
}

#[test]
fn a_missing_variable_is_named_and_the_environment_has_no_default() {
    let key = TestKey::generate();
    for (name, problem) in [
        (
            "TOPPER_ENVIRONMENT",
            "the environment is missing; it should look like sandbox or production",
        ),
        ("TOPPER_WIDGET_ID", "the widget id is missing; it should look like"),
        ("TOPPER_KEY_ID", "the key id is missing; it should look like"),
        ("TOPPER_PRIVATE_KEY", "the private key is missing; it should look like"),
    ] {
        for value in [None, Some(""), Some(" \n")] {
            let mut vars = vars(&key);
            match value {
                Some(value) => vars.insert(name, value.into()),
                None => vars.remove(name),
            };
            let error = read(&vars).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("environment variable {name}: {problem}")),
                "{error}"
            );
        }
    }
    for value in ["Sandbox", "prod", "live", "sandbox,production"] {
        let mut vars = vars(&key);
        vars.insert("TOPPER_ENVIRONMENT", value.into());
        let error = read(&vars).unwrap_err().to_string();
        assert!(
            error.contains("TOPPER_ENVIRONMENT: neither `sandbox` nor `production`"),
            "{error}"
        );
    }
}

#[test]
fn a_key_and_a_key_file_are_one_too_many() {
    let mut vars = vars(&TestKey::generate());
    vars.insert("TOPPER_PRIVATE_KEY_FILE", "/run/secrets/key".into());
    let error = read(&vars).unwrap_err().to_string();
    assert!(error.contains("TOPPER_PRIVATE_KEY_FILE: TOPPER_PRIVATE_KEY is set too"), "{error}");
}

#[test]
fn an_error_names_the_variable_and_shows_no_value() {
    let key = TestKey::generate();
    let secret = key.private_jwk();
    let d: serde_json::Value = serde_json::from_str(&secret).unwrap();
    let d = d.get("d").and_then(serde_json::Value::as_str).unwrap().to_owned();
    for (name, value) in [
        ("TOPPER_PRIVATE_KEY", secret.replace("P-256", "P-384")),
        ("TOPPER_PRIVATE_KEY", secret.replace("\"d\"", "\"D\"")),
        ("TOPPER_PRIVATE_KEY", format!("x{secret}")),
        ("TOPPER_PRIVATE_KEY_FILE", secret.clone()),
        ("TOPPER_PRIVATE_KEY_FILE", format!("/nowhere/{d}")),
        ("TOPPER_ENVIRONMENT", d.clone()),
        ("TOPPER_KEY_ALGORITHM", d.clone()),
    ] {
        let mut vars = vars(&key);
        if name == "TOPPER_PRIVATE_KEY_FILE" {
            vars.remove("TOPPER_PRIVATE_KEY");
        }
        vars.insert(name, value.into());
        let error = read(&vars).unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("environment variable {name}: ")),
            "{error}"
        );
        assert!(!format!("{error} {error:?} {error:#?}").contains(&d[..12]), "{error}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt as _;
        let mut vars = vars(&key);
        vars.insert("TOPPER_PRIVATE_KEY", OsString::from_vec(vec![0xff, b'k']));
        let error = read(&vars).unwrap_err();
        assert!(error.to_string().contains("not Unicode") && !format!("{error:?}").contains("xff"));
    }
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_used_with_a_warning_that_names_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;

    let key = TestKey::generate();
    let secret = key.private_jwk();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    fs::write(&path, &secret).unwrap();
    let mut vars = vars(&key);
    vars.remove("TOPPER_PRIVATE_KEY");
    vars.insert("TOPPER_PRIVATE_KEY_FILE", path.clone().into());
    for (mode, is_open) in
        [(0o600, false), (0o400, false), (0o644, true), (0o640, true), (0o604, true), (0o620, true)]
    {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let (widget, text) = logged(|| read(&vars));
        assert_eq!(widget.unwrap().key_id(), KEY_ID);
        if is_open {
            let line = text.strip_suffix('\n').unwrap();
            assert!(!line.contains('\n') && line.contains("WARN"), "{line}");
            assert!(line.contains(&format!("mode={mode:04o}")), "{line}");
            assert!(
                line.contains("chmod 600") && line.contains("TOPPER_PRIVATE_KEY_FILE"),
                "{line}"
            );
        } else {
            assert_eq!(text, "");
        }
        let jwk: serde_json::Value = serde_json::from_str(&secret).unwrap();
        for name in ["d", "x", "y"] {
            assert!(!text.contains(jwk.get(name).and_then(serde_json::Value::as_str).unwrap()));
        }
    }
}

#[test]
fn a_key_file_that_cannot_be_read_is_an_error_that_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let mut vars = vars(&TestKey::generate());
    vars.remove("TOPPER_PRIVATE_KEY");
    vars.insert("TOPPER_PRIVATE_KEY_FILE", path.clone().into());
    let error = read(&vars).unwrap_err().to_string();
    assert!(error.contains("TOPPER_PRIVATE_KEY_FILE: the file cannot be read: entity not found"));
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(read(&vars).unwrap_err().to_string().contains("not Unicode"));
    fs::write(&path, "").unwrap();
    assert!(read(&vars).unwrap_err().to_string().contains("the private key is missing"));
    // Too long for a key: read no further.
    fs::write(&path, " ".repeat(1 << 20)).unwrap();
    assert!(read(&vars).unwrap_err().to_string().contains("the private key is missing"));
}

#[test]
fn signing_and_opening_log_nothing() {
    let (_, text) = logged(|| {
        let widget = read(&vars(&TestKey::generate())).unwrap();
        crate::support::sign(&widget, &crate::support::any_onramp()).url().into_string()
    });
    assert_eq!(text, "");
}
