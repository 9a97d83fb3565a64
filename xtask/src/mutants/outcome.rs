//! What became of mutants.

/// Mutants as cargo-mutants names them, without line and column: the same text can be there twice.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// No test failed.
    pub(super) missed: Vec<String>,
    pub(super) caught: Vec<String>,
    /// They do not compile, or the server does not understand them.
    pub(super) unviable: Vec<String>,
    /// The tests took so long that the mutant was noticed by that.
    pub(super) timeout: Vec<String>,
}

impl Outcome {
    pub(super) fn add(&mut self, other: Self) {
        self.missed.extend(other.missed);
        self.caught.extend(other.caught);
        self.unviable.extend(other.unviable);
        self.timeout.extend(other.timeout);
    }

    /// The numbers, in a line.
    pub(super) fn summary(&self, are_unviable: &str) -> String {
        let Self { missed, caught, unviable, timeout } = self;
        format!(
            "{} mutants: {} caught, {} by a timeout, {} {are_unviable}, {} survived",
            self.count(),
            caught.len(),
            timeout.len(),
            unviable.len(),
            missed.len()
        )
    }

    /// How many were tried.
    pub(super) fn count(&self) -> usize {
        self.all().count()
    }

    /// How many of this name were tried.
    pub(super) fn tried(&self, name: &str) -> usize {
        self.all().filter(|tried| *tried == name).count()
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        [&self.missed, &self.caught, &self.unviable, &self.timeout].into_iter().flatten()
    }
}

/// `src/a.rs:1:2: replace < with >` is `src/a.rs: replace < with >`.
pub(super) fn without_place(line: &str) -> String {
    let Some((place, change)) = line.split_once(": ") else { return line.to_owned() };
    let path = place.split(':').next().unwrap_or(place);
    format!("{path}: {change}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_line_and_column() {
        assert_eq!(
            without_place("a/b.rs:12:3: replace x -> y with z: w"),
            "a/b.rs: replace x -> y with z: w"
        );
    }
}
