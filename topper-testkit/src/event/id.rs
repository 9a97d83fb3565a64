//! Ids that differ.

use std::{
    process,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Made once a process, so that two runs against one store do not share ids.
static RUN: LazyLock<u64> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    scramble(now.as_secs() ^ u64::from(now.subsec_nanos()).rotate_left(34))
        ^ scramble(u64::from(process::id()))
});

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A UUID that looks random (version 4) and differs from all others. It can be guessed, so it is
/// for tests only.
pub(crate) fn fresh() -> String {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let high = scramble(*RUN ^ count);
    let low = scramble(high ^ RUN.rotate_left(32));

    // Version 4, variant 1.
    let version = 0x4000 | (high & 0x0fff);
    let variant = 0x8000 | ((low >> 48) & 0x3fff);
    format!(
        "{:08x}-{:04x}-{version:04x}-{variant:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        low & 0xffff_ffff_ffff,
    )
}

/// The finaliser of splitmix64: a bijection that spreads neighbours far apart.
pub(crate) fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
