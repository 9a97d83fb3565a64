//! Which receivers there are: each framework with `Once` and with `Inbox` on each store. The receivers of
//! one mode and store form a group that shares the store, as behind a load balancer.

const FRAMEWORKS: [&str; 4] = ["actix", "axum", "rocket", "warp"];

/// An inbox needs a store that can list events, which Redis is not.
const GROUPS: [(&str, &str); 5] = [
    ("once", "sqlite"),
    ("once", "postgres"),
    ("once", "redis"),
    ("inbox", "sqlite"),
    ("inbox", "postgres"),
];

/// So many of a group are never killed, so that their memory can be compared over the whole run.
const STEADY: usize = 2;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) mode: &'static str,
    pub(crate) store: &'static str,
    pub(crate) receivers: Vec<Receiver>,
}

impl Group {
    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.mode, self.store)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Receiver {
    pub(crate) name: String,
    pub(crate) framework: &'static str,
    /// It is not killed or restarted.
    pub(crate) is_steady: bool,
}

/// All groups, or those with a receiver that one of the names means. Which receivers are steady depends
/// on the seed.
pub(crate) fn groups(only: &[String], seed: u64) -> Result<Vec<Group>, String> {
    for name in only {
        let is_word = |word: &str| {
            FRAMEWORKS.contains(&word)
                || GROUPS.iter().any(|(mode, store)| word == *mode || word == *store)
        };
        if !name.split('-').all(is_word) {
            return Err(format!("{name} is no framework, mode or store"));
        }
    }
    let mut groups = Vec::new();
    for (number, (mode, store)) in (0..).zip(GROUPS) {
        let is_meant = |framework: &&str| {
            let words = [*framework, mode, store];
            only.is_empty()
                || only.iter().any(|name| name.split('-').all(|word| words.contains(&word)))
        };
        let mut frameworks: Vec<&str> = FRAMEWORKS.into_iter().filter(is_meant).collect();
        let count = frameworks.len();
        if count == 0 {
            continue;
        }
        // There are always two that race, and one that is killed.
        if count == 1 {
            frameworks.extend_from_within(..);
        }
        let steady = STEADY.min(frameworks.len() - 1);
        // Each framework is steady in some groups of each mode.
        let first = usize::try_from(seed % 4).unwrap_or_default() + STEADY * number;
        let receivers = (0..).zip(&frameworks).map(|(at, framework)| {
            let second = if at >= count { "-second" } else { "" };
            Receiver {
                name: format!("{framework}-{mode}-{store}{second}"),
                framework,
                is_steady: (at + 2 * frameworks.len() - first % frameworks.len())
                    % frameworks.len()
                    < steady,
            }
        });
        groups.push(Group { mode, store, receivers: receivers.collect() });
    }
    if groups.is_empty() {
        return Err("no receiver has such a name; Redis has no inbox".into());
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn names(only: &[&str]) -> Vec<String> {
        let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
        let groups = groups(&only, 0).unwrap();
        groups.into_iter().flat_map(|group| group.receivers).map(|it| it.name).collect()
    }

    #[test]
    fn each_framework_is_with_each_mode_and_store() {
        let all: HashSet<String> = names(&[]).into_iter().collect();
        assert_eq!(all.len(), 20);
        for name in ["axum-once-redis", "rocket-inbox-postgres", "warp-inbox-sqlite"] {
            assert!(all.contains(name), "{name}");
        }
    }

    #[test]
    fn names_choose_receivers_of_which_at_least_two_share_a_store() {
        assert_eq!(names(&["once-redis"]).len(), 4);
        assert_eq!(names(&["axum-once-sqlite"]), ["axum-once-sqlite", "axum-once-sqlite-second"]);
        assert_eq!(names(&["inbox"]).len(), 8);
        assert_eq!(names(&["axum", "warp"]).len(), 10);
        assert!(groups(&["mysql".to_owned()], 0).is_err());
        assert!(groups(&["inbox-redis".to_owned()], 0).is_err());
    }

    #[test]
    fn each_framework_is_steady_in_both_modes_and_some_are_killed() {
        for seed in 0..4 {
            let groups = groups(&[], seed).unwrap();
            let mut steady = HashSet::new();
            for group in &groups {
                let of_group = group.receivers.iter().filter(|it| it.is_steady);
                assert_eq!(of_group.clone().count(), STEADY, "{}", group.name());
                steady.extend(of_group.map(|it| (it.framework, group.mode)));
            }
            assert_eq!(steady.len(), 8, "{steady:?}");
        }
        for only in ["axum-once-sqlite", "inbox"] {
            for group in groups(&[only.to_owned()], 3).unwrap() {
                let steady = group.receivers.iter().filter(|it| it.is_steady).count();
                assert!(steady > 0 && steady < group.receivers.len());
            }
        }
    }
}
