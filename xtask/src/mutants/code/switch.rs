//! Which mutant is on. This module is written into the package that is mutated.

use std::{
    env,
    fs::File,
    io::Write as _,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

static ON: LazyLock<Option<usize>> =
    LazyLock::new(|| env::var("TOPPER_MUTANT").ok()?.parse().ok());
/// Where the numbers of the mutants go that a test reaches.
static REACHED: LazyLock<Option<File>> = LazyLock::new(|| {
    let path = env::var_os("TOPPER_MUTANTS_REACHED")?;
    File::options().create(true).append(true).open(path).ok()
});
static SEEN: [AtomicBool; 8192] = [const { AtomicBool::new(false) }; 8192];

/// Whether this mutant is on.
pub(crate) fn on(number: usize) -> bool {
    if let Some(mut file) = REACHED.as_ref()
        && let Some(seen) = SEEN.get(number)
        && !seen.swap(true, Ordering::Relaxed)
    {
        // A number that cannot be written is not counted.
        drop(file.write_all(format!("{number}\n").as_bytes()));
    }
    *ON == Some(number)
}
