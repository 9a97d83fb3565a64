//! How a connection is made, and why one could not be.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, Connection as _, Row as _,
    postgres::{PgConnectOptions, PgConnection},
};
use tokio::{
    net::lookup_host,
    time::{Instant, timeout_at},
};

use super::error;
use crate::{
    StoreError,
    cause::{Cause, ConnectError},
};

/// Making a connection may take so long, since a handshake is several round trips.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// More than a server in the same place takes. From there on each round trip counts, and parsing a
/// statement does not.
const FAR: Duration = Duration::from_millis(20);

/// Makes connections that can be written to.
#[derive(Clone)]
pub(super) struct Connector(Arc<[PgConnectOptions]>);

/// A connection that was made.
pub(super) struct Connected {
    pub(super) connection: PgConnection,
    /// Whether a round trip takes longer than parsing statements.
    pub(super) is_far: bool,
    /// What it was connected with.
    options: PgConnectOptions,
}

impl Connector {
    pub(super) fn new(hosts: Vec<PgConnectOptions>) -> Self {
        let options = |host: PgConnectOptions| {
            let host = match host.get_application_name() {
                Some(_) => host,
                None => host.application_name("topper-store"),
            };
            // PgBouncer refuses this parameter, and nothing here is a float.
            host.extra_float_digits(None).disable_statement_logging()
        };
        Self(hosts.into_iter().map(options).collect())
    }

    /// To the first of the hosts that can be written to.
    pub(super) async fn connect(&self) -> Result<Connected, ConnectFailure> {
        let mut failures = Vec::new();
        for options in &*self.0 {
            match connect_to(options).await {
                Ok(connected) => return Ok(connected),
                Err(cause) => failures.push((address(options), cause)),
            }
        }
        Err(ConnectFailure(failures))
    }

    /// What to connect with to the first of the hosts that can be written to.
    pub(super) async fn writable(&self) -> Result<PgConnectOptions, ConnectFailure> {
        if let [only] = &*self.0 {
            return Ok(only.clone());
        }
        let Connected { connection, options, .. } = self.connect().await?;
        // It makes no difference whether it ends in good order.
        drop(connection.close().await);
        Ok(options)
    }
}

/// Why no host could be connected to.
pub(super) struct ConnectFailure(Vec<(String, Cause)>);

impl ConnectFailure {
    /// Whether it may be possible in a moment.
    pub(super) fn is_passing(&self) -> bool {
        // A standby may become the primary.
        let can_pass = |cause: &Cause| cause.is_passing() || matches!(cause, Cause::Unusable(_));
        self.0.iter().any(|(_, cause)| can_pass(cause))
    }
}

impl From<ConnectFailure> for StoreError {
    fn from(ConnectFailure(failures): ConnectFailure) -> Self {
        let errors = failures.into_iter().map(|(address, cause)| ConnectError { address, cause });
        let errors: Vec<_> = errors.map(|error| error.to_string()).collect();
        // A server's answer may have the name of a database in it, and so any character.
        Self::new(errors.join("; ").replace(char::is_control, " "))
    }
}

async fn connect_to(options: &PgConnectOptions) -> Result<Connected, Cause> {
    let deadline = Instant::now() + CONNECT_TIME;
    look_up(options, deadline).await?;
    let connected = async {
        let mut connection = options.connect().await?;
        let started = Instant::now();
        let row = sqlx::raw_sql(
            "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'",
        )
        .fetch_one(&mut connection)
        .await?;
        let is_far = started.elapsed() > FAR;
        Ok((connection, is_far, row.try_get::<bool, _>(0)?, row.try_get::<bool, _>(1)?))
    };
    let (connection, is_far, is_standby, is_read_only) = match timeout_at(deadline, connected).await
    {
        Ok(Ok(connected)) => connected,
        Ok(Err(error)) => return Err(cause(options, &error)),
        Err(_) => return Err(Cause::TooSlow(CONNECT_TIME)),
    };
    let what = match (is_standby, is_read_only) {
        (true, _) => "the server is a standby, which is read-only; connect to the primary",
        (_, true) => {
            "the server is read-only (`default_transaction_read_only` is on); connect to a writable \
             server"
        }
        _ => return Ok(Connected { connection, is_far, options: options.clone() }),
    };
    // It makes no difference whether it ends in good order.
    drop(connection.close().await);
    Err(Cause::Unusable(what.to_owned()))
}

/// Looks the name of a host up, only to know that it can be: a DNS that does not answer is not a server
/// that does not.
async fn look_up(options: &PgConnectOptions, deadline: Instant) -> Result<(), Cause> {
    if folder(options).is_some() {
        return Ok(());
    }
    let found = lookup_host((options.get_host(), options.get_port()));
    answered(async { found.await.map(drop) }, deadline).await
}

async fn answered(
    answer: impl Future<Output = io::Result<()>>,
    deadline: Instant,
) -> Result<(), Cause> {
    match timeout_at(deadline, answer).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Cause::HostNotFound),
        Err(_) => Err(Cause::NoDns(CONNECT_TIME)),
    }
}

/// Where a server is, for a message.
fn address(options: &PgConnectOptions) -> String {
    let (host, port) = (options.get_host(), options.get_port());
    match folder(options) {
        Some(folder) => folder.join(format!(".s.PGSQL.{port}")).display().to_string(),
        None if host.contains(':') => format!("[{host}]:{port}"),
        None => format!("{host}:{port}"),
    }
}

/// Where the socket of a server on the same machine is.
fn folder(options: &PgConnectOptions) -> Option<&Path> {
    let host = options.get_host();
    let folder = host.starts_with('/').then(|| Path::new(host));
    options.get_socket().map(PathBuf::as_path).or(folder)
}

fn cause(options: &PgConnectOptions, error: &sqlx::Error) -> Cause {
    if let Some(cause) = error::refusal(error) {
        return cause;
    }
    // The files are read for each connection.
    if let sqlx::Error::Io(error) = error
        && error.kind() == io::ErrorKind::NotFound
        && folder(options).is_none()
    {
        return Cause::Tls(format!("a certificate or key file cannot be read: {error}"));
    }
    if let Some(cause) = Cause::find(error) {
        return cause;
    }
    if let sqlx::Error::Tls(error) = error {
        // sqlx has no type for it.
        return match error.to_string().as_str() {
            "server does not support TLS" => Cause::NotTls,
            error => Cause::Tls(error.to_owned()),
        };
    }
    match error {
        // sqlx takes the end of the connection for an answer.
        sqlx::Error::Protocol(what) if what.contains("SSLRequest: 0x00") => Cause::Closed,
        sqlx::Error::Protocol(_) => Cause::Other(
            "the server does not speak the PostgreSQL protocol; check the host and the port"
                .to_owned(),
        ),
        // This error has no kind, and sqlx looks the name up by itself, once more.
        sqlx::Error::Io(io) if io.to_string().contains("failed to lookup") => Cause::HostNotFound,
        error => Cause::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
