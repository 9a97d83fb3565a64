//! Describes in one line what was received.

use std::error::Error as _;

use topper::{Event, Webhook};

use crate::Seen;

pub(crate) fn seen(seen: &Seen) -> String {
    match seen {
        Ok(webhook) => event(webhook),
        Err(rejection) => {
            let reply = rejection.0.reply();
            let cause = rejection.0.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            let then =
                if reply.is_retried() { "Topper would retry" } else { "Topper would not retry" };
            format!("{}{cause}; {then}", rejection.0)
        }
    }
}

fn event(webhook: &Webhook) -> String {
    use Event::*;
    let event = match webhook.event() {
        Ok(event) => event,
        Err(error) => return error.to_string(),
    };
    match event {
        OrderCryptoOnrampCommitted(order)
        | OrderCryptoOnrampCharged(order)
        | OrderCryptoOnrampCryptoSent(order)
        | OrderCryptoOnrampCompleted(order) => format!(
            "{}: {} {} for {} {}",
            order.status.as_str(),
            order.destination.amount.as_str(),
            order.destination.asset,
            order.origin.amount.as_str(),
            order.origin.asset,
        ),
        OrderCryptoOfframpCommitted(order)
        | OrderCryptoOfframpFundsSent(order)
        | OrderCryptoOfframpFundsReceived(order)
        | OrderCryptoOfframpCompleted(order) => format!(
            "{}: {} {} for {} {}",
            order.status.as_str(),
            order.destination.amount.as_str(),
            order.destination.asset,
            order.origin.amount.as_str(),
            order.origin.asset,
        ),
        UserCreated(user) => {
            format!("user {} created at {}", user.user.id, user.user.created_at.as_str())
        }
        UserLoggedIn(user) => {
            format!("user {} logged in with {}", user.user.id, user.authentication_method.as_str())
        }
        UserKycIdentityInitiated(check) => format!("user {}: check initiated", check.user.id),
        UserKycIdentitySucceeded(check) => format!("user {}: check succeeded", check.user.id),
        Unknown(event) => format!("unknown event with {} bytes of data", event.data().len()),
        other => other.name().to_owned(),
    }
}
