//! Random numbers of the operating system.

use crate::StoreError;

/// Fills the bytes.
///
/// # Errors
///
/// When the operating system has none.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), StoreError> {
    // So that a simulation can be repeated.
    #[cfg(test)]
    if crate::simulation::random::fill(bytes) {
        return Ok(());
    }
    getrandom::fill(bytes).map_err(StoreError::new)
}
