//! What becomes of each mutant.

use super::{Outcome, Result, lanes};

/// What became of a mutant.
pub(super) enum Fate {
    Caught(String),
    TooSlow,
    /// A server or the compiler refused it.
    Invalid(String),
    Survived,
    /// No test gets there.
    Unreached,
}

/// Finds out what becomes of each mutant, by its name, in as many threads as there are lanes.
pub(super) fn of_each<M: Sync, L: Sync>(
    mutants: &[M],
    lanes: &[L],
    name: impl Fn(&M) -> String + Sync,
    fate: impl Fn(&M, &L) -> Result<Fate> + Sync,
) -> Result<Outcome> {
    let fates = lanes::each(mutants, lanes, |number, mutant, lane| {
        let name = name(mutant);
        let fate = fate(mutant, lane).map_err(|error| format!("{name}: {error}"))?;
        println!("{}/{} {name}: {}", number + 1, mutants.len(), fate.text());
        Ok((name, fate))
    })?;
    let mut outcome = Outcome::default();
    for (name, fate) in fates {
        fate.add(name, &mut outcome);
    }
    Ok(outcome)
}

impl Fate {
    fn text(&self) -> String {
        match self {
            Self::Caught(test) => format!("caught by {test}"),
            Self::TooSlow => "caught by a timeout".to_owned(),
            Self::Invalid(by) => format!("is not valid, by {by}"),
            Self::Survived => "SURVIVES".to_owned(),
            Self::Unreached => "SURVIVES, since no test gets there".to_owned(),
        }
    }

    fn add(&self, name: String, outcome: &mut Outcome) {
        let list = match self {
            Self::Caught(_) => &mut outcome.caught,
            Self::TooSlow => &mut outcome.timeout,
            Self::Invalid(_) => &mut outcome.unviable,
            Self::Survived | Self::Unreached => &mut outcome.missed,
        };
        list.push(name);
    }
}
