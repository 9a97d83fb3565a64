//! How much work an explanation may be: bodies and tokens are hostile.

/// What a check of a signature takes in addition to its bytes, as if it were bytes.
const CHECK: usize = 8 * 1024;
const MOST: usize = 32 * 1024 * 1024;

/// The bytes that may still be read.
pub(super) struct Work(usize);

impl Work {
    /// Enough to try every change of a body of the usual size, and a few of a large one.
    pub(super) fn on(body: &[u8]) -> Self {
        Self(MOST.saturating_add(body.len().saturating_mul(8)))
    }

    /// `None` if it would be too much.
    pub(super) fn take(&mut self, bytes: usize) -> Option<()> {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(0);
        left.map(|_| ())
    }

    /// The same for a check of a signature.
    pub(super) fn take_check(&mut self, token: &[u8], body: &[u8]) -> Option<()> {
        self.take(CHECK.saturating_add(token.len()).saturating_add(body.len()))
    }
}
