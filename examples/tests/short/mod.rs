//! Runs of the tests that leave out what takes long.

/// Whether a test that takes half a minute is left out, because `TOPPER_TEST_SHORT` is set, as by
/// `cargo xtask ci`.
pub(crate) fn is_left_out() -> bool {
    let is_short = std::env::var_os("TOPPER_TEST_SHORT").is_some();
    if is_short {
        println!("skipped: it takes too long for a short run");
    }
    is_short
}
