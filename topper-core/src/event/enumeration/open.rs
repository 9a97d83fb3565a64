//! Open enumerations: an unknown value is kept as received.

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

        impl From<String> for $open {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$known,)+
                    _ => Self::Unknown(text),
                }
            }
        }

        impl ::std::str::FromStr for $open {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(text.into())
            }
        }

        impl AsRef<str> for $open {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        /// The value as Topper sends it, including an unknown value.
        impl ::std::fmt::Display for $open {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// Shows the name of a known value, but not the text of an unknown value.
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
                use $crate::event::decode::text;

                // No known value contains half a surrogate pair.
                text::named(text::LENIENT, deserializer, |text| Some(Self::from(text)))
            }
        }
    };
}

pub(super) use open_enumeration;
