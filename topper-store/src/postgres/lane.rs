//! Connections, each of which takes what has been asked since it was last free, and all of which are
//! kept ready.

use std::{sync::Arc, time::Duration};

use sqlx::Connection as _;
use tokio::{
    select,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{
    batch::{Answers, Run, Session},
    connector::{ConnectFailure, Connected, Connector},
    error::{self, store_error},
    shared::Shared,
};
use crate::{
    StoreError,
    queue::{Asked, Asking, Trouble},
};

/// What was asked of a connection that broke is asked once more, if there is another by then.
const RECONNECT_TIME: Duration = Duration::from_millis(400);
/// How long what can wait waits for others.
const GATHER: Duration = Duration::from_millis(1);
/// The time between attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Starts so many connections, the first of which may be there.
pub(super) fn start<A: Run>(
    connector: Connector,
    mut first: Option<Connected>,
    asking: Asking<A>,
    trouble: Trouble,
    count: usize,
) {
    let shared = Shared::new(connector, asking, trouble, count);
    for _ in 0..count {
        let lane = Lane { shared: Arc::clone(&shared), connecting: None, open: None };
        tokio::spawn(lane.run(first.take()));
    }
}

struct Lane<A: Run> {
    shared: Arc<Shared<A>>,
    connecting: Option<JoinHandle<Result<Connected, ConnectFailure>>>,
    open: Option<Open>,
}

struct Open {
    session: Session,
    era: u64,
}

impl<A: Run> Lane<A> {
    /// Runs until no one can ask any more.
    async fn run(mut self, first: Option<Connected>) {
        let mut eras = self.shared.era.subscribe();
        if let Some(first) = first {
            self.opened(first, 0);
        }
        let mut batch = Vec::with_capacity(A::MOST);
        loop {
            let era = eras.borrow_and_update().number;
            if self.open.as_ref().is_none_or(|open| open.era != era) {
                self.open = None;
                let shared = Arc::clone(&self.shared);
                select! {
                    () = self.connect() => continue,
                    // There is no one to connect for.
                    () = shared.asking.ended() => return,
                }
            }
            let count = select! {
                biased;
                _ = eras.changed() => continue,
                count = self.shared.asking.recv_many(&mut batch, A::MOST) => count,
            };
            if count == 0 {
                break;
            }
            if batch.iter().all(|asked| asked.ask.can_wait()) {
                sleep(GATHER).await;
                self.shared.asking.take_more(&mut batch, A::MOST);
            }
            batch.retain(Asked::take);
            if !batch.is_empty() {
                self.answer(&mut batch).await;
            }
        }
        if let Some(open) = self.open.take() {
            // All that was asked is answered; an error here changes nothing.
            drop(open.session.connection.close().await);
        }
    }

    fn opened(&mut self, connected: Connected, era: u64) {
        self.shared.is_there(era);
        self.open = Some(Open { session: connected.into(), era });
    }

    /// Until there is a connection. What was begun goes on when this is dropped.
    async fn connect(&mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let era = self.shared.era.borrow().number;
            let connecting = self.connecting.get_or_insert_with(|| {
                let shared = Arc::clone(&self.shared);
                tokio::spawn(async move { shared.connector.connect().await })
            });
            let connected = connecting.await;
            self.connecting = None;
            match connected {
                Ok(Ok(connected)) => return self.opened(connected, era),
                Ok(Err(failure)) => self.shared.could_not_connect(failure.into()),
                // The runtime ends.
                Err(_) => {}
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn answer(&mut self, batch: &mut Vec<Asked<A>>) {
        let result = match self.attempt(batch).await {
            Err(Failure::Broken(error)) => match timeout(RECONNECT_TIME, self.connect()).await {
                Ok(()) => self.attempt(batch).await,
                Err(_) => Err(Failure::Other(error)),
            },
            Err(Failure::Conflict(_)) => self.attempt(batch).await,
            // One of them waits for a lock: the others must not wait with it.
            Err(Failure::Locked(_)) if batch.len() > 1 => {
                for asked in batch.drain(..) {
                    let mut one = vec![asked];
                    let result = self.attempt(&one).await;
                    answer(&mut one, result);
                }
                return;
            }
            result => result,
        };
        answer(batch, result);
    }

    async fn attempt(&mut self, batch: &[Asked<A>]) -> Result<Answers<A>, Failure> {
        let Some(mut open) = self.open.take() else {
            return Err(Failure::Other(self.shared.why()));
        };
        match timeout(A::TIME, A::run(batch, &mut open.session)).await {
            Ok(Err(error)) if error::is_broken(&error) => {
                let error = store_error(error);
                self.shared.lost(open.era, &error);
                Err(Failure::Broken(error))
            }
            Ok(result) => {
                self.open = Some(open);
                result.map_err(Failure::of)
            }
            Err(_) => {
                let error = StoreError::new(NoAnswer(A::TIME));
                self.shared.lost(open.era, &error);
                Err(Failure::Other(error))
            }
        }
    }
}

enum Failure {
    /// The connection is useless, and has been dropped.
    Broken(StoreError),
    Conflict(StoreError),
    Locked(StoreError),
    Other(StoreError),
}

impl Failure {
    fn of(error: sqlx::Error) -> Self {
        if error::is_conflict(&error) {
            Self::Conflict(store_error(error))
        } else if error::is_locked(&error) {
            Self::Locked(store_error(error))
        } else {
            Self::Other(store_error(error))
        }
    }
}

fn answer<A: Run>(batch: &mut Vec<Asked<A>>, result: Result<Answers<A>, Failure>) {
    match result {
        Ok(answers) => {
            for (asked, found) in batch.drain(..).zip(answers) {
                asked.answer(found.ok_or_else(|| StoreError::new(Locked)));
            }
        }
        Err(
            Failure::Broken(error)
            | Failure::Conflict(error)
            | Failure::Locked(error)
            | Failure::Other(error),
        ) => {
            for asked in batch.drain(..) {
                asked.answer(Err(error.clone()));
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("another transaction has locked the event's row")]
struct Locked;

#[derive(Debug, thiserror::Error)]
#[error("no answer from PostgreSQL within {} s", .0.as_secs())]
pub(super) struct NoAnswer(pub(super) Duration);
