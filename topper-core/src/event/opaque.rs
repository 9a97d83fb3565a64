//! `Debug` that shows nothing of a body.

use std::fmt;

/// Writes `Type { .. }`, so that no payload reaches a log by accident.
macro_rules! opaque_debug {
    ($($payload:ident),+ $(,)?) => {$(
        impl ::std::fmt::Debug for $payload {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($payload)).finish_non_exhaustive()
            }
        }
    )+};
}

pub(super) use opaque_debug;

/// At most 64 characters of an id or a name: what a log line may show of it.
pub(super) struct Clipped<'a>(pub(super) &'a str);

impl fmt::Debug for Clipped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clipped: String = self.0.chars().take(64).collect();
        clipped.fmt(f)
    }
}
