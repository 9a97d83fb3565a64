//! Lists of all variants of an enum.

/// Makes `ALL` of an enum. A variant that is missing in the list does not compile.
#[doc(hidden)]
#[macro_export]
macro_rules! __listed {
    ($(#[$docs:meta])* $first:ident, $($variant:ident),+ $(,)?) => {
        $(#[$docs])*
        pub const ALL: &'static [Self] = {
            // No other arm: it names every variant.
            match Self::$first {
                Self::$first $(| Self::$variant)+ => {}
            }
            &[Self::$first, $(Self::$variant),+]
        };
    };
}
