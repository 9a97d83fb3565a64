//! How a handler is run for an event that was taken.

use std::sync::Arc;

use topper_core::{
    Outcome, Retry, Webhook,
    internal::{self, Ended},
};

use super::store::{InboxLease, InboxStore};

/// How the processing of an event ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Processed {
    /// The handler ended; the event is still to be marked.
    Ended(Ended),
    /// The handler is done with the event, and the store has marked it.
    Marked(Outcome),
    /// The handler's work was rolled back: another worker has the event.
    Lost,
}

/// What a worker runs for each event.
pub trait Process<S>: Send + Sync + 'static {
    /// Runs the handler, and catches its panics.
    fn process(
        &self,
        store: Arc<S>,
        lease: InboxLease,
        webhook: Webhook,
    ) -> impl Future<Output = Processed> + Send;
}

/// A handler, as passed to [`Inbox::work`](crate::Inbox::work).
#[derive(Debug)]
pub struct Handler<H>(pub(super) H);

impl<S, H, F> Process<S> for Handler<H>
where
    S: InboxStore,
    H: Fn(Webhook) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Outcome, Retry>> + Send + 'static,
{
    async fn process(&self, _: Arc<S>, _: InboxLease, webhook: Webhook) -> Processed {
        Processed::Ended(internal::run(webhook, &self.0).await)
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use transaction::{BoxFuture, InTransaction, TransactionalInbox};

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod transaction {
    use std::{pin::Pin, sync::Arc};

    use sqlx::{Database, Transaction};
    use topper_core::{
        Outcome, Retry, Webhook,
        internal::{self, Ended},
    };

    use super::{Process, Processed};
    use crate::{
        StoreError,
        inbox::{
            event::NewEvent,
            store::{Acceptance, InboxLease, InboxStore},
        },
    };

    /// The future that a handler in a transaction returns.
    pub type BoxFuture<'t> = Pin<Box<dyn Future<Output = Result<Outcome, Retry>> + Send + 't>>;

    /// An inbox in a database with transactions, for [`Inbox::accept_in`] and
    /// [`Inbox::work_in_transaction`].
    ///
    /// [`Inbox::accept_in`]: crate::Inbox::accept_in
    /// [`Inbox::work_in_transaction`]: crate::Inbox::work_in_transaction
    pub trait TransactionalInbox: InboxStore {
        /// The database's type in sqlx.
        type Database: Database;

        /// Begins a transaction that can write.
        ///
        /// # Errors
        ///
        /// When the database fails.
        fn begin(
            &self,
        ) -> impl Future<Output = Result<Transaction<'static, Self::Database>, StoreError>> + Send;

        /// Does the same as [`InboxStore::accept`], in a transaction.
        ///
        /// # Errors
        ///
        /// When the database fails.
        fn accept_in(
            transaction: &mut Transaction<'_, Self::Database>,
            event: &NewEvent,
        ) -> impl Future<Output = Result<Acceptance, StoreError>> + Send;

        /// Marks an event as done in a transaction; `false` if the lease is lost.
        ///
        /// # Errors
        ///
        /// When the database fails.
        fn complete_in(
            transaction: &mut Transaction<'_, Self::Database>,
            lease: &InboxLease,
        ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    }

    /// A handler, as passed to [`Inbox::work_in_transaction`](crate::Inbox::work_in_transaction).
    #[derive(Debug)]
    pub struct InTransaction<H>(pub(in crate::inbox) H);

    impl<S, H> Process<S> for InTransaction<H>
    where
        S: TransactionalInbox,
        H: for<'t> Fn(&'t mut Transaction<'static, S::Database>, Webhook) -> BoxFuture<'t>
            + Send
            + Sync
            + 'static,
    {
        async fn process(&self, store: Arc<S>, lease: InboxLease, webhook: Webhook) -> Processed {
            match self.attempt(&*store, &lease, webhook).await {
                Ok(processed) => processed,
                // What was not committed is rolled back.
                Err(error) => Processed::Ended(Ended::Failed(error.into())),
            }
        }
    }

    impl<H> InTransaction<H> {
        async fn attempt<S>(
            &self,
            store: &S,
            lease: &InboxLease,
            webhook: Webhook,
        ) -> Result<Processed, StoreError>
        where
            S: TransactionalInbox,
            H: for<'t> Fn(&'t mut Transaction<'static, S::Database>, Webhook) -> BoxFuture<'t>
                + Send
                + Sync,
        {
            let mut transaction = store.begin().await?;
            let ended = internal::run(webhook, |webhook| (self.0)(&mut transaction, webhook)).await;
            let outcome = match ended {
                Ended::Outcome(outcome) if !ended.reply().is_retried() => outcome,
                ended => return Ok(Processed::Ended(ended)),
            };
            if !S::complete_in(&mut transaction, lease).await? {
                return Ok(Processed::Lost);
            }
            transaction.commit().await.map_err(StoreError::new)?;
            Ok(Processed::Marked(outcome))
        }
    }
}
