//! TLS with PostgreSQL: what is encrypted, what is refused, and why.

use std::time::{Duration, Instant};

use rcgen::{CertificateParams, date_time_ymd};
use sqlx::{AssertSqlSafe, Executor as _, postgres::PgConnection};
use topper_store::{AnyStore, EventKey, Lease, Store as _};

use crate::{
    cause::refusal,
    server::secure::{Ca, Secure, nowhere},
};

/// What cannot pass is said at once.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Why it is refused, which it is at once.
async fn refused(url: &str) -> String {
    let started = Instant::now();
    let refusal = refusal(url).await;
    let elapsed = started.elapsed();
    assert!(elapsed < AT_ONCE, "it took {elapsed:?}: {refusal}");
    refusal
}

async fn works(url: &str) -> AnyStore {
    let store = AnyStore::connect(url).await.unwrap();
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    assert!(store.claim(&lease, Duration::from_secs(60)).await.unwrap().is_new());
    store.release(&lease, None).await.unwrap();
    store
}

/// Whether all connections of the stores in this database are encrypted.
async fn is_encrypted(admin: &mut PgConnection) -> bool {
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE application_name = 'topper-store' AND datname = current_database()";
    sqlx::query_scalar::<_, Option<bool>>(encrypted)
        .fetch_one(admin)
        .await
        .unwrap()
        // A store is connected.
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn is_encrypted_in_each_mode_that_asks_for_it() {
    let Some(secure) = Secure::shared().await else { return };
    let file = secure.ca.file();
    for query in [
        format!("sslmode=verify-full&sslrootcert={file}"),
        format!("sslmode=verify-ca&sslrootcert={file}"),
        format!("sslmode=require&sslrootcert={file}"),
        "sslmode=require".to_owned(),
        "sslmode=prefer".to_owned(),
        String::new(),
    ] {
        let (database, mut admin) = secure.database().await;
        let store = works(&database.url("postgres", "localhost", &query)).await;
        assert!(is_encrypted(&mut admin).await, "{query}");
        drop(store);
    }
    let (database, mut admin) = secure.database().await;
    let store = works(&database.url("postgres", "localhost", "sslmode=disable")).await;
    assert!(!is_encrypted(&mut admin).await, "it would say so");
    drop(store);
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_certificate_from_an_unknown_ca() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, _) = secure.database().await;
    let ca = Ca::new();
    for query in [
        "sslmode=verify-full".to_owned(),
        "sslmode=verify-ca".to_owned(),
        "sslmode=verify-full&sslrootcert=system".to_owned(),
        format!("sslmode=verify-full&sslrootcert={}", ca.file()),
        format!("sslmode=require&sslrootcert={}", ca.file()),
    ] {
        assert_eq!(
            refused(&database.url("postgres", "localhost", &query)).await,
            format!(
                "cannot connect to localhost:{}: the server's certificate is from an unknown CA; \
                 add `?sslrootcert=FILE` with the CA's certificate to the URL",
                database.port
            ),
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_certificate_for_another_name() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, _) = secure.database().await;
    let root = format!("sslrootcert={}", secure.ca.file());
    let url = database.url("postgres", "127.0.0.1", &format!("sslmode=verify-full&{root}"));
    assert_eq!(
        refused(&url).await,
        format!(
            "cannot connect to 127.0.0.1:{}: the server's certificate is for another host name; \
             use the host name in the certificate",
            database.port
        )
    );
    works(&database.url("postgres", "127.0.0.1", &format!("sslmode=verify-ca&{root}"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_certificate_that_has_expired() {
    let ca = Ca::new();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let Some(server) = ca.serve(params).await else { return };
    for mode in ["verify-full", "verify-ca"] {
        let (port, file) = (server.port(), ca.file());
        let url =
            format!("postgres://postgres@localhost:{port}/?sslmode={mode}&sslrootcert={file}");
        assert_eq!(
            refused(&url).await,
            format!(
                "cannot connect to localhost:{port}: the server's certificate has expired, or is \
                 not valid yet; renew it, or check the clock of this machine"
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_server_without_tls_when_it_is_asked_for() {
    let Some(url) = crate::server::postgres::database().await else { return };
    let (server, _) = url.rsplit_once('/').unwrap();
    let (_, address) = server.rsplit_once('@').unwrap();
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_eq!(
            refused(&format!("{url}?sslmode={mode}")).await,
            format!(
                "cannot connect to {address}: the server does not speak TLS on this port; check \
                 the port, or switch on TLS in the server"
            )
        );
    }
    works(&format!("{url}?sslmode=prefer")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shows_the_certificate_of_a_client() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, mut admin) = secure.database().await;
    for statement in [
        "CREATE ROLE cert_holder LOGIN IN ROLE certified",
        "GRANT CREATE ON SCHEMA public TO cert_holder",
    ] {
        admin.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let verified = format!("sslmode=verify-full&sslrootcert={}", secure.ca.file());
    let client = secure.ca.client("cert_holder");
    let url = database.url("cert_holder", "localhost", &format!("{verified}&{client}"));
    let store = works(&url).await;
    assert!(is_encrypted(&mut admin).await);
    drop(store);

    let refusals = [
        (String::new(), "connection requires a valid client certificate"),
        (secure.ca.client("another"), "certificate authentication failed for user"),
    ];
    for (client, answer) in refusals {
        let url = database.url("cert_holder", "localhost", &format!("{verified}&{client}"));
        let refusal = refused(&url).await;
        let advice = "(SQLSTATE 28000); check the user, the password, and pg_hba.conf";
        assert!(refusal.contains(answer) && refusal.ends_with(advice), "{refusal}");
    }
    // Nothing of another CA is asked for, so the server refuses what it is shown.
    let client = Ca::new();
    let url =
        database.url("cert_holder", "localhost", &format!("{verified}&{}", client.client("x")));
    let refusal = refused(&url).await;
    assert!(refusal.contains("TLS failed: "), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_file_that_cannot_be_used() {
    let Some(secure) = Secure::shared().await else { return };
    let (database, _) = secure.database().await;
    let folder = tempfile::tempdir().unwrap();
    let no_pem = folder.path().join("no.pem");
    std::fs::write(&no_pem, "no certificate").unwrap();
    for (file, why) in [
        (nowhere(), "No such file or directory (os error 2)"),
        (folder.path().to_owned(), "Is a directory (os error 21)"),
        (no_pem, "it is not in PEM format"),
    ] {
        for parameter in ["sslrootcert", "sslcert", "sslkey"] {
            let query = format!("sslmode=verify-full&{parameter}={}", file.display());
            assert_eq!(
                refused(&database.url("postgres", "localhost", &query)).await,
                format!("the file of `{parameter}` in the URL cannot be used: {why}")
            );
        }
    }
    // One without the other.
    let client = secure.ca.client("alone");
    let (certificate, key) = client.split_once('&').unwrap();
    for half in [certificate, key] {
        let query = format!("sslmode=require&{half}");
        let refusal = refused(&database.url("postgres", "localhost", &query)).await;
        assert!(refusal.ends_with("user auth key and certs must be given together"), "{refusal}");
    }
}
