//! Lists of all variants that cannot lack one.

/// Gives an enum its `ALL`. A variant that is missing in the list does not compile.
macro_rules! all {
    ($(#[$docs:meta])* $name:ident { $($variant:ident),* $(,)? }) => {
        impl $name {
            $(#[$docs])*
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        const _: fn($name) = |it| match it {
            $($name::$variant => (),)*
        };
    };
}
pub(crate) use all;
