//! Lists of all variants of an enum.

/// Defines `ALL` for an enum. A variant that is missing from the list does not compile.
#[doc(hidden)]
#[macro_export]
macro_rules! __listed {
    ($(#[$docs:meta])* $first:ident, $($variant:ident),+ $(,)?) => {
        $(#[$docs])*
        pub const ALL: &'static [Self] = {
            // Without a wildcard arm, so every variant must be named.
            match Self::$first {
                Self::$first $(| Self::$variant)+ => {}
            }
            &[Self::$first, $(Self::$variant),+]
        };
    };
}
