//! Other programs that write to the same file.
//!
//! SQLite has no queue for them: the program that happens to ask when no one writes is next. A program without a
//! pause between its commits would leave the others none.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How often it is tried again: SQLite itself soon does it only each tenth of a second.
const EACH: Duration = Duration::from_millis(1);
/// Longer than that, so that others get their turn.
const PAUSE: Duration = Duration::from_millis(2);
/// The longest time without a pause, while there seem to be no others: they cannot be seen waiting.
const LONGEST: Duration = Duration::from_millis(50);
/// For so long others are expected to write again.
const MEMORY: Duration = Duration::from_millis(500);

pub(super) struct Contention {
    met: Option<Instant>,
    paused: Instant,
    ended: Instant,
}

impl Contention {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { met: None, paused: now, ended: now }
    }

    /// Before a commit.
    pub(super) async fn give_way(&mut self) {
        let longest = match self.met {
            Some(met) if met.elapsed() < MEMORY => Duration::ZERO,
            _ => LONGEST,
        };
        if self.ended.elapsed() >= PAUSE {
            self.paused = Instant::now();
        } else if self.paused.elapsed() >= longest {
            sleep(PAUSE).await;
            self.paused = Instant::now();
        }
    }

    /// Another is writing.
    pub(super) async fn met(&mut self) {
        self.met = Some(Instant::now());
        sleep(EACH).await;
    }

    /// After a commit.
    pub(super) fn ended(&mut self) {
        self.ended = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many commits, each right after the other and of a millisecond, wait before they begin.
    async fn pauses(contention: &mut Contention, commits: u32) -> u32 {
        let mut pauses = 0;
        for _ in 0..commits {
            let asked = Instant::now();
            contention.give_way().await;
            pauses += u32::from(asked.elapsed() >= PAUSE);
            sleep(Duration::from_millis(1)).await;
            contention.ended();
        }
        pauses
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_writes_all_the_time_gives_way_now_and_then_and_each_time_while_there_are_others()
     {
        let mut contention = Contention::new();
        // Each 50 commits.
        let alone = pauses(&mut contention, 500).await;
        assert!((8..=12).contains(&alone), "{alone}");
        contention.met().await;
        assert_eq!(pauses(&mut contention, 100).await, 100);
        // That was 300 ms. What is met is remembered for 500.
        sleep(MEMORY).await;
        let alone = pauses(&mut contention, 500).await;
        assert!((8..=12).contains(&alone), "{alone}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_rests_between_its_commits_waits_for_none() {
        let mut contention = Contention::new();
        contention.met().await;
        for _ in 0..100 {
            sleep(PAUSE).await;
            assert_eq!(pauses(&mut contention, 1).await, 0);
        }
    }
}
