//! The list of cases: the one place that names them.

use super::{
    Backend, Bench, Case, accept, change, fail, handler, order, purge, see, take, wait, worker,
};
use crate::suite::cases;

/// Hands the list to another macro, after arguments for it.
#[doc(hidden)]
#[macro_export]
macro_rules! __inbox_cases {
    ([$($then:tt)*] [$($arguments:tt)*]) => {
        $($then)* ! {
            [$($arguments)*]
            mod accept {
                stores_an_event_once "`Accepted`, then `Duplicate`, also over another connection, and after it is done"
                accepts_one_of_many_at_once "50 tasks over three connections store the same events at once"
                compares_ids_to_the_byte "case, white space, NUL, accents, numbers; 1 to 255 bytes"
                does_not_confuse_label_and_id "the same id under another label is another event; `a` `bc` is not `ab` `c`"
                stores_any_name_and_order "any UTF-8, NUL included"
                keeps_every_byte "a body of 256 KiB, the signature and the public key are unchanged, and verify again"
                makes_an_event_due_at_once "pending, with no attempts and no error"
            }
            mod take {
                gives_what_is_due_for_longest_first "and an event that failed once comes after one that was not tried yet"
                never_gives_more_than_asked_for "and reports that there is more"
                counts_attempts "each time an event is taken, over any connection"
                tells_the_age "the time since the event was accepted"
                gives_each_event_once "8 takers over three connections, 300 events"
                gives_an_event_again_after_a_crash "once the lease has expired, and reports that the attempt was cut off"
                holds_for_its_term "not a moment less"
                holds_longer_when_renewed "for a term, counted from the renewal"
                is_renewed_alone "not the other events that the same worker has taken"
                is_lost_alone "although its owner has ended another event"
                is_lost_to_who_takes_over "the old owner can neither renew the lease nor end it, not even after the new one has"
                ends_after_it_has_expired "an expired lease that no one took over can still end: the work is done"
                ends_as_done_twice "the same owner may do it again: the first answer may have been lost"
                is_gone_once_it_has_ended "no one can renew it, or end it in another way"
                tells_whether_something_is_due "not for events in work or done, nor for those that wait for their next attempt"
            }
            mod order {
                gives_one_event_at_a_time "of each order, over any connection"
                gives_the_earliest_first "by `updatedAt`, then by rank, then by when it was received"
                lets_others_pass_one_that_waits "a failed event blocks its order only while it is in work"
                tries_what_failed_in_order "an event is due no later than a later event of its order that also failed"
                frees_an_order_after_a_crash "once the lease has expired, and its earliest event goes first"
                does_not_confuse_orders "ids are compared byte by byte, each label has its own orders, and events without an order are independent"
                hides_no_other_order "although 400 events of an order in work have been due for longer"
                holds_in_a_race "200 orders of 5 events, shuffled, 8 takers over three connections"
            }
            mod wait {
                is_due_with_the_next_alone "of its order and label, and only those that go before it are due with it"
                puts_events_without_a_time_first "events whose `updatedAt` is not a time, by rank"
                changes_no_lease "of an event in work, which may have been taken over"
                is_left_alone_by_who_lost_its_lease "the lease of another, and what is done"
            }
            mod fail {
                is_due_again_in_time "after the given time, by the store's clock, not sooner"
                keeps_the_last_error "all 500 characters, and its time"
                does_not_count_what_is_given_back "neither as an attempt nor as a try"
                leaves_what_is_parked_or_dead "it is not due, and not taken"
                offers_parked_events_to_other_readers "not to the version that could not read them; events that do not verify to none"
                unparks_once "then the event is due, in the order that the reader found, and its tries start again"
                unparks_that_event_alone "not another event, not even one with the same id under another label"
                unparks_into_its_place "by `updatedAt` and rank, between the others of its order"
            }
            mod see {
                counts_events_by_state "pending, due, in work, parked, dead, done today, and the oldest"
                lists_what_passes_a_filter "each field of a filter, and combinations"
                lists_an_expired_lease_as_pending "and no longer as in work"
                lists_in_portions "by row: each event once"
            }
            mod change {
                retries_what_waits_is_parked_or_dead "they are due at once; nothing else is changed"
                buries_what_is_not_done_or_in_work "they are no longer taken"
                changes_only_what_passes "the filter"
                retries_what_is_done_when_that_is_named "also buried events; without their state in the filter they are left alone"
                gives_new_tries_and_time "until an event is dead"
                changes_in_portions "no more than asked for, in the order they were received in"
                changes_no_event_twice "continuing after the last row, while workers take events"
                ends_an_expired_lease "its owner can no longer end the attempt"
            }
            mod purge {
                deletes_what_has_been_done_for_long "also buried events; everything else stays, however old"
                deletes_in_portions "no more than asked for, until none is left"
                remembers_what_it_deleted "an event that was purged is a `Duplicate`"
            }
            mod handler {
                tries_again_until_the_handler_succeeds "a handler that fails twice runs three times, after 1 s and then 2 s"
                counts_a_panic_as_a_failure "and goes on"
                tries_again_what_is_in_progress "a handler that returns `InProgress` runs again"
                parks_what_the_handler_cannot_read "the event is never dead, however old it is"
                gives_up_in_time_and_takes_up_again "a dead event is processed after `Change::Retry`"
            }
            mod worker {
                answers_accepted_then_duplicate "through `Inbox::accept`, over any connection"
                runs_each_event_once "4 workers on two connections, 200 events"
                keeps_the_order_of_each_order "4 workers on two connections, 40 orders of 5 events, shuffled"
                renews_while_the_handler_runs "a handler of three terms is not run twice"
                drains "it waits for running handlers, and takes no more events"
                starts_at_once "the handler runs within 100 ms for an event that is accepted in the same program"
                takes_up_what_a_crash_left "once the lease has expired"
                wakes_no_one_for_nothing "a worker sleeps until something is stored"
            }
        }
    };
}

__inbox_cases! { [cases] [] }
