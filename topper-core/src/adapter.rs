//! What every adapter implements in the same way, for its own types.

/// The methods of a verified delivery in every adapter.
#[doc(hidden)]
#[macro_export]
macro_rules! __verified {
    ($verified:ident $(<$marker:ident>)?) => {
        impl $(<$marker>)? $verified $(<$marker>)? {
            /// Runs a handler and returns the reply; see [`Webhook::handle`].
            ///
            /// The handler runs in its own task, so a dropped connection does not stop it half-way.
            pub async fn run<H, F>(self, handler: H) -> WebhookReply
            where
                H: FnOnce(Webhook) -> F + Send + 'static,
                F: Future<Output = Result<$crate::Outcome, $crate::Retry>> + Send + 'static,
            {
                let webhook = self.0.clone();
                let reply = ::tokio::spawn(self.0.handle(handler)).await;
                // A task that does not finish was dropped with its runtime.
                let ended = |_| $crate::internal::runtime_ended(&webhook, None);
                WebhookReply(reply.unwrap_or_else(ended))
            }
        }

        $crate::__verified_webhook!($verified $(<$marker>)?);
    };
}

/// The same without what needs tokio.
#[doc(hidden)]
#[macro_export]
macro_rules! __verified_webhook {
    ($verified:ident $(<$marker:ident>)?) => {
        impl $(<$marker>)? $verified $(<$marker>)? {
            /// Returns the verified webhook.
            pub fn into_inner(self) -> Webhook {
                self.0
            }
        }

        impl $(<$marker>)? ::std::ops::Deref for $verified $(<$marker>)? {
            type Target = Webhook;

            fn deref(&self) -> &Webhook {
                &self.0
            }
        }

        impl $(<$marker>)? From<$verified $(<$marker>)?> for Webhook {
            fn from(verified: $verified $(<$marker>)?) -> Self {
                verified.0
            }
        }
    };
}

/// The conversions into the reply type of every adapter.
#[doc(hidden)]
#[macro_export]
macro_rules! __webhook_reply {
    ($reply:ident) => {
        impl From<$crate::Reply> for $reply {
            fn from(reply: $crate::Reply) -> Self {
                Self(reply)
            }
        }

        impl From<$crate::Outcome> for $reply {
            fn from(outcome: $crate::Outcome) -> Self {
                Self(outcome.into())
            }
        }
    };
}
