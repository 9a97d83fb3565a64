//! The machine that something was measured on.

use std::{error::Error, fs};

/// What it is, and how much it has: names and values.
pub(crate) fn rows() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
        line.map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism()?.to_string();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Ok(vec![
        ("cores".to_owned(), cores),
        ("processor".to_owned(), field("/proc/cpuinfo", "model name")),
        ("memory".to_owned(), field("/proc/meminfo", "MemTotal")),
        ("kernel".to_owned(), kernel.trim().to_owned()),
    ])
}
