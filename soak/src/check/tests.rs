//! A checker that cannot fail would be worth nothing.

use super::*;

/// An event that is sent, done and acknowledged, in `axum-once-sqlite.1`.
const JOURNAL: &str = "sent genuine once-sqlite.1.quick 200 1000000 1020000 axum-once-sqlite.1\n";
const EFFECTS: &str = "begin axum-once-sqlite.1#0 once-sqlite.1.quick - 1005000\n\
                       done axum-once-sqlite.1#0 1010000\n";
/// It runs and is done once more, in another receiver, a second later.
const AGAIN: &str = "begin warp-once-sqlite.1#0 once-sqlite.1.quick - 2010000\n\
                     done warp-once-sqlite.1#0 2020000\n";

fn kinds(journal: &str, effects: &str) -> Vec<Kind> {
    check(journal, effects).findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn finds_nothing_where_nothing_is_wrong() {
    let report = check(JOURNAL, EFFECTS);
    assert!(report.findings.is_empty(), "{report:?}");
    assert_eq!((report.acknowledged, report.missing), (1, 0));
}

#[test]
fn finds_an_event_that_is_lost() {
    assert_eq!(kinds(JOURNAL, ""), [Kind::Lost]);
    let begun = EFFECTS.lines().next().unwrap();
    assert_eq!(kinds(JOURNAL, begun), [Kind::Lost]);
    let failed = EFFECTS.replace("done", "failed");
    let report = check(JOURNAL, &failed);
    assert_eq!(report.count(Kind::Lost, Some("axum-once-sqlite")), 1);
    assert_eq!(report.count(Kind::Lost, Some("warp-once-sqlite")), 0);
    // An inbox may do it later.
    assert_eq!(report.missing, 0);
    assert_eq!(check(&JOURNAL.replace("once-", "inbox-"), "").missing, 1);
}

#[test]
fn finds_an_event_that_is_done_twice() {
    let twice = format!("{EFFECTS}{AGAIN}");
    assert_eq!(kinds(JOURNAL, &twice), [Kind::Twice]);
    // Also if the handler only begins again, or fails.
    let begun = AGAIN.lines().next().unwrap();
    assert_eq!(kinds(JOURNAL, &format!("{EFFECTS}{begun}\n")), [Kind::Twice]);
    assert_eq!(kinds(JOURNAL, &twice.replace("done warp", "failed warp")), [Kind::Twice]);
    // A third time counts, too.
    let third = AGAIN.replace("#0", "#1").replace(" 20", " 30");
    assert_eq!(kinds(JOURNAL, &format!("{twice}{third}")), [Kind::Twice, Kind::Twice]);
    // It fails, and is done later: as it must be.
    let later = format!("{}{AGAIN}", EFFECTS.replace("done", "failed"));
    assert!(kinds(&JOURNAL.replace("1020000", "2030000"), &later).is_empty());
    // A kill of another receiver, and one that is too late or too early, are no reason.
    for kill in
        ["warp-once-sqlite.1 1011000", "axum-once-sqlite.1 4000000", "axum-once-sqlite.1 100000"]
    {
        assert_eq!(kinds(&format!("{JOURNAL}killed {kill}\n"), &twice), [Kind::Twice], "{kill}");
    }
    // A failure of another store, and one that was over long before.
    for failure in ["down redis 1009000\nup redis 1900000\n", "down sqlite 0\nup sqlite 1\n"] {
        let late = twice.replace(" 10", " 90").replace(" 20", " 95");
        assert_eq!(kinds(&format!("{JOURNAL}{failure}"), &late)[0], Kind::Twice, "{failure}");
    }
}

#[test]
fn counts_a_repeat_after_a_kill_or_a_failure_of_the_store_apart() {
    let twice = format!("{EFFECTS}{AGAIN}");
    for reason in
        ["killed axum-once-sqlite.1 1010500\n", "down sqlite 1009000\nup sqlite 1900000\n"]
    {
        assert_eq!(kinds(&format!("{JOURNAL}{reason}"), &twice), [Kind::Repeated], "{reason}");
    }
}

#[test]
fn finds_two_runs_at_the_same_time() {
    let other = "begin warp-once-sqlite.1#0 once-sqlite.1.quick - 1006000\n\
                 failed warp-once-sqlite.1#0 1007000\n";
    let both = format!("{EFFECTS}{other}");
    assert_eq!(kinds(JOURNAL, &both), [Kind::AtOnce]);
    // The other one still runs.
    let open = format!("{}{EFFECTS}", other.lines().next().unwrap().replace("06000", "00000\n"));
    assert_eq!(kinds(JOURNAL, &open), [Kind::AtOnce]);
    // It was killed before the next one began.
    let killed = format!("{JOURNAL}killed warp-once-sqlite.1 1004000\n");
    assert!(kinds(&killed, &open).is_empty());
    // While the store failed, the lease ran out.
    let failure = format!("{JOURNAL}down sqlite 900000\nup sqlite 1000000\n");
    assert_eq!(kinds(&failure, &both), [Kind::LeaseRanOut]);
}

#[test]
fn finds_two_events_of_an_order_at_the_same_time_in_an_inbox() {
    let journal = "sent genuine inbox-sqlite.1.quick 200 1 2 axum-inbox-sqlite.1\n\
                   sent genuine inbox-sqlite.2.quick 200 1 2 axum-inbox-sqlite.1\n";
    let effects = "begin axum-inbox-sqlite.1#0 inbox-sqlite.1.quick order 10\n\
                   begin warp-inbox-sqlite.1#0 inbox-sqlite.2.quick order 12\n\
                   done axum-inbox-sqlite.1#0 14\n\
                   done warp-inbox-sqlite.1#0 16\n";
    assert_eq!(kinds(journal, effects), [Kind::AtOnce]);
    // Two runs of one of them are counted once.
    let again = "begin warp-inbox-sqlite.1#1 inbox-sqlite.1.quick order 11\n\
                 failed warp-inbox-sqlite.1#1 12\n";
    let one = effects.lines().filter(|line| line.contains("axum")).collect::<Vec<_>>().join("\n");
    let journal_of_one = journal.lines().next().unwrap();
    assert_eq!(kinds(journal_of_one, &format!("{one}\n{again}")), [Kind::AtOnce]);
    let in_turn = effects.replace(" 12", " 15");
    assert!(kinds(journal, &in_turn).is_empty());
    // `Once` keeps only runs of the same event apart.
    let once = |text: &str| text.replace("inbox-", "once-").replace("200 1 2", "200 1 20");
    assert!(kinds(&once(journal), &once(effects)).is_empty());
}

#[test]
fn finds_an_answer_that_came_before_the_work() {
    assert_eq!(kinds(&JOURNAL.replace("1020000", "1007000"), EFFECTS), [Kind::Early]);
    // An inbox answers first.
    let inbox = |text: &str| text.replace("once-", "inbox-");
    assert!(kinds(&inbox(&JOURNAL.replace("1020000", "1007000")), &inbox(EFFECTS)).is_empty());
}

#[test]
fn finds_an_accepted_forgery() {
    for kind in ["forged", "junk"] {
        let accepted = JOURNAL.replace("genuine", kind).replace(".1.quick", ".9");
        assert_eq!(kinds(&accepted, ""), [Kind::Accepted]);
        assert!(kinds(&accepted.replace(" 200 ", " 401 "), "").is_empty());
    }
    // Answered with an error, but processed.
    let journal = JOURNAL.replace("genuine", "forged").replace(" 200 ", " 401 ");
    assert_eq!(kinds(&journal, EFFECTS), [Kind::Accepted]);
    assert_eq!(kinds("", EFFECTS), [Kind::Accepted]);
}

#[test]
fn finds_a_genuine_event_that_is_refused_or_given_up() {
    for status in ["400", "401", "404", "413", "301"] {
        let refused = JOURNAL.replace(" 200 ", &format!(" {status} "));
        assert_eq!(kinds(&refused, EFFECTS), [Kind::Refused], "{status}");
    }
    for status in ["0", "408", "409", "429", "500", "503"] {
        let retried = JOURNAL.replace(" 200 ", &format!(" {status} "));
        assert!(kinds(&retried, EFFECTS).is_empty(), "{status}");
        let given_up = format!("{retried}gave-up once-sqlite.1.quick 1030000\n");
        assert_eq!(kinds(&given_up, EFFECTS), [Kind::GivenUp], "{status}");
    }
    // Acknowledged in the end, by another delivery of the event.
    let given_up = format!("{JOURNAL}gave-up once-sqlite.1.quick 1030000\n");
    assert!(kinds(&given_up, EFFECTS).is_empty());
}

#[test]
fn finds_lines_that_cannot_be_read() {
    for line in ["sent", "killed x y", "up sqlite 5", "sent odd a 200 1 2 b", ""] {
        assert_eq!(kinds(&format!("{JOURNAL}{line}\n"), EFFECTS), [Kind::Unreadable], "{line}");
    }
    for line in ["begin x y", "done never-begun#1 5", "beg"] {
        assert_eq!(kinds(JOURNAL, &format!("{EFFECTS}{line}\n")), [Kind::Unreadable], "{line}");
    }
}

#[test]
fn the_checker_uses_nothing_of_the_product() {
    for source in [include_str!("../check.rs"), include_str!("history.rs")] {
        let used = source.lines().filter(|line| line.trim_start().starts_with("use "));
        for line in used {
            let is_own =
                ["use std", "use history::", "use super::"].iter().any(|own| line.starts_with(own));
            assert!(is_own, "{line}");
        }
        assert!(!source.contains("topper"));
    }
}
