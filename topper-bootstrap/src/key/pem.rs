//! A private key in PEM (RFC 7468, RFC 5915).

use topper_core::internal::pasted::{blocks, label};

use super::{Read, der, text::base64};
use crate::PrivateKeyError;

/// The one private key. White space does not matter, nor whether the ends of lines are the two
/// characters `\n`, as in `.env` files.
pub(super) fn read(text: &str) -> Result<Read, PrivateKeyError> {
    let blocks = || blocks(text).map(|block| (label(block), block));
    // OpenSSL writes the parameters of a curve in a block of its own before the key.
    let mut keys = blocks().filter(|(label, _)| *label != Some("EC PARAMETERS"));
    let (label, block) = keys.next().ok_or(PrivateKeyError::Damaged)?;
    if keys.next().is_some() {
        return Err(PrivateKeyError::Several);
    }
    let contents = || {
        let (_, rest) = block.split_once("-----")?;
        let (body, _) = rest.split_once("-----END")?;
        // `Proc-Type: 4,ENCRYPTED` and its like (RFC 1421).
        if body.contains(':') { None } else { base64(body) }
    };
    match label {
        Some("PRIVATE KEY") => der::pkcs8(&contents().ok_or(PrivateKeyError::Damaged)?),
        Some("EC PRIVATE KEY" | "RSA PRIVATE KEY") if block.contains("ENCRYPTED") => {
            Err(PrivateKeyError::Encrypted)
        }
        Some("EC PRIVATE KEY") => der::sec1(&contents().ok_or(PrivateKeyError::Damaged)?, None),
        Some("RSA PRIVATE KEY") => der::pkcs1(&contents().ok_or(PrivateKeyError::Damaged)?),
        Some("ENCRYPTED PRIVATE KEY") => Err(PrivateKeyError::Encrypted),
        Some("PUBLIC KEY" | "RSA PUBLIC KEY") => Err(PrivateKeyError::Public),
        Some(_) => Err(PrivateKeyError::OtherPem),
        None => Err(PrivateKeyError::Damaged),
    }
}
