//! A public key in PEM (RFC 7468).

use super::{der, text::base64};
use crate::KeyTextError;

const BEGIN: &str = "-----BEGIN ";

pub(super) fn is_armored(text: &str) -> bool {
    text.contains(BEGIN)
}

/// The point of the only key. White space is ignored. The two characters `\n` count as a line break, as
/// in `.env` files.
pub(super) fn read(text: &str) -> Result<Vec<u8>, KeyTextError> {
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let blocks: Vec<&str> = text.split(BEGIN).skip(1).collect();
    // First, because this matters most.
    if blocks.iter().filter_map(|block| label(block)).any(|label| label.contains("PRIVATE")) {
        return Err(KeyTextError::PrivateKey);
    }
    let [block] = *blocks else { return Err(KeyTextError::SeveralPem) };
    let label = label(block).ok_or(KeyTextError::DamagedPem)?;
    match label {
        "PUBLIC KEY" => (),
        "RSA PUBLIC KEY" => return Err(KeyTextError::OtherAlgorithm("an RSA key")),
        _ if label.contains("CERTIFICATE") => return Err(KeyTextError::Certificate),
        _ => return Err(KeyTextError::OtherPem),
    }
    let (_, rest) = block.split_once("-----").ok_or(KeyTextError::DamagedPem)?;
    let (body, _) = rest.split_once("-----END").ok_or(KeyTextError::DamagedPem)?;
    der::read(&base64(body).ok_or(KeyTextError::DamagedPem)?)
}

fn label(block: &str) -> Option<&str> {
    block.split_once("-----").map(|(label, _)| label.trim())
}
