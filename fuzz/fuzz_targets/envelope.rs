//! One target; see `topper_fuzz`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| topper_fuzz::envelope(input));
