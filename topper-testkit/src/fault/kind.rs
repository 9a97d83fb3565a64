//! What an attacker gains from a fault.

/// What an attacker gains if a receiver accepts a fault.
///
/// Each fault has one kind. A new kind is a breaking change: match all of them, without a wildcard.
#[expect(clippy::exhaustive_enums, reason = "who judges faults must judge every kind")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// An event from anyone: it has no signature.
    Unsigned,
    /// Another event with a signature that someone has captured.
    ChangedBody,
    /// The same event in other bytes than the signed ones.
    RewrittenBody,
    /// An event that is signed with a key of the attacker's choice.
    OtherKey,
    /// An event from anyone who has the public key, which is used as the secret of an HMAC.
    Hmac,
    /// An event with a signature that is not valid for any key.
    BrokenSignature,
    /// Not a forgery: the right key signed the right body, but Topper does not write such a token.
    OddToken,
}

impl FaultKind {
    topper_core::__listed! {
        /// All kinds.
        Unsigned, ChangedBody, RewrittenBody, OtherKey, Hmac, BrokenSignature, OddToken
    }
}
