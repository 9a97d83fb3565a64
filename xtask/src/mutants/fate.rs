//! What becomes of each mutant.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use super::{Outcome, Result};

/// What became of a mutant.
pub(super) enum Fate {
    Caught(String),
    TooSlow,
    /// The server refused it.
    Invalid,
    Survived,
    /// No test gets there.
    Unreached,
}

/// Finds out what becomes of each mutant, with its name, in as many threads as there are lanes.
pub(super) fn of_each<M: Sync, L: Sync>(
    mutants: &[M],
    lanes: &[L],
    fate: impl Fn(&M, &L) -> Result<(String, Fate)> + Sync,
) -> Result<Outcome> {
    let waiting = Mutex::new(mutants.iter().enumerate());
    let outcome = Mutex::new(Outcome::default());
    let errors = Mutex::new(Vec::new());
    let work = |lane: &L| {
        loop {
            let next = lock(&waiting).next();
            let Some((number, mutant)) = next else { return };
            match fate(mutant, lane) {
                Ok((name, fate)) => {
                    println!("{}/{} {name}: {}", number + 1, mutants.len(), fate.text());
                    fate.add(name, &mut lock(&outcome));
                }
                Err(error) => return lock(&errors).push(error.to_string()),
            }
        }
    };
    thread::scope(|scope| {
        let work = &work;
        for lane in lanes {
            scope.spawn(move || work(lane));
        }
    });
    let errors = errors.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !errors.is_empty() {
        return Err(errors.join("\n").into());
    }
    Ok(outcome.into_inner().unwrap_or_else(PoisonError::into_inner))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fate {
    fn text(&self) -> String {
        match self {
            Self::Caught(test) => format!("caught by {test}"),
            Self::TooSlow => "caught by a timeout".to_owned(),
            Self::Invalid => "is not valid".to_owned(),
            Self::Survived => "SURVIVES".to_owned(),
            Self::Unreached => "SURVIVES, since no test gets there".to_owned(),
        }
    }

    fn add(&self, name: String, outcome: &mut Outcome) {
        let list = match self {
            Self::Caught(_) => &mut outcome.caught,
            Self::TooSlow => &mut outcome.timeout,
            Self::Invalid => &mut outcome.unviable,
            Self::Survived | Self::Unreached => &mut outcome.missed,
        };
        list.push(name);
    }
}
