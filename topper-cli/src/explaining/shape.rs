//! Whether a text can be a signature at all.

use std::path::Path;

use crate::failure::Failure;

/// The fewest characters of a token's signature: 64 bytes in base64; DER is longer.
const SIGNATURE_LENGTH: usize = 86;

/// Refuses the name of a file without its `@`.
pub(crate) fn check(given: &str) -> Result<(), Failure> {
    if !given.starts_with('@') && !given.contains("..") && Path::new(given).is_file() {
        return Err(Failure::Input(
            "--signature: this is the name of a file, not a token; to read the token from the \
             file, write `@` before its name"
                .to_owned(),
        ));
    }
    Ok(())
}

/// What is wrong with the form of a token; `None` if nothing is.
pub(super) fn problem(token: &[u8]) -> Option<String> {
    let dots = token.iter().filter(|byte| **byte == b'.').count();
    if dots != 2 {
        return Some(format!(
            "A token has 2 dots, but this text has {dots}. Copy the whole value of the header, or \
             write `@FILE` to read it from a file."
        ));
    }
    let length = token.rsplit(|byte| *byte == b'.').next().unwrap_or_default().len();
    if length < SIGNATURE_LENGTH {
        return Some(format!(
            "The token is cut short: its signature has {length} characters instead of \
             {SIGNATURE_LENGTH}. Copy the whole value of the header."
        ));
    }
    let is_base64url = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (!token.iter().all(is_base64url)).then(|| {
        "The token contains a character that is not part of URL-safe base64. Copy the whole value \
         of the header, and nothing else."
            .to_owned()
    })
}
