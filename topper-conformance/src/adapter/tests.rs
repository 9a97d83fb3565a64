use std::collections::BTreeSet;

use topper_testkit::Fault;

use super::CASES;

#[test]
fn has_a_case_for_every_fault() {
    let cases: BTreeSet<&str> =
        CASES.iter().filter_map(|case| case.name().strip_prefix("fault::")).collect();
    assert_eq!(cases, Fault::all().map(|fault| fault.name()).collect());
}

#[test]
fn names_every_case_once() {
    let names: BTreeSet<&str> = CASES.iter().map(|case| case.name()).collect();
    assert_eq!(names.len(), CASES.len());
}
