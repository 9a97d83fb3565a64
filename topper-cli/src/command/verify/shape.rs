//! Whether what was given as a signature can be one at all.

use std::path::Path;

use crate::failure::Failure;

/// The fewest characters of a token's signature: 64 bytes in base64; DER is longer.
const SIGNATURE_LENGTH: usize = 86;

/// Refuses the name of a file that was given without its `@`.
pub(super) fn check(given: &str) -> Result<(), Failure> {
    if !given.starts_with('@') && !given.contains("..") && Path::new(given).is_file() {
        return Err(Failure::Input(
            "--signature: this is the name of a file, not a token; write `@` before the name to \
             read the token from the file"
                .to_owned(),
        ));
    }
    Ok(())
}

/// What is wrong with a token that cannot be whole; `None` if it can.
pub(super) fn problem(token: &[u8]) -> Option<String> {
    let dots = token.iter().filter(|byte| **byte == b'.').count();
    if dots != 2 {
        return Some(format!(
            "This is not a whole token: it has {dots} dots instead of 2. Copy the whole value of \
             the header, or write `@FILE` to read it from a file."
        ));
    }
    let length = token.rsplit(|byte| *byte == b'.').next().unwrap_or_default().len();
    (length < SIGNATURE_LENGTH).then(|| {
        format!(
            "The token is cut short: its signature has {length} characters instead of \
             {SIGNATURE_LENGTH}. Copy the whole value of the header."
        )
    })
}
