//! Why a PostgreSQL server could not be connected to: the true cause, in one line, without a secret.

use std::{
    error::Error as _,
    net::SocketAddr,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, postgres::PgConnection};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::sleep,
};
use topper_store::{AnyStore, EventKey, Lease, Level, PostgresStore, Store as _};

use crate::{
    log::{Lines, run},
    server::{
        Port,
        postgres::{self, Own},
        secure::Secure,
    },
};

/// In no message.
const SECRET: &str = "SeCrEt";

/// Why a store is refused: the same in an error and in a report.
pub(crate) async fn refusal(url: &str) -> String {
    let (connected, report) = tokio::join!(AnyStore::connect(url), AnyStore::check(url));
    let error = connected.unwrap_err();
    let cause = error.source().unwrap();
    assert!(cause.source().is_none(), "{cause:?}");
    let cause = cause.to_string();
    assert!(!cause.contains(char::is_control), "{cause}");
    assert!(!cause.contains(SECRET), "{cause}");
    assert!(!report.is_usable());
    let failed = report.points().iter().find(|point| point.level == Level::Failed);
    assert_eq!(failed.unwrap().to_string(), format!("{}: {cause}", failed.unwrap().name));
    cause
}

fn url(address: impl ToString) -> String {
    format!(
        "postgres://{SECRET}:{SECRET}@{}/{SECRET}?options=-c%20a.b%3D{SECRET}",
        address.to_string()
    )
}

/// A server that does this with each connection.
async fn serve<F>(answer: fn(TcpStream) -> F) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address
}

async fn stays_silent(stream: TcpStream) {
    sleep(Duration::from_secs(60)).await;
    drop(stream);
}

async fn closes(stream: TcpStream) {
    drop(stream);
}

async fn speaks_http(mut stream: TcpStream) {
    let mut request = [0; 8];
    let _ = stream.read_exact(&mut request).await;
    let answer = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
    while stream.read(&mut request).await.is_ok_and(|length| length > 0) {}
}

/// A port whose queue is full, so that the system drops what would connect to it.
async fn full() -> (SocketAddr, Vec<TcpStream>, TcpListener) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let wait = Duration::from_millis(300);
    while let Ok(stream) = tokio::time::timeout(wait, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    (address, waiting, listener)
}

