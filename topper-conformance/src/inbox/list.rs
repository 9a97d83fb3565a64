//! The list of cases: the one place that names them.

use super::{Backend, Bench, Case, accept};
use crate::suite::cases;

/// Hands the list to another macro, after arguments for it.
#[doc(hidden)]
#[macro_export]
macro_rules! __inbox_cases {
    ([$($then:tt)*] [$($arguments:tt)*]) => {
        $($then)* ! {
            [$($arguments)*]
            mod accept {
                stores_an_event_once "`Accepted`, then `Duplicate`, over another connection too, also once it is done"
                accepts_one_of_many_at_once "50 tasks over three connections bring each event at once"
                compares_ids_to_the_byte "case, white space, NUL, accents, numbers; from 1 to 255 bytes"
                does_not_confuse_label_and_id "the same id under another label is another event; `a` `bc` is not `ab` `c`"
                stores_any_name_and_order "any UTF-8, NUL included"
                keeps_every_byte "body of 256 KiB, signature and public key come back, and verify again"
                makes_an_event_due_at_once "pending, with no attempts and no error"
            }
        }
    };
}

__inbox_cases! { [cases] [] }
