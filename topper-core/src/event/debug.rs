//! `Debug` that does not show the content of a body.

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
