//! The list of cases: the one place that names them.

use super::{Backend, Bench, Case, attempt, key, lease, once, race};
use crate::suite::cases;

/// Hands the list to another macro, after arguments for it.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_cases {
    ([$($then:tt)*] [$($arguments:tt)*]) => {
        $($then)* ! {
            [$($arguments)*]
            mod key {
                takes_ids_of_1_to_255_bytes "each is leased and done separately"
                tells_apart_what_looks_alike "case, white space, NUL, accents, numbers: compared byte by byte"
                tells_labels_apart "the same id under another label is another event"
                does_not_confuse_label_and_id "`a` `bc` is not `ab` `c`"
                answers_for_that_event_alone "although its label and its id, apart, are of events that are done"
            }
            mod lease {
                is_given_to_one "the first claim is `New`, the next `InProgress`, also over another connection"
                is_given_again_to_its_owner "a claim whose answer was lost may be repeated"
                ends_when_the_event_is_done "`Done` for everyone, including its owner"
                ends_when_it_is_given_back "the event is `New` again at once"
                ends_by_itself "after its term the event is `New` again, as after a crash"
                ends_by_itself_after_a_failure "a lease on an event that failed before has a term, too"
                is_renewed_late "an expired lease that no one took over can be renewed"
                lasts_for_its_term "not a moment less"
                lasts_longer_when_renewed "for a term, counted from the renewal"
                is_lost_to_who_takes_over "the old owner can neither renew, give back nor complete"
                is_lost_to_who_has_completed "nor after the new owner is done"
                completes_twice "completing again is not an error"
                completes_late "an expired lease that no one took over can still complete: the work is done"
                completes_when_the_store_lost_it "as after a restart of a store that had not saved the lease"
                gives_back_nothing_that_is_done "done stays done"
                gives_back_nothing_of_others "nor an event that no one has claimed"
            }
            mod attempt {
                counts_what_failed "one more at each claim after a failure, also over another connection"
                counts_the_same_owner_again "the same lease, claimed again after a failure"
                counts_a_repeated_claim_once "a claim whose answer was lost"
                does_not_count_without_a_failure "given back without a failure: the handler did not run"
                counts_what_is_taken_over "a crash counts as an attempt, unless the store forgets expired leases"
                knows_how_long_ago_the_first_was "by the store's clock"
                takes_any_error "any UTF-8, NUL included"
                completes_what_was_given_back "for its owner, as long as no one else leases it"
                does_not_complete_what_another_claimed_since "after giving it back, its owner has no claim to it"
            }
            mod once {
                answers_a_repetition_without_the_handler "`Duplicate`, also over another connection"
                answers_at_once_while_the_handler_runs "`InProgress`, and the event is not done before the work is"
                marks_what_the_handler_ignores "`Ignored`, then `Duplicate`"
                frees_what_the_handler_fails "`Retry` for an error, and the next delivery runs the handler"
                frees_what_the_handler_wants_again "the same if the handler returns a reply that is retried"
                frees_what_the_handler_panics_at "`Panicked`, and the next delivery runs the handler"
                goes_on_past_the_budget "`Retry` in time, `InProgress`, then `Duplicate`"
                goes_on_when_the_connection_drops "the work is finished, and the event is marked"
                renews_while_the_handler_runs "a handler of three terms is not run twice"
                takes_over_after_a_crash "once the lease of the crashed receiver has expired"
                drains "shutting down waits for the handlers"
            }
            mod race {
                runs_each_event_once "100 tasks and 100 events at once, over three connections"
                is_taken_over_by_one "50 tasks claim an expired lease at once"
                is_completed_by_its_owner_alone "owners and would-be owners complete at once"
            }
        }
    };
}

__store_cases! { [cases] [] }
