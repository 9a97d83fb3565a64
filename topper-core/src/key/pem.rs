//! A public key in PEM (RFC 7468).

use super::{
    der,
    pasted::{blocks, label},
    text::base64,
};
use crate::KeyTextError;

/// The point of the only key. White space is ignored. The two characters `\n` count as a line break, as
/// in `.env` files.
pub(super) fn read(text: &str) -> Result<Vec<u8>, KeyTextError> {
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let blocks: Vec<&str> = blocks(&text).collect();
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
