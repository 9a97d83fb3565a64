//! Events that are not among the examples in Topper's webhook documentation.

use serde_json::json;
use topper_core::EventName;

use super::{EventBuilder, id};

/// Orders that you can get in production, but that are not among the examples in Topper's webhook
/// documentation: with other payment methods, states of an order that was given up, and recurring
/// orders.
///
/// Topper documents these payment networks and states, but shows no event with them. The amounts,
/// the ids, and the payment method's `type` (here the name of the network) are made up: your
/// receiver must not depend on them.
///
/// # Examples
///
/// ```
/// use topper_core::Envelope;
/// use topper_testkit::Fixture;
///
/// for fixture in Fixture::ALL {
///     for event in fixture.events() {
///         let envelope = Envelope::from_json(&event.to_json())?;
///         println!("{}: {}", fixture.name(), envelope.event()?.name());
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fixture {
    /// A purchase in BRL, paid with PIX.
    Pix,
    /// A purchase in EUR, paid by SEPA transfer.
    Sepa,
    /// A purchase in USD, paid with PayPal.
    PayPal,
    /// A purchase in USD, paid with Venmo.
    Venmo,
    /// A purchase in USD, paid with Apple Pay.
    ApplePay,
    /// A purchase in USD, paid with Google Pay.
    GooglePay,
    /// A sale paid out by SEPA transfer.
    SepaPayout,
    /// A purchase that expired with the status `cancelled`.
    Cancelled,
    /// A purchase that expired with the status `abandoned`.
    Abandoned,
    /// Three purchases a week apart from one session: three orders with one bootstrap token.
    Recurring,
}

impl Fixture {
    topper_core::__listed! {
        /// All fixtures.
        Pix,
        Sepa,
        PayPal,
        Venmo,
        ApplePay,
        GooglePay,
        SepaPayout,
        Cancelled,
        Abandoned,
        Recurring,
    }

    /// Returns a name for test output, such as `apple-pay`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pix => "pix",
            Self::Sepa => "sepa",
            Self::PayPal => "paypal",
            Self::Venmo => "venmo",
            Self::ApplePay => "apple-pay",
            Self::GooglePay => "google-pay",
            Self::SepaPayout => "sepa-payout",
            Self::Cancelled => "cancelled",
            Self::Abandoned => "abandoned",
            Self::Recurring => "recurring",
        }
    }

    /// Returns the events in the order in which they happen: one, or several for
    /// [`Recurring`](Self::Recurring).
    pub fn events(self) -> Vec<EventBuilder> {
        match self {
            Self::Pix => vec![paid_with(self.name(), "BRL")],
            Self::Sepa => vec![paid_with(self.name(), "EUR")],
            Self::PayPal | Self::Venmo | Self::ApplePay | Self::GooglePay => {
                vec![paid_with(self.name(), "USD")]
            }
            Self::SepaPayout => vec![
                EventBuilder::new(EventName::OrderCryptoOfframpCompleted)
                    .set("data.destination.paymentMethod", payment_method("sepa")),
            ],
            Self::Cancelled | Self::Abandoned => {
                vec![
                    EventBuilder::new(EventName::OrderCryptoOnrampExpired)
                        .set("data.status", self.name()),
                ]
            }
            Self::Recurring => recurring(),
        }
    }
}

fn paid_with(network: &str, currency: &str) -> EventBuilder {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .set("data.origin.paymentMethod", payment_method(network))
        .set("data.origin.asset", currency)
        .set("data.fees.0.asset", currency)
        .set("data.fees.1.asset", currency)
}

fn payment_method(network: &str) -> serde_json::Value {
    json!({"type": network, "network": network})
}

fn recurring() -> Vec<EventBuilder> {
    let bootstrap_token_id = id::fresh();
    ["2026-06-01", "2026-06-08", "2026-06-15"]
        .into_iter()
        .map(|day| {
            EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
                .bootstrap_token_id(&bootstrap_token_id)
                .set("data.createdAt", format!("{day}T09:15:27.120Z"))
                .updated_at(&format!("{day}T09:18:41.903Z"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use topper_core::{Envelope, event::OrderStatus};

    use super::*;

    fn decoded(fixture: Fixture) -> Vec<Envelope> {
        let events = fixture.events();
        events.iter().map(|event| Envelope::from_json(&event.to_json()).unwrap()).collect()
    }

    #[test]
    fn reads_every_fixture_and_encodes_it_to_equal_json() {
        let mut names = HashSet::new();
        for &fixture in Fixture::ALL {
            assert!(names.insert(fixture.name()));
            for event in fixture.events() {
                let envelope = Envelope::from_json(&event.to_json()).unwrap();
                assert!(envelope.event().unwrap().known_name().is_some(), "{}", fixture.name());
                assert_eq!(serde_json::to_value(&envelope).unwrap(), *event.value());
            }
        }
    }

    #[test]
    fn keeps_the_text_of_a_payment_network_and_of_a_status() {
        let [pix] = &decoded(Fixture::Pix)[..] else { unreachable!() };
        let order = pix.event().unwrap().onramp_order().unwrap();
        let method = order.origin.payment_method.as_ref().unwrap();
        assert_eq!((method.network.as_deref(), order.origin.asset.as_str()), (Some("pix"), "BRL"));

        let [abandoned] = &decoded(Fixture::Abandoned)[..] else { unreachable!() };
        let event = abandoned.event().unwrap();
        let status = &event.onramp_order().unwrap().status;
        assert_eq!(*status, OrderStatus::Unknown("abandoned".to_owned()));
        assert!(event.is_terminal());
    }

    #[test]
    fn has_three_orders_with_one_bootstrap_token() {
        let orders = decoded(Fixture::Recurring);
        let tokens: HashSet<_> = orders.iter().map(|order| order.bootstrap_token_id()).collect();
        let ids: HashSet<_> =
            orders.iter().map(|order| order.event().unwrap().order_id()).collect();
        assert_eq!((orders.len(), tokens.len(), ids.len()), (3, 1, 3));
    }
}
