//! The licences, sources and names of dependencies, by `deny.toml`: of everything here with all features, of
//! the fuzz targets, and of programs with a back end that needs no C compiler, which must compile no C.
//!
//! Features only add crates. If a set of features is allowed, a smaller one is, too: so these cover whatever users
//! choose.

use std::{error::Error, fs, path::Path};

use crate::{
    generate::features,
    program::{Framework, Program},
    tool,
    workspace::{cargo, root, stdout, target},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The features that compile C.
const WITH_C: [&str; 4] = ["aws-lc", "bootstrap-client", "store-sqlite", "tls"];
/// Lines of `deny.toml`, and what is added after them for a program that must compile no C. Build scripts
/// compile C with these crates. The platforms, because one that is not named has dependencies under `cfg`s
/// that only other crates' own tests set.
const ADDED: [(&str, &str); 2] = [
    (
        "\n[graph]\n",
        "targets = [\"aarch64-apple-darwin\", \"x86_64-pc-windows-msvc\", \"x86_64-unknown-linux-gnu\"]\n",
    ),
    (
        "\ndeny = [\n",
        "    { name = \"cc\", reason = \"no C compiler is needed\" },\n    \
         { name = \"cmake\", reason = \"no C compiler is needed\" },\n",
    ),
];

/// Checks all of them.
pub(crate) fn check() -> Result<()> {
    let rules = root().join("deny.toml");
    // Also the licences that are listed and not found, which a part does not have.
    check_one("everything here", &root().join("Cargo.toml"), &rules, &[])?;
    let unlisted =
        ["--allow", "license-not-encountered", "--allow", "license-exception-not-encountered"];
    let fuzz = root().join("fuzz").join("Cargo.toml");
    check_one("the fuzz targets", &fuzz, &rules, &unlisted)?;
    let stricter = target().join("xtask").join("deny-without-c.toml");
    fs::create_dir_all(target().join("xtask"))?;
    fs::write(&stricter, without_c_compiler(&fs::read_to_string(&rules)?)?)?;
    for back_end in ["graviola", "rust-crypto"] {
        let program = without_c(back_end)?;
        let manifest = program.write()?.join("Cargo.toml");
        // Only then has its lock file what it needs, and no more.
        let mut lock = cargo();
        lock.args(["update", "--workspace", "--quiet", "--manifest-path"]).arg(&manifest);
        stdout(&mut lock)?;
        check_one(&format!("all without C, with {back_end}"), &manifest, &stricter, &unlisted)?;
    }
    Ok(())
}

fn check_one(name: &str, manifest: &Path, rules: &Path, options: &[&str]) -> Result<()> {
    let mut deny = tool::deny()?;
    deny.args(["--all-features", "--locked", "--manifest-path"]).arg(manifest);
    deny.arg("--config").arg(rules).arg("check").args(options);
    stdout(deny.args(["bans", "licenses", "sources"])).map_err(|it| format!("{name}:\n{it}"))?;
    println!("allowed: {name}");
    Ok(())
}

/// The rules of a program that must compile no C.
fn without_c_compiler(rules: &str) -> Result<String> {
    let mut rules = rules.to_owned();
    for (line, added) in ADDED {
        let (before, after) =
            rules.split_once(line).ok_or_else(|| format!("deny.toml has no line {line:?}"))?;
        rules = format!("{before}{line}{added}{after}");
    }
    Ok(rules)
}

/// All that needs no C, with one back end.
fn without_c(back_end: &str) -> Result<Program> {
    let features: Vec<String> = features("topper")?.into_iter().map(|it| it.name).collect();
    let all = features.iter().map(String::as_str).filter(|it| !WITH_C.contains(it));
    let other = if back_end == "graviola" { "rust-crypto" } else { "graviola" };
    Ok(Program::new(Framework::Axum, all.filter(|it| *it != other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_without_a_c_compiler_are_those_of_the_repository_and_two_more() {
        let rules = fs::read_to_string(root().join("deny.toml")).unwrap();
        let stricter = without_c_compiler(&rules).unwrap();
        assert!(stricter.contains("{ name = \"cc\""), "{stricter}");
        assert!(without_c_compiler("[licenses]\n").is_err());
        assert!(rules.lines().all(|line| stricter.contains(line)));
    }

    #[test]
    fn a_program_without_c_has_all_features_but_three_and_the_other_back_ends() {
        let program = without_c("graviola").unwrap();
        assert!(program.has("graviola") && program.has("store-postgres") && program.has("rocket"));
        assert!(!program.has("rust-crypto") && WITH_C.iter().all(|feature| !program.has(feature)));
    }
}
