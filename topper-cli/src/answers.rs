//! What `topper listen` answers to signed deliveries, if it is told to.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use topper_core::{Fate, protocol::TIMEOUT};

/// An answer in place of the listener's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Setting {
    /// In place of the listener's own status.
    pub(crate) status: Option<u16>,
    /// How long to wait before the answer.
    pub(crate) delay: Duration,
    /// No answer at all.
    pub(crate) is_silent: bool,
    /// For so many more deliveries only.
    pub(crate) count: Option<u64>,
}

impl Setting {
    /// Whether Topper waits long enough for the answer.
    pub(crate) fn is_in_time(&self) -> bool {
        !self.is_silent && self.delay < TIMEOUT
    }

    /// What Topper does after it, if the listener's own status is this one.
    pub(crate) fn fate(&self, own: u16) -> Fate {
        if self.is_in_time() { Fate::of(self.status.unwrap_or(own)) } else { Fate::Retried }
    }
}

/// The setting, which can change while the listener runs.
pub(crate) struct Answers {
    first: Setting,
    now: Mutex<Setting>,
}

impl Answers {
    /// With the status of `--answer`.
    pub(crate) fn new(status: Option<u16>) -> Self {
        let first = Setting { status, ..Setting::default() };
        Self { now: Mutex::new(first.clone()), first }
    }

    pub(crate) fn get(&self) -> Setting {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The setting that is back after the last delivery that another one is for.
    pub(crate) fn first(&self) -> &Setting {
        &self.first
    }

    pub(crate) fn set(&self, setting: Setting) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = setting;
    }

    /// The setting for one delivery; after the last that it is for, the first one is back.
    pub(crate) fn take(&self) -> Setting {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = now.clone();
        match &mut now.count {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) => *now = self.first.clone(),
            None => (),
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_back_to_the_first_one_after_the_last_delivery_that_it_is_for() {
        let answers = Answers::new(Some(202));
        answers.set(Setting { status: Some(503), count: Some(2), ..Setting::default() });
        let statuses: Vec<_> = (0..4).map(|_| answers.take().status).collect();
        assert_eq!(statuses, [Some(503), Some(503), Some(202), Some(202)]);
        assert_eq!(answers.get().count, None);
    }

    #[test]
    fn counts_a_late_answer_and_silence_as_a_timeout() {
        let late = Setting { delay: TIMEOUT, ..Setting::default() };
        let silent = Setting { is_silent: true, ..Setting::default() };
        let lost = Setting { status: Some(400), ..Setting::default() };
        assert_eq!(Setting::default().fate(200), Fate::Delivered);
        assert_eq!([late.fate(200), silent.fate(200)], [Fate::Retried; 2]);
        assert_eq!(lost.fate(200), Fate::Lost);
    }
}
