//! The address for the crypto of an off-ramp order.

use serde::{
    de::{Deserialize, Deserializer},
    ser::{Serialize, SerializeStruct, Serializer},
};

#[cfg(feature = "schemars")]
use super::schema;
use super::{DestinationTag, Timestamp, debug::opaque_debug, decode::object};

/// The address to which the user sends the crypto of an off-ramp order.
///
/// Topper's webhook documentation spells the expiry both `expiresAt` and `expiredAt`. Here it is one
/// field. It is serialised with the spelling that was received.
///
/// `{}` is valid: then all fields are absent.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "camelCase", transform = schema::both_expiries)
)]
#[non_exhaustive]
pub struct DepositAddress {
    /// The blockchain address. It must be Unicode text, or the event cannot be read.
    pub value: Option<String>,
    /// When the user is reminded to send the crypto.
    pub remind_at: Option<Timestamp>,
    /// When Topper stops watching the address. If both spellings are present, it is `expiresAt`.
    pub expires_at: Option<Timestamp>,
    /// The tag that the transfer needs, on blockchains that share addresses.
    pub tag: Option<DestinationTag>,
    #[cfg_attr(feature = "schemars", schemars(skip))]
    expiry: Expiry,
}

opaque_debug!(DepositAddress);

/// The spelling of the expiry.
#[derive(Clone, PartialEq, Eq)]
enum Expiry {
    ExpiresAt,
    ExpiredAt,
    Both { expired_at: Timestamp },
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    value: Option<String>,
    remind_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    expired_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "object::optional")]
    tag: Option<DestinationTag>,
}

impl<'de> Deserialize<'de> for DepositAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire { value, remind_at, expires_at, expired_at, tag } =
            object::required(deserializer)?;
        let (expires_at, expiry) = match (expires_at, expired_at) {
            (Some(expires_at), Some(expired_at)) => (Some(expires_at), Expiry::Both { expired_at }),
            (None, Some(expired_at)) => (Some(expired_at), Expiry::ExpiredAt),
            (expires_at, None) => (expires_at, Expiry::ExpiresAt),
        };
        Ok(Self { value, remind_at, expires_at, tag, expiry })
    }
}

impl Serialize for DepositAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (expires_at, expired_at) = match &self.expiry {
            Expiry::ExpiresAt => (self.expires_at.as_ref(), None),
            Expiry::ExpiredAt => (None, self.expires_at.as_ref()),
            Expiry::Both { expired_at } => (self.expires_at.as_ref(), Some(expired_at)),
        };
        let times = [
            ("remindAt", self.remind_at.as_ref()),
            ("expiresAt", expires_at),
            ("expiredAt", expired_at),
        ];
        let length = times.iter().filter(|(_, time)| time.is_some()).count()
            + usize::from(self.value.is_some())
            + usize::from(self.tag.is_some());

        let mut object = serializer.serialize_struct("DepositAddress", length)?;
        if let Some(value) = &self.value {
            object.serialize_field("value", value)?;
        }
        for (name, time) in times {
            if let Some(time) = time {
                object.serialize_field(name, time)?;
            }
        }
        if let Some(tag) = &self.tag {
            object.serialize_field("tag", tag)?;
        }
        object.end()
    }
}