/// What may pass is waited for, for 10 s and not much longer.
#[tokio::test(flavor = "multi_thread")]
async fn is_said_of_what_may_pass_after_ten_seconds() {
    let Some(own) = postgres::database().await else { return };
    let (server, name) = own.rsplit_once('/').unwrap();
    let (_, address) = server.rsplit_once('@').unwrap();
    let mut admin = PgConnection::connect(&own).await.unwrap();
    for statement in [
        format!("CREATE ROLE none_{name} LOGIN CONNECTION LIMIT 0"),
        format!("CREATE ROLE reader_{name} LOGIN"),
        format!("ALTER ROLE reader_{name} SET default_transaction_read_only = on"),
    ] {
        admin.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let (port, folder) = (Port::reserve(), tempfile::tempdir().unwrap());
    let nobody = format!("127.0.0.1:{}", port.number());
    let (silent, closing) = (serve(stays_silent).await, serve(closes).await);
    let (full, _waiting, _listener) = full().await;
    let socket = folder.path().display().to_string();
    let cannot = |address: &str, cause: &str| format!("cannot connect to {address}: {cause}");
    let refused = "connection refused; check that the server is running on this host and port";
    let slow = "no connection within 5 s; check whether a firewall drops the packets";
    // Too long for a name, so that no DNS is asked, which may be slow.
    let long = format!("{}.invalid", "x".repeat(64));
    let mut cases: Vec<(String, String)> = vec![
        (url(&nobody), cannot(&nobody, refused)),
        (
            url(&long),
            cannot(&format!("{long}:5432"), "host name not found; check the spelling and the DNS"),
        ),
        (url(silent), cannot(&silent.to_string(), slow)),
        (url(full), cannot(&full.to_string(), slow)),
        (
            url(closing),
            cannot(
                &closing.to_string(),
                "the server closed the connection; check the port, and whether the server expects TLS",
            ),
        ),
        (
            format!("postgres:///db?host={socket}&password={SECRET}"),
            cannot(
                &format!("{socket}/.s.PGSQL.5432"),
                "no such socket; check that the server is running, and where it creates its socket",
            ),
        ),
        (
            format!("postgres://none_{name}:{SECRET}@{address}/{name}"),
            cannot(
                address,
                &format!(
                    "the server answered: too many connections for role \"none_{name}\" (SQLSTATE \
                     53300); raise the connection limit, or run fewer programs; a receiver uses 4 \
                     connections"
                ),
            ),
        ),
        (
            format!("postgres://reader_{name}:{SECRET}@{address}/{name}"),
            cannot(
                address,
                "the server is read-only (`default_transaction_read_only` is on); connect to a \
                 writable server",
            ),
        ),
    ];
    cases.push((
        url(format!("{nobody},{closing}")),
        format!("{}; {}", cases.first().unwrap().1, cases.get(4).unwrap().1),
    ));
    let mut tasks: JoinSet<()> = cases
        .into_iter()
        .map(|(url, expected)| async move {
            let started = Instant::now();
            assert_eq!(refusal(&url).await, expected);
            let elapsed = started.elapsed();
            assert!((10..16).contains(&elapsed.as_secs()), "it took {elapsed:?}: {expected}");
        })
        .collect();
    tasks.spawn(names_the_dns_or_the_name());
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
}

/// What the DNS says depends on where the test runs. It is never the server that is blamed.
async fn names_the_dns_or_the_name() {
    let error = AnyStore::connect(&url("no-such-host.invalid")).await.unwrap_err();
    let cause = error.source().unwrap().to_string();
    let causes = [
        "host name not found; check the spelling and the DNS",
        "the DNS did not answer within 5 s; check the name servers of this machine",
    ];
    let causes =
        causes.map(|cause| format!("cannot connect to no-such-host.invalid:5432: {cause}"));
    assert!(causes.contains(&cause), "{cause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn is_said_of_what_cannot_pass_at_once() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, mut admin) = secure.database().await;
    let role = format!("CREATE ROLE with_password LOGIN PASSWORD '{SECRET}' IN ROLE passworded");
    admin.execute(AssertSqlSafe(role)).await.unwrap();
    let http = serve(speaks_http).await;
    let address = format!("localhost:{}", database.port);
    let answers =
        |answer: &str| format!("cannot connect to {address}: the server answered: {answer}");
    let failed = answers(
        "password authentication failed for user \"with_password\" (SQLSTATE 28P01); check the \
         user, the password, and pg_hba.conf",
    );
    let with_password =
        |password: &str| database.url(&format!("with_password:{password}"), "localhost", "");
    for (url, expected) in [
        (with_password(&format!("not-{SECRET}")), failed.clone()),
        (with_password(""), failed.clone()),
        (
            format!("postgres://postgres:{SECRET}@{address}/no_such%0Adatabase"),
            answers(
                "database \"no_such database\" does not exist (SQLSTATE 3D000); create the database, or \
                 correct its name in the URL",
            ),
        ),
        (
            format!("postgres://no_such_role:{SECRET}@{address}/{}", database.name),
            answers(
                "role \"no_such_role\" does not exist (SQLSTATE 28000); check the user, the password, and \
                 pg_hba.conf",
            ),
        ),
        (
            url(http),
            format!(
                "cannot connect to {http}: the server does not speak the PostgreSQL protocol; check the \
                 host and the port"
            ),
        ),
    ] {
        let started = Instant::now();
        assert_eq!(refusal(&url).await, expected);
        let elapsed = started.elapsed();
        assert!(elapsed < Duration::from_secs(2), "it took {elapsed:?}: {expected}");
    }
    // With the password it works, of course.
    let right = with_password(SECRET);
    admin.execute("GRANT CREATE ON SCHEMA public TO with_password").await.unwrap();
    AnyStore::connect(&right).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn is_none_when_a_server_that_is_starting_up_is_there_in_time() {
    let Some(mut server) = Own::new(None, &["-c", "fsync=off"]) else { return };
    let url = format!("{}/postgres", server.url());
    let connecting = tokio::spawn(async move { AnyStore::connect(&url).await });
    sleep(Duration::from_secs(3)).await;
    assert!(!connecting.is_finished(), "it waits");
    server.begin().await;
    connecting.await.unwrap().unwrap();
}

#[test]
fn is_said_while_a_server_is_away_and_logged_once() {
    run(async |lines: Lines| {
        // With fsync on, or there would be one more warning.
        let Some(mut server) = Own::start(&[]).await else { return };
        let store = PostgresStore::connect(&server.database().await).await.unwrap();
        let lease = Lease::new(EventKey::new("default", "id")).unwrap();
        let claim = async || {
            let started = Instant::now();
            let claimed = store.claim(&lease, Duration::from_secs(60)).await;
            let elapsed = started.elapsed();
            // 0.4 s, and what a busy machine adds.
            assert!(elapsed < Duration::from_secs(1), "it took {elapsed:?}");
            claimed
        };
        assert!(claim().await.unwrap().is_new());
        // The others are made in the background.
        sleep(Duration::from_millis(500)).await;
        server.kill();
        for number in 0..20 {
            let cause = claim().await.unwrap_err().source().unwrap().to_string();
            let refused =
                "connection refused; check that the server is running on this host and port";
            let expected = format!("cannot connect to 127.0.0.1:{}: {refused}", server.port());
            // What was in flight is told how its connection ended.
            let is_end = number == 0 && cause.contains("terminating connection");
            assert!(is_end || cause == expected, "claim {number}: {cause}");
            sleep(Duration::from_millis(100)).await;
        }
        server.begin().await;
        let back = Instant::now();
        while claim().await.is_err() {
            assert!(back.elapsed() < Duration::from_secs(5));
            sleep(Duration::from_millis(20)).await;
        }
        sleep(Duration::from_millis(1500)).await;
        let (warnings, infos) = (lines.with("WARN"), lines.with("INFO"));
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings.iter().all(|line| line.contains("PostgreSQL")), "{warnings:?}");
        assert_eq!(infos.len(), 1, "{infos:?}");
        assert!(
            infos.iter().all(|line| line.contains("connected to PostgreSQL again")),
            "{infos:?}"
        );
    });
}
