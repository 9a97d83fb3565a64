//! Forgeries: every way that we know to break a signed delivery.

use std::fmt;

use topper_core::{Reply, protocol::SIGNATURE_HEADER};

use crate::{Delivery, TestKey};

mod body;
mod encoding;
mod hmac;
mod key;
mod kind;
mod line;
mod number;
mod protected;
#[cfg(test)]
mod tests;

pub use kind::FaultKind;

/// One way to break a signed delivery, and the reply that it must get.
///
/// The reply is that of a verifier one of whose keys has matched before. Until then it answers
/// [`Reply::KeyUnproven`] instead of [`Reply::SignatureInvalid`].
///
/// # Examples
///
/// ```
/// use topper_core::{EventName, Reply, Verifier};
/// use topper_testkit::{EventBuilder, Fault, TestKey};
///
/// let key = TestKey::generate();
/// let verifier = Verifier::builder()
///     .public_key(&key.public_jwk())
///     .retry_while_unproven(false)
///     .build()?;
/// let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
/// for fault in Fault::all() {
///     let forged = fault.forge(&key, &body);
///     assert_eq!(forged.verify(&verifier).unwrap_err().reply(), fault.reply(), "{fault}");
/// }
/// # Ok::<(), topper_core::ConfigError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Fault {
    name: &'static str,
    kind: FaultKind,
    reply: Reply,
    forge: fn(&Genuine<'_>) -> Delivery,
}

impl Fault {
    /// Returns all faults.
    pub fn all() -> impl Iterator<Item = Self> {
        [
            body::FAULTS,
            key::FAULTS,
            hmac::FAULTS,
            number::FAULTS,
            encoding::FAULTS,
            protected::FAULTS,
            line::FAULTS,
        ]
        .into_iter()
        .flatten()
        .copied()
    }

    /// Returns the fault with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|fault| fault.name == name)
    }

    /// Returns its name, such as `flipped_body_bit`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what an attacker gains if a receiver accepts it.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// Returns the reply that a receiver must give.
    pub fn reply(&self) -> Reply {
        self.reply
    }

    /// Forges a delivery. With this key and this body it would be genuine. The body must be JSON of
    /// at least 16 bytes.
    pub fn forge(&self, key: &TestKey, body: &[u8]) -> Delivery {
        (self.forge)(&Genuine::new(key, body))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fault").field(&self.name).finish()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a fault breaks.
struct Genuine<'a> {
    key: &'a TestKey,
    body: &'a [u8],
    /// The two parts of the token, as text.
    header: String,
    signature: String,
}

impl<'a> Genuine<'a> {
    fn new(key: &'a TestKey, body: &'a [u8]) -> Self {
        let token = key.sign(body);
        let (header, signature) = token.split_once("..").unwrap_or_default();
        Self { key, body, header: header.to_owned(), signature: signature.to_owned() }
    }

    fn token(&self) -> String {
        format!("{}..{}", self.header, self.signature)
    }

    fn delivery(&self) -> Delivery {
        Delivery::unsigned(self.body).header(SIGNATURE_HEADER, self.token())
    }

    /// The same body with another token.
    fn with_token(&self, token: impl Into<Vec<u8>>) -> Delivery {
        self.delivery().with_signature(token)
    }

    /// The same token with another body.
    fn with_body(&self, body: impl Into<Vec<u8>>) -> Delivery {
        self.delivery().with_body(body)
    }

    /// The same body with another protected header, rightly signed.
    fn with_header(&self, header: impl AsRef<[u8]>) -> Delivery {
        self.with_token(self.key.sign_with_header(header, self.body))
    }

    /// The 64 bytes of the signature.
    fn signature_bytes(&self) -> Vec<u8> {
        encoding::decode(&self.signature)
    }

    fn with_signature_bytes(&self, signature: &[u8]) -> Delivery {
        self.with_token(format!("{}..{}", self.header, encoding::encode(signature)))
    }
}

/// A list of faults: the name, the kind, the answer, and how one is forged.
macro_rules! faults {
    ($($name:ident $kind:ident $reply:ident $forge:expr;)*) => {
        pub(super) const FAULTS: &[super::Fault] = &[$(super::Fault {
            name: stringify!($name),
            kind: super::FaultKind::$kind,
            reply: topper_core::Reply::$reply,
            forge: $forge,
        }),*];
    };
}
use faults;
