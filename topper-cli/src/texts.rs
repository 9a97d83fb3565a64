//! The advice of all commands, collected in a file, so that a review sees each text.

use std::{fs, path::Path};

use topper_testkit::UnreachableKind;

use crate::{delivering::unreachable, examining, explaining};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command-line/advice.txt");
const WIDTH: usize = 80;

const INTRODUCTION: &str = "\
What `topper` advises about endpoints, connections and signatures: each text in full.
Written by a test: TOPPER_RENEW=1 cargo test -p topper-cli texts
";

fn section(title: &str, texts: impl IntoIterator<Item = (String, String)>) -> String {
    let line = "=".repeat(WIDTH);
    let mut section = format!("\n{line}\n{title}\n{line}\n");
    for (when, text) in texts {
        section.push('\n');
        if !when.is_empty() {
            section.push_str(&format!("[{when}]\n"));
        }
        for line in crate::console::wrap(&text, WIDTH) {
            section.push_str(&format!("{line}\n"));
        }
    }
    section
}

fn text() -> String {
    let connections = UnreachableKind::ALL.iter().map(|&kind| {
        (topper_testkit::Unreachable::from(kind).to_string(), unreachable::on(kind).to_owned())
    });
    let sections = [
        section("Connections that fail", connections),
        section("topper doctor", examining::texts()),
        section("topper verify: the signature matches ...", explaining::texts()),
    ];
    format!("{INTRODUCTION}{}", sections.concat())
}

#[test]
fn of_advice_are_in_a_file() {
    let path = Path::new(FILE);
    // Packages of this crate are without the file.
    if !path.parent().is_some_and(Path::is_dir) {
        return;
    }
    let text = text();
    if std::env::var_os("TOPPER_RENEW").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    assert!(
        fs::read_to_string(path).unwrap_or_default() == text,
        "docs/command-line/advice.txt is stale. Renew it with\n  \
         TOPPER_RENEW=1 cargo test -p topper-cli texts\nand read what has changed."
    );
}
