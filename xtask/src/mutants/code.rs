//! Mutants of Rust code.
//!
//! cargo-mutants says what to change. Building each of these changes alone takes half a minute or more, so all of them
//! are built into one program, in which a variable switches one on. Each mutant runs the tests that get to it, until one
//! fails. The few that cannot be switched, as they are in constants, are built alone.

use std::{fs, path::Path};

use super::{Only, Outcome, Result, area::Area, outcome::without_place, trial::Trials};

mod alone;
mod build;
mod list;
mod run;
mod weave;

use run::Place;

/// Tries the chosen changes of an area.
pub(super) fn mutate(
    area: &Area,
    tree: &Path,
    folder: &Path,
    diff: Option<&Path>,
    only: &Only,
) -> Result<Outcome> {
    let mutants = list::mutants(area, tree, diff, only)?;
    if mutants.is_empty() {
        return Ok(Outcome::default());
    }
    let built = build::build(area, tree, mutants)?;
    let folder = folder.join(area.package);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let place = Place { area, tree };
    let trials = Trials::new(place.reach(&built.programs, &folder)?);
    let mut outcome = run::switched(&place, &built.mutants, &trials)?;
    outcome.unviable.extend(built.refused.iter().map(|mutant| without_place(&mutant.name)));
    outcome.add(alone::each(&place, &built, &trials)?);
    Ok(outcome)
}
