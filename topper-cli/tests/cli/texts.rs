//! The texts that a person reads, collected in files, so that a review sees each of them.

use std::{fs, path::Path};

mod help;
mod library;
mod messages;
mod session;

pub(crate) use messages::PRIVATE;

/// Where the files are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command-line");
/// The unit test of the advice knows it, too.
const RENEW: &str = "TOPPER_RENEW";

/// Expects a file to have this text, or writes it.
fn expect(name: &str, text: &str) {
    let path = Path::new(FOLDER).join(name);
    if std::env::var_os(RENEW).is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let file = fs::read_to_string(&path).unwrap_or_default();
    let differs = (1..).zip(file.lines().chain([""]).zip(text.lines().chain([""])));
    let first = differs.into_iter().find(|(_, (old, new))| old != new);
    assert!(
        file == text,
        "docs/command-line/{name} is stale: {first:?}. Renew it with\n  \
         {RENEW}=1 cargo test -p topper-cli texts\nand read what has changed."
    );
}
