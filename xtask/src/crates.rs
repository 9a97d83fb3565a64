//! What a user of axum compiles more because of `topper`: crates and their build dependencies.

use std::{collections::BTreeSet, error::Error, fs, process::Command};

use crate::workspace::root;

/// The most crates that `topper` with `axum` may add.
const MOST: usize = 32;

const BARE: &str = r#"axum = "0.8"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
"#;

/// Prints them.
pub(crate) fn list() -> Result<(), Box<dyn Error>> {
    let added = added()?;
    for name in &added {
        println!("{name}");
    }
    println!("{} crates", added.len());
    Ok(())
}

/// Compares their number with what the README says.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let count = added()?.len();
    let readme = fs::read_to_string(root().join("README.md"))?;
    let sentence = format!("it adds {count} crates");
    if !readme.contains(&sentence) {
        return Err(
            format!("README.md must say that {sentence}; `cargo xtask crates` lists them").into()
        );
    }
    if count > MOST {
        return Err(format!(
            "{count} crates are over the limit of {MOST}; `cargo xtask crates` lists them"
        )
        .into());
    }
    println!("{sentence}, at most {MOST}");
    Ok(())
}

fn added() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let topper = root().join("topper");
    let with_topper = format!("{BARE}topper = {{ path = {topper:?}, features = [\"axum\"] }}\n");
    let bare = tree("bare", BARE)?;
    Ok(tree("with-topper", &with_topper)?.difference(&bare).cloned().collect())
}

/// The crates that a program with these dependencies compiles.
fn tree(name: &str, dependencies: &str) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let folder = root().join("target").join("xtask").join(name);
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src").join("main.rs"), "fn main() {}\n")?;
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    // The versions of this repository, so that a release elsewhere does not change the count.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
        .current_dir(&folder)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    // `name v1.2.3 (proc-macro)`: name and version, and not the program itself.
    let stdout = String::from_utf8(output.stdout)?;
    let crates = stdout.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    });
    Ok(crates.filter(|package| !package.starts_with(&format!("{name} "))).collect())
}
