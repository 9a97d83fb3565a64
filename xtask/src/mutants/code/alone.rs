//! Builds mutants one by one that cannot be switched, and runs all tests: no one knows which of them get there.

use std::fs;

use super::{
    build::{Built, WITHOUT_WARNINGS, compile, library, tests},
    list::Mutant,
    run::Place,
};
use crate::{
    mutants::{
        Outcome, Result,
        fate::{self, Fate},
        outcome::without_place,
        tree::{self, Changed},
        trial::Trials,
    },
    workspace::root,
};

/// What becomes of each.
pub(super) fn each(place: &Place<'_>, built: &Built, trials: &Trials) -> Result<Outcome> {
    let name = |mutant: &Mutant| without_place(&mutant.name);
    fate::of_each(&built.left, &[()], name, |mutant, ()| {
        tree::copy(place.tree, &changed(place, mutant)?)?;
        let compiled = compile(place.area, place.tree, "test", &tests(place.area))?;
        if !compiled.errors.is_empty() {
            return Ok(Fate::Invalid("the compiler".to_owned()));
        }
        if compiled.programs != built.programs {
            return Err("cargo has built other programs than before".into());
        }
        place.fate(trials, trials.all_tests(), |tests| tests)
    })
}

/// The files of the copy that differ from the repository.
fn changed(place: &Place<'_>, mutant: &Mutant) -> Result<Changed> {
    let library = library(place.area);
    let mut changed = Changed::new();
    for file in [&mutant.file, &library] {
        let mut code = fs::read_to_string(root().join(file))?;
        if *file == mutant.file {
            code = patched(&code, &mutant.diff)
                .ok_or_else(|| format!("cargo-mutants says of another text: {}", mutant.diff))?;
        }
        if *file == library {
            code.insert_str(0, WITHOUT_WARNINGS);
        }
        changed.insert(file.clone(), code);
    }
    Ok(changed)
}

/// The code with the change of a diff that has one.
fn patched(code: &str, diff: &str) -> Option<String> {
    // Two names of files, and then `@@ -28,17 +28,17 @@`.
    let mut lines = diff.split_inclusive('\n').skip(2);
    let first: usize = lines.next()?.strip_prefix("@@ -")?.split(',').next()?.parse().ok()?;
    let (mut old, mut new) = (String::new(), String::new());
    for line in lines {
        let (sign, text) = line.split_at_checked(1)?;
        match sign {
            " " => [&mut old, &mut new].into_iter().for_each(|both| both.push_str(text)),
            "-" => old.push_str(text),
            "+" => new.push_str(text),
            _ => return None,
        }
    }
    let start = code.split_inclusive('\n').take(first.checked_sub(1)?).map(str::len).sum();
    let (before, rest) = code.split_at_checked(start)?;
    Some(format!("{before}{new}{}", rest.strip_prefix(&old)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_is_applied_where_it_says() {
        let code = "a\nb\nconst A: u8 = 1 * 2;\nc\n";
        let diff = "--- a.rs\n+++ replace * with +\n@@ -2,3 +2,3 @@\n b\n-const A: u8 = 1 * 2;\n\
                    +const A: u8 = 1 + 2;\n c\n";
        assert_eq!(patched(code, diff).unwrap(), "a\nb\nconst A: u8 = 1 + 2;\nc\n");
        assert_eq!(patched("b\nconst A: u8 = 1 * 2;\nc\n", diff), None);
    }
}
