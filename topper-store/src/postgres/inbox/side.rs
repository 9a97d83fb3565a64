//! A connection for what is asked seldom, and may take its time: made when it is first needed.

use std::sync::Arc;

use sqlx::postgres::{PgConnection, PgRow};
use tokio::sync::Mutex;

use super::message::Message;
use crate::{
    StoreError,
    postgres::{
        connector::Connector,
        error::{self, store_error},
    },
};

#[derive(Clone)]
pub(super) struct Side(Arc<Shared>);

struct Shared {
    connector: Connector,
    open: Mutex<Option<PgConnection>>,
}

impl Side {
    pub(super) fn new(connector: Connector) -> Self {
        Self(Arc::new(Shared { connector, open: Mutex::new(None) }))
    }

    /// The rows of a statement.
    pub(super) async fn ask(&self, statement: &str) -> Result<Vec<PgRow>, StoreError> {
        let mut open = self.0.open.lock().await;
        // When this is dropped meanwhile, so is the connection, which is in the midst of an answer.
        if let Some(mut connection) = open.take() {
            match Message::of(statement).run(&mut connection).await {
                Err(error) if error::is_broken(&error) => {}
                result => {
                    *open = Some(connection);
                    return rows(result);
                }
            }
        }
        let mut connection = self.0.connector.connect().await?.connection;
        let result = Message::of(statement).run(&mut connection).await;
        if !result.as_ref().is_err_and(error::is_broken) {
            *open = Some(connection);
        }
        rows(result)
    }
}

fn rows(result: Result<Vec<Vec<PgRow>>, sqlx::Error>) -> Result<Vec<PgRow>, StoreError> {
    Ok(result.map_err(store_error)?.into_iter().flatten().collect())
}
