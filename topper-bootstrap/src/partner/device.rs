//! Checks that the device which opens the widget is the one that asked for it.

use std::{fmt, net::IpAddr};

use serde::Serialize;

use crate::{ClaimsError, backend::sha256_hex};

/// What must be the same when the user opens the widget: plain, or hashed so that Topper does not
/// learn it.
///
/// `Debug` shows no value.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::{DeviceCheck, DeviceField};
///
/// let plain = DeviceCheck::plain().ip("203.0.113.7".parse()?).user_agent("Mozilla/5.0");
/// let hashed = DeviceCheck::hashed([
///     (DeviceField::Ip, "203.0.113.7"),
///     (DeviceField::UserAgent, "Mozilla/5.0"),
/// ]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A hashed check has no plain values, so one cannot be added to it:
///
/// ```compile_fail,E0599
/// use topper_bootstrap::{DeviceCheck, DeviceField};
///
/// let both = DeviceCheck::hashed([(DeviceField::Ip, "203.0.113.7")]).user_agent("Mozilla/5.0");
/// ```
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
#[must_use]
pub struct DeviceCheck(Check);

#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(untagged)]
enum Check {
    Hashed(HashedDevice),
    Plain(PlainDevice),
}

/// A device's plain values.
#[derive(Clone, Default, Serialize)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(inline, extend("anyOf" = [{"required": ["ip"]}, {"required": ["user-agent"]}]))
)]
#[must_use]
pub struct PlainDevice {
    /// The user's address.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
    /// The user's browser, as it names itself.
    #[serde(rename = "user-agent", skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
}

/// The hash of a device's values.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct HashedDevice {
    /// The fields whose values were hashed, in this order.
    #[cfg_attr(feature = "schemars", schemars(length(min = 1)))]
    fields: Vec<DeviceField>,
    /// SHA-256 of the values, one after the other, in hexadecimal digits.
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    hash: String,
    /// The version of the address that was hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_version: Option<String>,
    #[serde(skip)]
    has_blank: bool,
}

/// A field of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[non_exhaustive]
pub enum DeviceField {
    /// `ip`: the user's address.
    #[serde(rename = "ip")]
    Ip,
    /// `user-agent`: the user's browser, as it names itself.
    #[serde(rename = "user-agent")]
    UserAgent,
}

impl DeviceCheck {
    /// With plain values.
    pub fn plain() -> PlainDevice {
        PlainDevice::default()
    }

    /// With the SHA-256 of these values, put together in this order.
    pub fn hashed<'a>(values: impl IntoIterator<Item = (DeviceField, &'a str)>) -> HashedDevice {
        let (fields, values): (Vec<DeviceField>, Vec<&str>) = values.into_iter().unzip();
        HashedDevice {
            fields,
            hash: sha256_hex(&values),
            ip_version: None,
            has_blank: values.iter().any(|value| value.trim().is_empty()),
        }
    }

    pub(super) fn check(&self) -> Result<(), ClaimsError> {
        const FIELD: &str = "partner.validation.device";
        match &self.0 {
            Check::Hashed(device) if device.fields.is_empty() => Err(ClaimsError::Empty(FIELD)),
            Check::Hashed(device) if device.has_blank => Err(ClaimsError::Blank(FIELD)),
            Check::Hashed(_) => Ok(()),
            Check::Plain(PlainDevice { ip: None, user_agent: None }) => {
                Err(ClaimsError::Empty(FIELD))
            }
            Check::Plain(device) => {
                crate::configuration::present([(FIELD, device.user_agent.as_ref())])
            }
        }
    }
}

impl PlainDevice {
    /// The user's address.
    pub fn ip(mut self, address: IpAddr) -> Self {
        self.ip = Some(address);
        self
    }

    /// The user's browser, as it names itself.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }
}

impl HashedDevice {
    /// The version of the address that was hashed. Topper's documentation has no list of its values.
    pub fn ip_version(mut self, version: impl Into<String>) -> Self {
        self.ip_version = Some(version.into());
        self
    }
}

impl From<PlainDevice> for DeviceCheck {
    fn from(device: PlainDevice) -> Self {
        Self(Check::Plain(device))
    }
}

impl From<HashedDevice> for DeviceCheck {
    fn from(device: HashedDevice) -> Self {
        Self(Check::Hashed(device))
    }
}

macro_rules! hides_its_values {
    ($($name:ident)+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

hides_its_values!(DeviceCheck PlainDevice HashedDevice);
