//! The events of an order or a user, from the first to the last.

use topper_core::EventName;

use crate::event::{EventBuilder, fresh_id};

/// The life of an order or a user, as the events that Topper sends about it.
///
/// # Examples
///
/// ```
/// use topper_testkit::Lifecycle;
///
/// let names: Vec<String> =
///     Lifecycle::OnrampFailed.events().iter().map(|event| event.name().to_owned()).collect();
/// assert_eq!(names, ["order:crypto-onramp:committed", "order:crypto-onramp:failed"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lifecycle {
    /// Crypto is bought: committed, charged, crypto sent, completed.
    Onramp,
    /// A purchase fails after the user was charged: committed, charged, failed, refund completed.
    OnrampRefunded,
    /// A purchase fails at once: committed, failed.
    OnrampFailed,
    /// Crypto is sold: committed, funds sent, funds received, completed.
    Offramp,
    /// A user appears: created, logged in, identity check initiated, identity check succeeded.
    User,
}

impl Lifecycle {
    topper_core::__listed! {
        /// All lifecycles.
        Onramp, OnrampRefunded, OnrampFailed, Offramp, User
    }

    /// Returns the events in the order in which they happen. They are about one new order or user,
    /// and one minute apart.
    pub fn events(&self) -> Vec<EventBuilder> {
        let subject = fresh_id();
        let subject_path = if *self == Self::User { "data.user.id" } else { "data.id" };
        let bootstrap_token_id = fresh_id();
        self.names()
            .iter()
            .enumerate()
            .map(|(minute, &name)| {
                EventBuilder::new(name)
                    .bootstrap_token_id(&bootstrap_token_id)
                    .set(subject_path, subject.as_str())
                    .updated_at(&format!("2026-03-02T09:{:02}:27.120Z", 15 + minute))
            })
            .collect()
    }

    fn names(self) -> &'static [EventName] {
        match self {
            Self::Onramp => &[
                EventName::OrderCryptoOnrampCommitted,
                EventName::OrderCryptoOnrampCharged,
                EventName::OrderCryptoOnrampCryptoSent,
                EventName::OrderCryptoOnrampCompleted,
            ],
            Self::OnrampRefunded => &[
                EventName::OrderCryptoOnrampCommitted,
                EventName::OrderCryptoOnrampCharged,
                EventName::OrderCryptoOnrampFailed,
                EventName::OrderCryptoOnrampRefundCompleted,
            ],
            Self::OnrampFailed => {
                &[EventName::OrderCryptoOnrampCommitted, EventName::OrderCryptoOnrampFailed]
            }
            Self::Offramp => &[
                EventName::OrderCryptoOfframpCommitted,
                EventName::OrderCryptoOfframpFundsSent,
                EventName::OrderCryptoOfframpFundsReceived,
                EventName::OrderCryptoOfframpCompleted,
            ],
            Self::User => &[
                EventName::UserCreated,
                EventName::UserLoggedIn,
                EventName::UserKycIdentityInitiated,
                EventName::UserKycIdentitySucceeded,
            ],
        }
    }
}
