//! Open enumerations: a value that nobody knows yet is kept as it came.

/// Implements text conversion for an enum of unit variants plus `Unknown(String)`.
macro_rules! open_enumeration {
    ($open:ident { $($known:ident = $text:literal),+ $(,)? }) => {
        impl $open {
            /// The value as Topper sends it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$known => $text,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for $open {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$known,)+
                    unknown => Self::Unknown(unknown.to_owned()),
                }
            }
        }

        /// Shows a known value's name, but not the text of an unknown one.
        impl ::std::fmt::Debug for $open {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    $(Self::$known => f.write_str(stringify!($known)),)+
                    Self::Unknown(_) => f.debug_tuple("Unknown").finish_non_exhaustive(),
                }
            }
        }

        impl ::serde::Serialize for $open {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $open {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::event::open::text(deserializer, |text| Some(Self::from(text)))
            }
        }
    };
}

use std::fmt;

pub(super) use open_enumeration;
use serde::de::{Deserializer, Error, Visitor};

/// Reads a string without allocating it first; `make` refuses it with `None`.
pub(super) fn text<'de, D, F, T>(deserializer: D, make: F) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(&str) -> Option<T>,
{
    deserializer.deserialize_str(TextVisitor(make))
}

struct TextVisitor<F>(F);

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for TextVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        // The message is never shown.
        (self.0)(text).ok_or_else(|| E::custom("unfit text"))
    }
}
