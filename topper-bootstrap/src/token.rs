//! From a configuration to a signed token: the id comes first.

use std::fmt;

use serde_json::{Map, Value};
use topper_core::event::Flow;

use crate::{ClaimsError, Environment, WidgetUrl, configuration::Configuration};

/// The longest id of a token: what stores of events take.
const MOST_ID: usize = 255;

/// A token that is not signed yet, and has its id already.
///
/// Topper reports the id in every webhook of the session, as `bootstrapTokenId`. It is the only link
/// from an order to your user, so store it with the user **before** the token is signed and the
/// widget opens: an event may be received a moment later.
///
/// # Examples
///
/// ```
/// # use topper_bootstrap::{Draft, Environment, Onramp, Recipient, Widget};
/// # let widget = Widget::builder(Environment::Sandbox)
/// #     .widget_id("w").key_id("k").private_key(topper_testkit::TestKey::generate().private_jwk())
/// #     .build()?;
/// # fn store(_user: u64, _id: &str) -> Result<(), std::io::Error> { Ok(()) }
/// # let user = 7;
/// let onramp = Onramp::spend("100.00".parse()?, "USD", Recipient::all_editable());
/// let draft = Draft::new(&onramp)?;
/// store(user, draft.id())?;
/// let token = widget.sign(draft)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Draft {
    id: String,
    flow: Flow,
    claims: Map<String, Value>,
}

impl Draft {
    /// Checks a configuration, and makes a random id (UUID version 4).
    ///
    /// # Errors
    ///
    /// When the configuration breaks a rule that no type can hold, such as an asset outside its
    /// allowed assets; or when the machine gives no random bytes.
    pub fn new(configuration: &impl Configuration) -> Result<Self, ClaimsError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| ClaimsError::Random)?;
        Self::with_id(configuration, uuid(bytes))
    }

    /// The same with an id of your choice, such as that of a row. It must be unique: a token is
    /// taken once.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and when the id is not 1 to 255 bytes long.
    pub fn with_id(
        configuration: &impl Configuration,
        id: impl Into<String>,
    ) -> Result<Self, ClaimsError> {
        let id = id.into();
        if id.trim().is_empty() || id.len() > MOST_ID {
            return Err(ClaimsError::TokenId { most: MOST_ID });
        }
        Ok(Self { id, flow: configuration.flow(), claims: configuration.claims()? })
    }

    /// The token's id (`jti`), which is the `bootstrapTokenId` of the session's webhooks.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether crypto is bought or sold.
    pub fn flow(&self) -> Flow {
        self.flow.clone()
    }

    pub(crate) fn into_parts(self) -> (String, Flow, Map<String, Value>) {
        (self.id, self.flow, self.claims)
    }
}

/// Shows the id and the flow only.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("id", &self.id)
            .field("flow", &self.flow)
            .finish_non_exhaustive()
    }
}

/// RFC 9562, section 5.4.
fn uuid(bytes: [u8; 16]) -> String {
    let number = u128::from_be_bytes(bytes);
    let number = number & !(0xf << 76) | 4 << 76;
    let number = number & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{number:032x}");
    let mut text = String::with_capacity(36);
    for (place, digit) in hex.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

/// A signed bootstrap token. With its text anyone can open the session, once, within minutes.
///
/// There is no `Display`, on purpose, and `Debug` does not show the text: a token reaches a page or
/// a log only where [`as_str`](Self::as_str) or its URL is written.
#[derive(Clone)]
pub struct Token {
    id: String,
    flow: Flow,
    environment: Environment,
    text: String,
}

pub(crate) fn new(id: String, flow: Flow, environment: Environment, text: String) -> Token {
    Token { id, flow, environment, text }
}

impl Token {
    /// Its id (`jti`), which is the `bootstrapTokenId` of the session's webhooks.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The JWT itself, for Topper's SDKs: `header.claims.signature`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether crypto is bought or sold.
    pub fn flow(&self) -> Flow {
        self.flow.clone()
    }

    /// The environment of the widget that signed it.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The URL that opens the widget, in the environment of the widget that signed the token.
    pub fn url(&self) -> WidgetUrl {
        WidgetUrl::new(self)
    }
}

/// Shows everything but the text.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("id", &self.id)
            .field("flow", &self.flow)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

/// Why a token could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The back end failed.
    #[error("the token could not be signed")]
    Backend,
    /// The time of issue is before 1970.
    #[error("the time of issue is before 1970: check the machine's clock")]
    Clock,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_id_is_a_uuid_of_version_4_whatever_the_random_bytes_are() {
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let bytes = u128::to_be_bytes(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        assert_eq!(uuid(bytes), "01234567-89ab-4def-8123-456789abcdef");
    }
}
