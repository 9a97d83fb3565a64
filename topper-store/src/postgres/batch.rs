//! What was asked at the same time, in one message, and so in one commit.

use std::time::Duration;

use futures_util::{StreamExt as _, pin_mut};
use sqlx::{AssertSqlSafe, Either, Row as _, postgres::PgConnection};

use super::{
    connector::Connected,
    error,
    statement::{self, Prepared, Statement},
};
use crate::{
    Seen,
    queue::{Ask, Asked, OnLease, Step, Verdict},
};

/// A connection, and what is known of it.
pub(super) struct Session {
    pub(super) connection: PgConnection,
    is_far: bool,
    is_prepared: bool,
    /// A pooler is between, or may be: what was prepared may be gone.
    is_pooled: bool,
}

impl From<Connected> for Session {
    fn from(Connected { connection, is_far, .. }: Connected) -> Self {
        Self { connection, is_far, is_prepared: false, is_pooled: false }
    }
}

/// What each that was asked found; `None` where a row is locked.
pub(super) type Answers<A> = Vec<Option<<A as Ask>::Answer>>;

/// What a connection can do.
pub(super) trait Run: Ask + Sized {
    /// An answer is waited for so long; a connection that has none by then is dropped.
    const TIME: Duration = Duration::from_secs(1);
    /// How much is asked at once.
    const MOST: usize = 64;

    /// Whether no delivery waits for it. Then it waits itself for a moment, for others to share its commit.
    fn can_wait(&self) -> bool {
        false
    }

    /// All of it, or, on an error, nothing.
    fn run(
        batch: &[Asked<Self>],
        session: &mut Session,
    ) -> impl Future<Output = Result<Answers<Self>, sqlx::Error>> + Send;
}

impl Run for OnLease {
    async fn run(batch: &[Asked], session: &mut Session) -> Result<Answers<Self>, sqlx::Error> {
        session.run(batch).await
    }
}

impl Session {
    async fn run(&mut self, batch: &[Asked]) -> Result<Answers<OnLease>, sqlx::Error> {
        if let [asked] = batch
            && !self.is_far
            && !self.is_pooled
        {
            match self.run_prepared(asked).await {
                Ok(Some(verdict)) => return Ok(vec![Some(verdict)]),
                Ok(None) => {}
                Err(error) if error::is_pooled(&error) => self.is_pooled = true,
                Err(error) => return Err(error),
            }
        }
        let mut found = Found::new(batch);
        // To a server that is near, what is new is claimed for less, and seldom something is not new.
        let is_cheap_first = !self.is_far && batch.len() > 1;
        let mut message = Message::default();
        for kind in [Kind::Complete, Kind::Renew, Kind::Release, Kind::Claim] {
            let statement = match kind {
                Kind::Claim if is_cheap_first => statement::INSERT,
                kind => kind.statement(),
            };
            message.add(kind, statement, batch);
        }
        message.run(&mut self.connection, &mut found).await?;
        if is_cheap_first {
            let left: Vec<&Asked> = found.missing(Kind::Claim).collect();
            if !left.is_empty() {
                let message = Message::of(Kind::Claim, statement::CLAIM, left.into_iter());
                message.run(&mut self.connection, &mut found).await?;
            }
        }
        Ok(found.verdicts())
    }

    /// One step, without parsing it again; `None` when it is to be asked otherwise.
    async fn run_prepared(&mut self, asked: &Asked) -> Result<Option<Verdict>, sqlx::Error> {
        let (statement, verdict) = match &asked.ask.step {
            Step::Claim(_) => (statement::INSERT_ONE, Verdict::New(Seen::first())),
            Step::Complete => (statement::COMPLETE_ONE, Verdict::Held),
            Step::Renew(_) | Step::Release(_) => return Ok(None),
        };
        if !self.is_prepared {
            let both = [statement::INSERT_ONE, statement::COMPLETE_ONE];
            let both = both.map(Prepared::prepare).join(";");
            sqlx::raw_sql(AssertSqlSafe(both)).execute(&mut self.connection).await?;
            self.is_prepared = true;
        }
        let execute = AssertSqlSafe(statement.execute(asked));
        match sqlx::raw_sql(execute).execute(&mut self.connection).await {
            Ok(result) => Ok((result.rows_affected() == 1).then_some(verdict)),
            Err(error) if error::is_locked(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A step without its term.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Claim,
    Renew,
    Complete,
    Release,
}

impl Kind {
    fn of(step: &Step) -> Self {
        match step {
            Step::Claim(_) => Self::Claim,
            Step::Renew(_) => Self::Renew,
            Step::Complete => Self::Complete,
            Step::Release(_) => Self::Release,
        }
    }

    fn statement(self) -> Statement {
        match self {
            Self::Claim => statement::CLAIM,
            Self::Renew => statement::RENEW,
            Self::Complete => statement::COMPLETE,
            Self::Release => statement::RELEASE,
        }
    }
}

/// Several statements, one for each kind of step that was asked.
#[derive(Default)]
struct Message {
    text: String,
    kinds: Vec<Kind>,
}

impl Message {
    fn of<'a>(kind: Kind, statement: Statement, asked: impl Iterator<Item = &'a Asked>) -> Self {
        Self { text: statement.over(asked), kinds: vec![kind] }
    }

    fn add(&mut self, kind: Kind, statement: Statement, batch: &[Asked]) {
        let mut asked = batch.iter().filter(|asked| Kind::of(&asked.ask.step) == kind).peekable();
        if asked.peek().is_none() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(';');
        }
        self.text.push_str(&statement.over(asked));
        self.kinds.push(kind);
    }

    async fn run(
        self,
        connection: &mut PgConnection,
        found: &mut Found<'_>,
    ) -> Result<(), sqlx::Error> {
        let mut kinds = self.kinds.into_iter();
        let Some(mut kind) = kinds.next() else { return Ok(()) };
        let results = sqlx::raw_sql(AssertSqlSafe(self.text)).fetch_many(connection);
        pin_mut!(results);
        // To the end, or the connection is left in the midst of it.
        while let Some(result) = results.next().await {
            match result? {
                Either::Right(row) => {
                    found.set(kind, row.try_get(0)?, statement::verdict(&row)?);
                }
                // The end of a statement.
                Either::Left(_) => kind = kinds.next().unwrap_or(kind),
            }
        }
        Ok(())
    }
}

/// What was found so far, of all that was asked.
struct Found<'a> {
    batch: &'a [Asked],
    verdicts: Vec<Option<Option<Verdict>>>,
}

impl<'a> Found<'a> {
    fn new(batch: &'a [Asked]) -> Self {
        Self { batch, verdicts: vec![None; batch.len()] }
    }

    fn set(&mut self, kind: Kind, owner: Vec<u8>, found: Option<Verdict>) {
        for (asked, verdict) in self.batch.iter().zip(&mut self.verdicts) {
            if Kind::of(&asked.ask.step) == kind && asked.ask.lease.owner() == owner {
                *verdict = Some(found);
            }
        }
    }

    fn missing(&self, kind: Kind) -> impl Iterator<Item = &'a Asked> {
        self.batch
            .iter()
            .zip(&self.verdicts)
            .filter(move |(asked, verdict)| verdict.is_none() && Kind::of(&asked.ask.step) == kind)
            .map(|(asked, _)| asked)
    }

    /// Of what no row tells, there is no lease.
    fn verdicts(self) -> Answers<OnLease> {
        self.verdicts.into_iter().map(|verdict| verdict.unwrap_or(Some(Verdict::Lost))).collect()
    }
}
