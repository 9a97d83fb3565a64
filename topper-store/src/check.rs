//! What was checked of a store, point by point.

use std::fmt;

use crate::StoreError;

/// What [`AnyStore::check`](crate::AnyStore::check) found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    points: Vec<Point>,
}

impl Report {
    /// All points, in the order they were checked.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Whether the store can be used: no point has failed.
    pub fn is_usable(&self) -> bool {
        self.points.iter().all(|point| point.level != Level::Failed)
    }

    pub(crate) fn passed(&mut self, name: &'static str, found: impl Into<String>) {
        self.add(Level::Passed, name, found.into(), None);
    }

    pub(crate) fn warned(
        &mut self,
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.add(Level::Warned, name, found.into(), Some(advice.into()));
    }

    pub(crate) fn failed(
        &mut self,
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<Option<String>>,
    ) {
        self.add(Level::Failed, name, found.into(), advice.into());
    }

    fn add(&mut self, level: Level, name: &'static str, found: String, advice: Option<String>) {
        self.points.push(Point { level, name, found, advice });
    }

    /// Logs the warnings; the first failure is the error.
    pub(crate) fn log_or_fail(&self, store: &'static str) -> Result<(), StoreError> {
        for point in self.points.iter().filter(|point| point.level == Level::Warned) {
            tracing::warn!(target: "topper", store, "{point}");
        }
        match self.points.iter().find(|point| point.level == Level::Failed) {
            Some(point) => Err(StoreError::new(point.to_string())),
            None => Ok(()),
        }
    }
}

/// One thing that was checked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Point {
    /// The result.
    pub level: Level,
    /// What was checked, such as `role`.
    pub name: &'static str,
    /// What was found.
    pub found: String,
    /// What to do, if something has to be done.
    pub advice: Option<String>,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, found, advice, .. } = self;
        match advice {
            Some(advice) => write!(f, "{name}: {found}; {advice}"),
            None => write!(f, "{name}: {found}"),
        }
    }
}

/// The result of a [`Point`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// All is well.
    Passed,
    /// The store works, but it can lose events or answer late.
    Warned,
    /// The store cannot be used.
    Failed,
}
