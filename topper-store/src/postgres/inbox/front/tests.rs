use super::*;

fn front(first: i64, cost: Duration) -> Front {
    Front { first, cost }
}

const LONG: Duration = Duration::from_secs(600);

#[test]
fn looks_begin_a_margin_before_what_was_found_last() {
    let looks = Looks::default();
    assert_eq!(looks.from(), None);
    // It began elsewhere: nothing is known of the front yet.
    looks.saw(Some(1), front(10_000_000, LONG));
    assert_eq!(looks.from(), None);
    looks.saw(None, front(10_000_000, LONG));
    assert_eq!(looks.from(), Some(8_000_000));
    looks.saw(Some(8_000_000), front(20_000_000, Duration::ZERO));
    assert_eq!(looks.from(), Some(18_000_000));
}

#[test]
fn what_costs_nothing_is_looked_at_each_time() {
    let looks = Looks::default();
    looks.saw(None, front(10_000_000, Duration::ZERO));
    assert_eq!(looks.from(), None);
}

#[test]
fn a_look_that_failed_costs_too() {
    let looks = Looks::default();
    // Nothing is known yet.
    looks.failed(None, LONG);
    assert_eq!(looks.from(), None);
    looks.saw(None, front(10_000_000, Duration::ZERO));
    // This one did not begin at the front.
    looks.failed(Some(8_000_000), LONG);
    assert_eq!(looks.from(), None);
    looks.failed(None, LONG);
    assert_eq!(looks.from(), Some(8_000_000));
}
