//! Random numbers of the operating system.

use std::cell::RefCell;

use crate::StoreError;

/// How many bytes the operating system is asked for at a time.
const BLOCK: usize = 256;

thread_local! {
    /// A block, and how many of its bytes are not used yet: the first ones.
    static UNUSED: RefCell<([u8; BLOCK], usize)> = const { RefCell::new(([0; BLOCK], 0)) };
}

/// Random bytes. The operating system is asked for many at a time, because each claim needs some.
///
/// # Errors
///
/// When the operating system has none.
pub(crate) fn bytes<const COUNT: usize>() -> Result<[u8; COUNT], StoreError> {
    const { assert!(COUNT <= BLOCK, "one block is enough") };
    // So that a simulation can be repeated.
    #[cfg(test)]
    if let Some(bytes) = crate::simulation::random::bytes() {
        return Ok(bytes);
    }
    UNUSED.with_borrow_mut(|(block, unused)| {
        if *unused < COUNT {
            // When it fails, what was there may be overwritten.
            *unused = 0;
            getrandom::fill(block).map_err(StoreError::new)?;
            *unused = BLOCK;
        }
        *unused = unused.saturating_sub(COUNT);
        let (_, bytes) = block.split_at(*unused);
        bytes.first_chunk().copied().ok_or_else(|| StoreError::new("too few random numbers"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{BLOCK, bytes};

    #[test]
    fn no_two_are_the_same() {
        // Several blocks, and the sizes do not divide one.
        let count = BLOCK;
        let tokens: HashSet<[u8; 16]> = (0..count)
            .map(|_| {
                bytes::<2>().unwrap();
                bytes().unwrap()
            })
            .collect();
        assert_eq!(tokens.len(), count);
    }

    #[test]
    fn threads_share_none() {
        let token = || bytes::<16>().unwrap();
        let other = std::thread::spawn(token).join().unwrap();
        assert_ne!(token(), other);
    }
}
