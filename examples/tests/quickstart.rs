//! The quickstart as a process.

use std::process::Command;

#[test]
fn runs_the_main_job_without_configuration() {
    let output = Command::new(env!("CARGO_BIN_EXE_quickstart")).env_clear().output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}");
    for part in [
        "order:crypto-onramp:completed                200 processed",
        "order:crypto-offramp:completed               200 processed",
        "user:kyc:identity:succeeded                  200 processed",
        "order:crypto-swap:completed                  200 ignored",
        "the amount changed                           401 signature_invalid",
        "user:kyc:identity:succeeded                  200 duplicate",
        "order:crypto-onramp:completed                200 processed",
        "the same event, meanwhile                    409 in_progress",
        "order:crypto-onramp:completed                200 accepted",
        "the same event again                         200 duplicate",
        "given up                                     dead at attempt 1",
        "retried by an operator, after the bug fix    done at attempt 2",
        "retried after about 1 s and 2 s              done at attempt 3",
        "31 of 31 as expected",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(!shown.contains("WRONG"));
}
