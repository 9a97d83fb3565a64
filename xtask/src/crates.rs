//! What a user of axum compiles more because of `topper`: crates and their build dependencies. And what
//! no user compiles.

use std::{collections::BTreeSet, error::Error, fs, process::Command};

use crate::{generate::features, workspace::root};

/// The most crates that `topper` with `axum` may add.
const MOST: usize = 32;

/// With TLS and aws-lc-rs, no program has a second library for them.
const OTHER_CRYPTO: [&str; 5] = ["graviola", "native-tls", "openssl-sys", "p256", "ring"];

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
        return Err(format!(
            "README.md must say that {sentence}; list them with `cargo xtask crates`"
        )
        .into());
    }
    if count > MOST {
        return Err(format!(
            "{count} crates are over the limit of {MOST}; list them with `cargo xtask crates`"
        )
        .into());
    }
    println!("{sentence}, at most {MOST}");
    check_crypto()
}

/// Looks at a program with all features but the other back ends.
fn check_crypto() -> Result<(), Box<dyn Error>> {
    let features: Vec<String> = features("topper")?.into_iter().map(|it| it.name).collect();
    let is_other = |name: &str| ["graviola", "rust-crypto"].contains(&name);
    let features: Vec<&str> =
        features.iter().map(String::as_str).filter(|it| !is_other(it)).collect();
    let crates = with_topper("with-tls", &features)?;
    let has = |name: &str| crates.iter().any(|it| it.split(' ').next() == Some(name));
    for expected in ["aws-lc-rs", "redis", "rustls", "sqlx-postgres"] {
        if !has(expected) {
            return Err(format!("{expected} is not compiled with {features:?}").into());
        }
    }
    if let Some(other) = OTHER_CRYPTO.iter().find(|other| has(other)) {
        return Err(format!("{other} is compiled next to aws-lc-rs, with {features:?}").into());
    }
    println!("with tls, aws-lc-rs is the only cryptography library");
    Ok(())
}

fn added() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let bare = tree("bare", BARE)?;
    Ok(with_topper("with-topper", &["axum"])?.difference(&bare).cloned().collect())
}

/// The crates that a program on axum compiles with these features of `topper`.
fn with_topper(name: &str, features: &[&str]) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let topper = root().join("topper");
    tree(name, &format!("{BARE}topper = {{ path = {topper:?}, features = {features:?} }}\n"))
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
