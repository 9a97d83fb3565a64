//! From what people paste to JWK, PEM or DER.

use topper_core::internal::pasted::{self, is_armored};
use zeroize::Zeroizing;

use super::{Read, Secret, der, jwk, pem};
use crate::PrivateKeyError;

/// The escapes that stand for the ends of lines in base64.
const LINE_ENDS: &[&str] = &["\\r", "\\n"];

/// Takes what is unambiguous, and says what the rest looks like.
pub(super) fn read(pasted: &str) -> Result<Read, PrivateKeyError> {
    let text: Zeroizing<String> = pasted::peeled::<_, Secret>(pasted, LINE_ENDS);
    if text.starts_with('{') {
        jwk::read(&text)
    } else if is_armored(&text) {
        pem::read(&text)
    } else if let Some(der) = base64(&text).filter(|bytes| bytes.first() == Some(&0x30)) {
        der::read(&der)
    } else if is_file_name(&text) {
        Err(PrivateKeyError::FileName)
    } else if text.starts_with("ssh-") {
        Err(PrivateKeyError::OtherPem)
    } else {
        Err(PrivateKeyError::Unknown)
    }
}

/// Either alphabet, with or without padding, in one line or several.
pub(super) fn base64(text: &str) -> Option<Secret> {
    pasted::base64::<Zeroizing<String>, _>(text, LINE_ENDS)
}

fn is_file_name(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let extensions = [".pem", ".jwk", ".json", ".key", ".p8", ".der", ".txt"];
    !text.contains('\n')
        && text.len() < 1024
        && (text.starts_with(['@', '/', '~', '.', '\\'])
            || lower.starts_with("file:")
            || extensions.iter().any(|extension| lower.ends_with(extension)))
}
