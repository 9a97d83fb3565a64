//! Reads files up to a limit, and writes them whole.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process,
};

use crate::{failure::Failure, interrupt};

/// The most bytes that are read of a file: far over any event.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The bytes of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limited = MOST_BYTES + 1;
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limited).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limited).read_to_end(&mut bytes))
    };
    match read {
        Ok(length) if length as u64 > MOST_BYTES => {
            Err(Failure::file(path, format_args!("larger than {} MiB", MOST_BYTES / 1024 / 1024)))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::file(path, error)),
    }
}

pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|_| Failure::file(path, "is not UTF-8 text"))
}

/// Whether an existing file is overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    Keep,
    Replace,
}

/// Writes a file that only its owner can read, whole or not at all: first under a temporary name.
pub(crate) fn write_private(path: &Path, bytes: &[u8], existing: Existing) -> io::Result<()> {
    interrupt::shield();
    let temporary = Temporary(temporary(path));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary.0)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    match existing {
        Existing::Replace => fs::rename(&temporary.0, path),
        // Fails if the file exists, also if it was created just now.
        Existing::Keep => fs::hard_link(&temporary.0, path),
    }
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", process::id()));
    path.with_file_name(name)
}

/// A file that is deleted when this is dropped.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // It has its new name, or was never made.
        let _ = fs::remove_file(&self.0);
    }
}
