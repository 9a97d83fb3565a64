//! What must hold of stores and inboxes in every order of the steps of threads.

mod inbox;
mod once;
mod outcomes;
mod queue;

/// A model runs some threads once. It panics if something does not hold, and shuttle does if all of them wait.
pub type Model = fn();

/// Call it once, before the first model.
pub fn prepare() {
    outcomes::listen();
}

/// All models, by name.
pub const MODELS: &[(&str, Model)] = &[
    ("queue-answers", queue::each_ask_is_answered_once),
    ("queue-patience", queue::an_ask_that_was_taken_is_never_busy),
    ("queue-hang-up", queue::an_ask_that_is_dropped_delays_no_other),
    ("queue-leave", queue::a_connection_that_leaves_passes_its_wake_up_on),
    ("queue-end", queue::each_ask_ends_with_the_connections),
    ("queue-connecting", queue::a_connection_that_waits_for_the_end_takes_no_wake_up),
    ("once", once::an_event_is_processed_once),
    ("inbox-wake", inbox::a_worker_wakes_for_each_event),
    ("inbox-drain", inbox::nothing_runs_after_draining),
];
