//! What was measured of each receiver, round by round.

use super::plan::{COMPARISONS, Candidate, Comparison};

/// A round of one receiver.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// CPU time of the process per request, in microseconds.
    pub(super) user: f64,
    pub(super) system: f64,
    /// Requests per second.
    pub(super) rate: f64,
    /// Times to an answer, in microseconds.
    pub(super) p50: f64,
    pub(super) p99: f64,
}

impl Round {
    pub(super) fn cpu(&self) -> f64 {
        self.user + self.system
    }
}

/// All of one receiver.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) candidate: &'static Candidate,
    pub(super) rounds: Vec<Round>,
    /// Resident memory before the first request and after the last, in KiB.
    pub(super) idle: u64,
    pub(super) loaded: u64,
}

impl Measured {
    pub(super) fn median(&self, value: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(value).collect())
    }
}

/// A comparison that was made.
#[derive(Debug)]
pub(super) struct Compared {
    pub(super) comparison: &'static Comparison,
    /// The median of the ratios of the rounds, and the lowest and the highest of them.
    pub(super) ratio: f64,
    /// The same of requests per second.
    pub(super) rate: f64,
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

impl Compared {
    pub(super) fn is_missed(&self) -> bool {
        self.comparison.most.is_some_and(|most| self.ratio > most)
    }

    pub(super) fn verdict(&self) -> String {
        match self.comparison.most {
            Some(most) if self.is_missed() => format!("at most {most}: MISSED"),
            Some(most) => format!("at most {most}: met"),
            None => "no goal".to_owned(),
        }
    }
}

/// Compares the CPU time per request of what was measured, each round with the same round of the other.
pub(super) fn compare(all: &[Measured]) -> Vec<Compared> {
    let find = |name: &str| all.iter().find(|measured| measured.candidate.name == name);
    let compared = COMPARISONS.iter().filter_map(|comparison| {
        let (ours, other) = (find(comparison.ours)?, find(comparison.other)?);
        let ratios = |value: fn(&Round) -> f64| -> Vec<f64> {
            let pairs = ours.rounds.iter().zip(&other.rounds);
            pairs.map(|(ours, other)| value(ours) / value(other)).collect()
        };
        let rate = median(ratios(|round| round.rate));
        let ratios = ratios(Round::cpu);
        Some(Compared {
            comparison,
            rate,
            lowest: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            highest: ratios.iter().copied().fold(0.0, f64::max),
            ratio: median(ratios),
        })
    });
    compared.collect()
}

/// Of an even number of values, the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 0 => f64::midpoint(at(length / 2 - 1), at(length / 2)),
        length => at(length / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::plan::CANDIDATES, *};

    fn measured(name: &str, cpus: &[f64]) -> Measured {
        let round = |&user| Round { user, system: 0.0, rate: 400.0 / user, p50: 1.0, p99: 1.0 };
        let rounds = cpus.iter().map(round);
        let candidate = CANDIDATES.iter().find(|candidate| candidate.name == name).unwrap();
        Measured { candidate, rounds: rounds.collect(), idle: 1, loaded: 1 }
    }

    #[test]
    fn each_round_is_compared_with_the_same_round_of_the_other() {
        // The machine was slow in the second round, for both.
        let all =
            [measured("axum", &[10.0, 40.0, 11.0]), measured("express", &[40.0, 100.0, 40.0])];
        let compared = compare(&all);
        assert_eq!(compared.len(), 1);
        let compared = &compared[0];
        assert_eq!((compared.lowest, compared.ratio, compared.highest), (0.25, 0.275, 0.4));
        assert!((compared.rate - 40.0 / 11.0).abs() < 1e-9);
        assert!(!compared.is_missed());
        assert_eq!(compared.verdict(), "at most 0.35: met");
    }

    #[test]
    fn a_ratio_over_the_goal_is_missed() {
        let compared = compare(&[measured("axum", &[104.0]), measured("axum-by-hand", &[100.0])]);
        assert!(compared[0].is_missed());
        assert_eq!(compared[0].verdict(), "at most 1.03: MISSED");
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 9.0]) - 4.0).abs() < 1e-9);
    }
}
