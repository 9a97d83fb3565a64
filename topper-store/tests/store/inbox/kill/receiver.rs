//! The program that is killed: this test's own, started again with these variables. It accepts, or
//! works, or both.

use std::{env, ffi::OsString, fs::OpenOptions, net::SocketAddr, sync::Mutex, time::Duration};

use axum::{
    Router,
    extract::{FromRef, State},
    routing::post,
};
use topper_axum::{Verified, WebhookReply};
use topper_core::{Outcome, Retry, Verifier, Webhook};
use topper_store::{
    AnyInbox, Inbox, PostgresInbox, SqliteInbox,
    inbox::{InboxStore, Process, Worker},
};

use super::{
    runs::Runs,
    stopping::{Point, Stopping},
};
use crate::{
    ledger::{INSERT, Ledger, Open},
    program::say,
};

pub(super) const KEY: &str = "TOPPER_TEST_INBOX_KEY";
pub(super) const STORE: &str = "TOPPER_TEST_INBOX_STORE";
pub(super) const LEDGER: &str = "TOPPER_TEST_INBOX_LEDGER";
pub(super) const FOLDER: &str = "TOPPER_TEST_INBOX_FOLDER";
pub(super) const POINT: &str = "TOPPER_TEST_INBOX_POINT";
pub(super) const STAYS: &str = "TOPPER_TEST_INBOX_STAYS_MS";
const PORT: &str = "TOPPER_TEST_INBOX_PORT";
const WORKERS: &str = "TOPPER_TEST_INBOX_WORKERS";
const TERM: &str = "TOPPER_TEST_INBOX_TERM_MS";

/// What a program does.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// Where it accepts.
    pub(super) port: Option<u16>,
    /// Where it stops.
    pub(super) point: Option<Point>,
    /// How long it stays there the first time, in place of waiting to be killed.
    pub(super) stays: Option<Duration>,
    pub(super) workers: usize,
    pub(super) lease_term: Duration,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            port: None,
            point: None,
            stays: None,
            workers: 1,
            lease_term: Duration::from_secs(1),
        }
    }
}

impl Setting {
    pub(super) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let variables = [
            (PORT, self.port.map(|port| port.to_string())),
            (POINT, self.point.map(|point| point.name().to_owned())),
            (STAYS, self.stays.map(|time| time.as_millis().to_string())),
            (WORKERS, Some(self.workers.to_string())),
            (TERM, Some(self.lease_term.as_millis().to_string())),
        ];
        variables.into_iter().filter_map(|(name, value)| Some((name, value?.into()))).collect()
    }
}

fn number(variable: &str) -> u64 {
    env::var(variable).unwrap().parse().unwrap()
}

struct App<S> {
    verifier: Verifier,
    inbox: Inbox<S>,
}

impl<S> Clone for App<S> {
    fn clone(&self) -> Self {
        Self { verifier: self.verifier.clone(), inbox: self.inbox.clone() }
    }
}

impl<S> FromRef<App<S>> for Verifier {
    fn from_ref(app: &App<S>) -> Self {
        app.verifier.clone()
    }
}

async fn receive<S: InboxStore>(State(app): State<App<S>>, verified: Verified) -> WebhookReply {
    app.inbox.accept(&verified).await.into()
}

/// Not a test by itself: without the variables it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn runs_when_told_to() {
    let Ok(store) = env::var(STORE) else { return };
    log();
    let runs = Runs::of(folder("runs"));
    let ledger = Ledger::parse(&env::var(LEDGER).unwrap()).open().await;
    match ledger.clone() {
        Open::File(_) => {
            let inbox = Inbox::new(Stopping(AnyInbox::connect(&store).await.unwrap()));
            let worker = || {
                let (runs, ledger) = (runs.clone(), ledger.clone());
                inbox.work(move |webhook: Webhook| {
                    let (runs, ledger) = (runs.clone(), ledger.clone());
                    async move {
                        let id = webhook.id();
                        handle(&runs, &webhook, async { Ok(ledger.append(id)?) }).await
                    }
                })
            };
            serve(&inbox, worker).await;
        }
        Open::Sqlite(pool) => {
            let inbox = Inbox::new(Stopping(SqliteInbox::new(&pool).await.unwrap()));
            let worker = || {
                let runs = runs.clone();
                inbox.work_in_transaction(move |transaction, webhook| {
                    let runs = runs.clone();
                    Box::pin(async move {
                        let insert = sqlx::query(INSERT).bind(webhook.id().to_owned());
                        let effect = async {
                            insert.execute(&mut **transaction).await?;
                            Ok(())
                        };
                        handle(&runs, &webhook, effect).await
                    })
                })
            };
            serve(&inbox, worker).await;
        }
        Open::Postgres(pool) => {
            let inbox = Inbox::new(Stopping(PostgresInbox::new(&pool).await.unwrap()));
            let worker = || {
                let runs = runs.clone();
                inbox.work_in_transaction(move |transaction, webhook| {
                    let runs = runs.clone();
                    Box::pin(async move {
                        let insert = sqlx::query(INSERT).bind(webhook.id().to_owned());
                        let effect = async {
                            insert.execute(&mut **transaction).await?;
                            Ok(())
                        };
                        handle(&runs, &webhook, effect).await
                    })
                })
            };
            serve(&inbox, worker).await;
        }
    }
}

/// The work of a handler.
async fn handle(
    runs: &Runs,
    webhook: &Webhook,
    effect: impl Future<Output = Result<(), Retry>>,
) -> Result<Outcome, Retry> {
    runs.write("start", webhook)?;
    Point::InHandler.reach().await;
    // Not the same for all.
    let time = webhook.id().bytes().map(u64::from).sum::<u64>() % 5;
    tokio::time::sleep(Duration::from_millis(time)).await;
    effect.await?;
    runs.write("end", webhook)?;
    Point::AfterHandler.reach().await;
    Ok(Outcome::Processed)
}

async fn serve<S: InboxStore, P: Process<S>>(inbox: &Inbox<S>, worker: impl Fn() -> Worker<S, P>) {
    let term = Duration::from_millis(number(TERM));
    for _ in 0..number(WORKERS) {
        drop(worker().concurrency(4).lease_term(term).start());
    }
    let Ok(port) = env::var(PORT) else {
        say("started");
        return std::future::pending().await;
    };
    let verifier = Verifier::new(&env::var(KEY).unwrap()).unwrap();
    let app = App { verifier, inbox: inbox.clone() };
    let address = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    say("started");
    let app = Router::new().route("/", post(receive)).with_state(app);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
}

fn folder(name: &str) -> std::path::PathBuf {
    std::path::PathBuf::from(env::var_os(FOLDER).unwrap()).join(name)
}

/// Errors go to a file.
fn log() {
    let file = OpenOptions::new().create(true).append(true).open(folder("log")).unwrap();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::ERROR)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .init();
}
