//! What a fault would let in.

/// What gets in where a fault is accepted.
///
/// Each fault has one kind. A new kind is a breaking change: match all of them, without a wildcard.
#[expect(clippy::exhaustive_enums, reason = "who judges faults must judge every kind")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// An event from anyone: it has no signature.
    Unsigned,
    /// Another event under a signature that someone has seen.
    ChangedBody,
    /// The same event in other bytes than those that were signed.
    RewrittenBody,
    /// An event that is signed with a key of the attacker's choice.
    OtherKey,
    /// An event from anyone who has the public key: it is used as the secret of an HMAC.
    Hmac,
    /// An event under a signature that is not valid for any key.
    BrokenSignature,
    /// No forgery: the right key signed the right body, but the token is not as Topper writes it.
    OddToken,
}

impl FaultKind {
    topper_core::__listed! {
        /// All kinds.
        Unsigned, ChangedBody, RewrittenBody, OtherKey, Hmac, BrokenSignature, OddToken
    }
}
