//! What is measured, and what is compared with what.

/// What a receiver needs besides a port and a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing; it stores nothing.
    Verify,
    /// A SQLite file.
    Sqlite,
    /// A database in PostgreSQL.
    Postgres,
    /// A program in another language, with its own `run` in `benchmarks/peers`.
    Peer,
}

/// A receiver that is measured.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) name: &'static str,
    /// The name that the program `receiver` knows it by.
    pub(super) program: &'static str,
    pub(super) kind: Kind,
    pub(super) about: &'static str,
}

impl Candidate {
    pub(super) fn is_ours(&self) -> bool {
        self.kind != Kind::Peer && !self.name.contains("by-hand")
    }
}

const fn of(
    name: &'static str,
    program: &'static str,
    kind: Kind,
    about: &'static str,
) -> Candidate {
    Candidate { name, program, kind, about }
}

const BY_HAND: &str = "the same handler with aws-lc-rs and serde_json directly";
const INSERT_ID: &str = "one `INSERT .. ON CONFLICT` of the id a request";
const INSERT_EVENT: &str = "one `INSERT .. ON CONFLICT` of the event a request";

/// Those of a pair follow each other, so that both run at nearly the same time.
pub(super) const CANDIDATES: &[Candidate] = &[
    of("axum", "axum", Kind::Verify, "`topper-axum`"),
    of("axum-by-hand", "axum-by-hand", Kind::Verify, BY_HAND),
    of("actix", "actix", Kind::Verify, "`topper-actix`"),
    of("actix-by-hand", "actix-by-hand", Kind::Verify, BY_HAND),
    of("warp", "warp", Kind::Verify, "`topper-warp`"),
    of("warp-by-hand", "warp-by-hand", Kind::Verify, BY_HAND),
    of("rocket", "rocket", Kind::Verify, "`topper-rocket`"),
    of("rocket-by-hand", "rocket-by-hand", Kind::Verify, BY_HAND),
    of("hyper", "hyper", Kind::Verify, "`topper-tower` on hyper"),
    of("hyper-by-hand", "hyper-by-hand", Kind::Verify, BY_HAND),
    of("once-sqlite", "axum-once", Kind::Sqlite, "`Once` on axum"),
    of("once-sqlite-by-hand", "axum-once-by-hand", Kind::Sqlite, INSERT_ID),
    of("inbox-sqlite", "axum-inbox", Kind::Sqlite, "`Inbox` on axum"),
    of("inbox-sqlite-by-hand", "axum-inbox-by-hand", Kind::Sqlite, INSERT_EVENT),
    of("once-postgres", "axum-once", Kind::Postgres, "`Once` on axum"),
    of("once-postgres-by-hand", "axum-once-by-hand", Kind::Postgres, INSERT_ID),
    of("inbox-postgres", "axum-inbox", Kind::Postgres, "`Inbox` on axum"),
    of("inbox-postgres-by-hand", "axum-inbox-by-hand", Kind::Postgres, INSERT_EVENT),
    of("express", "express", Kind::Peer, "Node: express and `jsonwebtoken`"),
    of("fastify", "fastify", Kind::Peer, "Node: fastify and `jose`"),
    of("fastapi", "fastapi", Kind::Peer, "Python: FastAPI and `python-jose`"),
    of("go", "go", Kind::Peer, "Go: the standard library"),
];

/// Two receivers whose CPU time per request is compared.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) ours: &'static str,
    pub(super) other: &'static str,
    /// The highest ratio that is accepted, if there is a goal.
    pub(super) most: Option<f64>,
}

const fn most(ours: &'static str, other: &'static str, most: f64) -> Comparison {
    Comparison { ours, other, most: Some(most) }
}

const fn shown(ours: &'static str, other: &'static str) -> Comparison {
    Comparison { ours, other, most: None }
}

/// The goals.
pub(super) const COMPARISONS: &[Comparison] = &[
    most("axum", "axum-by-hand", 1.03),
    most("actix", "actix-by-hand", 1.03),
    most("warp", "warp-by-hand", 1.03),
    most("rocket", "rocket-by-hand", 1.03),
    most("hyper", "hyper-by-hand", 1.03),
    most("once-sqlite", "once-sqlite-by-hand", 0.5),
    most("inbox-sqlite", "inbox-sqlite-by-hand", 0.5),
    most("once-postgres", "once-postgres-by-hand", 0.9),
    most("inbox-postgres", "inbox-postgres-by-hand", 0.9),
    // Without a store: no receiver with one can cost less.
    shown("axum", "once-sqlite-by-hand"),
    shown("axum", "inbox-sqlite-by-hand"),
    shown("axum", "once-postgres-by-hand"),
    shown("axum", "inbox-postgres-by-hand"),
    most("axum", "express", 0.35),
    shown("axum", "fastify"),
    shown("axum", "fastapi"),
    most("axum", "go", 0.75),
];

/// The receivers of the comparisons that have one of these names; all without names.
pub(super) fn selected(names: &[&str]) -> Result<Vec<&'static Candidate>, String> {
    for name in names {
        if !CANDIDATES.iter().any(|candidate| candidate.name == *name) {
            let all: Vec<&str> = CANDIDATES.iter().map(|candidate| candidate.name).collect();
            return Err(format!("{name} is not a receiver; there are {}", all.join(", ")));
        }
    }
    let is_named = |name: &str| names.is_empty() || names.contains(&name);
    let is_needed = |candidate: &&Candidate| {
        COMPARISONS.iter().any(|it| {
            (is_named(it.ours) || is_named(it.other))
                && (it.ours == candidate.name || it.other == candidate.name)
        })
    };
    Ok(CANDIDATES.iter().filter(is_needed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&str]) -> Vec<&'static str> {
        selected(of).unwrap().into_iter().map(|candidate| candidate.name).collect()
    }

    #[test]
    fn a_name_selects_all_that_it_is_compared_with() {
        assert_eq!(names(&["actix"]), ["actix", "actix-by-hand"]);
        assert_eq!(names(&["go"]), ["axum", "go"]);
        assert_eq!(names(&["axum-by-hand", "go"]), ["axum", "axum-by-hand", "go"]);
        assert_eq!(names(&[]).len(), CANDIDATES.len());
        assert!(selected(&["nodejs"]).unwrap_err().contains("nodejs is not a receiver"));
    }

    #[test]
    fn only_receivers_that_exist_are_compared() {
        for comparison in COMPARISONS {
            let find = |name| CANDIDATES.iter().find(|candidate| candidate.name == name).unwrap();
            assert!(find(comparison.ours).is_ours(), "{comparison:?}");
            assert!(!find(comparison.other).is_ours(), "{comparison:?}");
        }
    }
}
