//! Transactions for handlers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{
    PgPool, Postgres, Row as _, Transaction,
    postgres::{PgConnection, PgPoolOptions},
};
use tokio::sync::Mutex;

use crate::{
    StoreError,
    postgres::{connector::Connector, error::store_error},
};

/// As many as a worker runs handlers in transactions by default.
const CONNECTIONS: u32 = 16;
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long another handler's connection is waited for. The lease is renewed meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// At a higher level the event could not be marked any more once its lease was renewed.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Where transactions are begun: a pool of the program's own, or one that is made when it is needed.
#[derive(Clone)]
pub(super) enum Transactions {
    Given(PgPool),
    Own(Arc<Own>),
}

pub(super) struct Own {
    connector: Connector,
    pool: Mutex<Option<PgPool>>,
}

impl Transactions {
    pub(super) fn own(connector: Connector) -> Self {
        Self::Own(Arc::new(Own { connector, pool: Mutex::new(None) }))
    }

    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        match self {
            Self::Given(pool) => pool.begin_with(BEGIN).await.map_err(store_error),
            Self::Own(own) => own.begin().await,
        }
    }
}

impl Own {
    async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let started = Instant::now();
        loop {
            let pool = self.pool().await?;
            match pool.begin_with(BEGIN).await {
                Ok(transaction) => return Ok(transaction),
                // Other handlers have them all.
                Err(sqlx::Error::PoolTimedOut)
                    if pool.size() >= CONNECTIONS && started.elapsed() < PATIENCE => {}
                Err(error) => {
                    // Another of several hosts may be the primary now. What is begun goes on.
                    *self.pool.lock().await = None;
                    return Err(store_error(error));
                }
            }
        }
    }

    async fn pool(&self) -> Result<PgPool, StoreError> {
        let mut made = self.pool.lock().await;
        if let Some(pool) = &*made {
            return Ok(pool.clone());
        }
        let options = self.connector.writable().await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_slow_threshold(Duration::MAX)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(can_write(connection)))
            .acquire_timeout(CONNECT_TIME)
            .connect_lazy_with(options);
        *made = Some(pool.clone());
        Ok(pool)
    }
}

/// After a failover a connection may lead to what is a standby now; then another is made.
async fn can_write(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = sqlx::raw_sql("SELECT current_setting('transaction_read_only') = 'off'")
        .fetch_one(connection)
        .await?;
    row.try_get(0)
}
