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
                takes_ids_of_1_to_255_bytes "each is leased and done by itself"
                tells_apart_what_looks_alike "case, white space, NUL, accents, numbers: compared to the byte"
                tells_labels_apart "the same id under another label is another event"
                does_not_confuse_label_and_id "`a` `bc` is not `ab` `c`"
            }
            mod lease {
                is_given_to_one "the first claim is `New`, the next `InProgress`, over another connection too"
                is_given_again_to_its_owner "a claim whose answer got lost may be repeated"
                ends_when_the_event_is_done "`Done` for everyone, its owner included"
                ends_when_it_is_given_back "the event is `New` again at once"
                ends_by_itself "after its term the event is `New` again: a crash frees it"
                lasts_for_its_term "not a moment less"
                lasts_longer_when_renewed "a term from the renewal on"
                is_lost_to_who_takes_over "a stale owner can neither renew, give back nor complete"
                is_lost_to_who_has_completed "nor after the other is done"
                completes_twice "the same as once"
                completes_late "an expired lease that no one took over: the work is done"
                completes_when_the_store_lost_it "as after the restart of a store that had not written it"
                gives_back_nothing_that_is_done "done stays done"
                gives_back_nothing_of_others "nor what no one has claimed"
            }
            mod attempt {
                counts_what_failed "one more at each claim after a failure, over another connection too"
                counts_the_same_owner_again "the same lease, claimed again after a failure"
                counts_a_repeated_claim_once "a claim whose answer got lost"
                does_not_count_without_a_failure "given back without a failure: the handler did not run"
                counts_what_is_taken_over "a crash is an attempt, unless the store forgets the lease with its end"
                knows_how_long_ago_the_first_was "by the store's clock"
                takes_any_error "any UTF-8, NUL included"
                completes_what_was_given_back "its owner, as long as no one else leases it"
                does_not_complete_what_another_claimed_since "what was given back is not its owner's any more"
            }
            mod once {
                answers_a_repetition_without_the_handler "`Duplicate`, over another connection too"
                answers_at_once_while_the_handler_runs "`InProgress`, and nothing is done before the work is"
                marks_what_the_handler_ignores "`Ignored`, then `Duplicate`"
                frees_what_the_handler_fails "`Retry` for an error, and the next delivery runs it"
                frees_what_the_handler_wants_again "`Retry` as an answer, the same"
                frees_what_the_handler_panics_at "`Panicked`, and the next delivery runs it"
                goes_on_past_the_budget "`Retry` in time, `InProgress`, then `Duplicate`"
                goes_on_when_the_connection_drops "the work ends, and is marked"
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
