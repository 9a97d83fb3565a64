//! axum with a store: `Once` and `Inbox`, and one `INSERT .. ON CONFLICT` a request by hand.
//!
//! By hand, `once` keeps the ids alone, and `inbox` the whole event. The inbox has no worker here: it would be
//! another program, which the one by hand would need as well.

use std::{str::FromStr as _, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRef, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use topper::{
    Verifier,
    axum::{Verified, WebhookReply},
    store::{
        AnyStore, Inbox, Once,
        sqlx::{
            self, Executor as _, PgPool, SqlitePool,
            postgres::PgPoolOptions,
            sqlite::{
                SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
            },
        },
    },
};
use topper_benchmarks::{
    PATH,
    by_hand::{self, HEADER, Key, LIMIT},
};

use crate::{Result, axum::serve, process};

#[derive(Clone)]
struct Ours<S> {
    verifier: Verifier,
    store: S,
}

impl<S> FromRef<Ours<S>> for Verifier {
    fn from_ref(ours: &Ours<S>) -> Self {
        ours.verifier.clone()
    }
}

pub(crate) async fn once(verifier: Verifier, url: &str) -> Result<()> {
    type App = Ours<Once<AnyStore>>;
    async fn receive(State(app): State<App>, verified: Verified) -> WebhookReply {
        app.store.run(verified, process).await.into()
    }
    let app = Ours { verifier, store: Once::new(AnyStore::connect(url).await?) };
    serve(Router::new().route(PATH, post(receive)).with_state(app)).await
}

pub(crate) async fn inbox(verifier: Verifier, url: &str) -> Result<()> {
    async fn receive(State(app): State<Ours<Inbox>>, verified: Verified) -> WebhookReply {
        app.store.accept(&verified).await.into()
    }
    let app = Ours { verifier, store: Inbox::open(url).await? };
    serve(Router::new().route(PATH, post(receive)).with_state(app)).await
}

#[derive(Clone)]
struct ByHand {
    key: Arc<Key>,
    table: Table,
    /// Whether the whole event is stored.
    is_inbox: bool,
}

#[derive(Clone)]
enum Table {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

pub(crate) async fn once_by_hand(key: Arc<Key>, url: &str) -> Result<()> {
    serve_by_hand(ByHand { key, table: Table::open(url).await?, is_inbox: false }).await
}

pub(crate) async fn inbox_by_hand(key: Arc<Key>, url: &str) -> Result<()> {
    serve_by_hand(ByHand { key, table: Table::open(url).await?, is_inbox: true }).await
}

async fn serve_by_hand(app: ByHand) -> Result<()> {
    let router = Router::new().route(PATH, post(receive)).with_state(app);
    serve(router.layer(DefaultBodyLimit::max(LIMIT))).await
}

async fn receive(
    State(app): State<ByHand>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let token = headers.get(HEADER).map(|value| value.as_bytes());
    let Some(verified) = app.key.verify(token, &body) else {
        return (StatusCode::UNAUTHORIZED, "unauthorized");
    };
    let is_new = match app.is_inbox {
        true => {
            let values = (verified.name.as_str(), token.unwrap_or_default(), body.as_ref());
            app.table.insert_event(&verified.id, values).await
        }
        false => app.table.insert_id(&verified.id).await,
    };
    match is_new {
        Ok(true) if app.is_inbox => (StatusCode::OK, "accepted"),
        Ok(true) => (StatusCode::OK, by_hand::process(&verified)),
        Ok(false) => (StatusCode::OK, "duplicate"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "retry"),
    }
}

const ID: &str = "INSERT INTO event (id) VALUES ($1) ON CONFLICT DO NOTHING";
const EVENT: &str = "INSERT INTO inbox (id, name, signature, body) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT DO NOTHING";

impl Table {
    /// As durable as ours: what was answered is on the disk.
    async fn open(url: &str) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full);
            // SQLite has one writer: more connections would only wait for each other.
            let pool = SqlitePoolOptions::new()
                .max_connections(1)
                .test_before_acquire(false)
                .connect_with(options)
                .await?;
            pool.execute(
                "CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, \
                 received_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT, WITHOUT ROWID; \
                 CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY, name TEXT NOT NULL, \
                 signature BLOB NOT NULL, body BLOB NOT NULL, \
                 received_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT",
            )
            .await?;
            return Ok(Self::Sqlite(pool));
        }
        let pool = PgPoolOptions::new()
            .max_connections(10)
            .test_before_acquire(false)
            .connect(url)
            .await?;
        pool.execute(
            "CREATE TABLE IF NOT EXISTS event (id text PRIMARY KEY, \
             received_at timestamptz NOT NULL DEFAULT now()); \
             CREATE TABLE IF NOT EXISTS inbox (id text PRIMARY KEY, name text NOT NULL, \
             signature bytea NOT NULL, body bytea NOT NULL, \
             received_at timestamptz NOT NULL DEFAULT now())",
        )
        .await?;
        Ok(Self::Postgres(pool))
    }

    /// Whether the id was not there yet.
    async fn insert_id(&self, id: &str) -> sqlx::Result<bool> {
        let rows = match self {
            Self::Sqlite(pool) => sqlx::query(ID).bind(id).execute(pool).await?.rows_affected(),
            Self::Postgres(pool) => sqlx::query(ID).bind(id).execute(pool).await?.rows_affected(),
        };
        Ok(rows == 1)
    }

    /// Whether the event was not there yet; its name, its signature and its body.
    async fn insert_event(&self, id: &str, values: (&str, &[u8], &[u8])) -> sqlx::Result<bool> {
        let (name, signature, body) = values;
        let rows = match self {
            Self::Sqlite(pool) => {
                let query = sqlx::query(EVENT).bind(id).bind(name).bind(signature).bind(body);
                query.execute(pool).await?.rows_affected()
            }
            Self::Postgres(pool) => {
                let query = sqlx::query(EVENT).bind(id).bind(name).bind(signature).bind(body);
                query.execute(pool).await?.rows_affected()
            }
        };
        Ok(rows == 1)
    }
}
