use std::future::pending;

use super::*;

fn host(name: &str) -> PgConnectOptions {
    PgConnectOptions::new().host(name)
}

#[tokio::test]
async fn tells_a_silent_dns_from_a_name_that_is_not_found() {
    let failure = answered(pending(), Instant::now()).await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "the DNS did not answer within 5 s; check the name servers of this machine"
    );
    assert!(ConnectFailure(vec![(String::new(), failure)]).is_passing());
    // Too long for a name, so that no DNS is asked.
    let long = format!("{}.invalid", "x".repeat(64));
    let failure = look_up(&host(&long), Instant::now() + CONNECT_TIME).await.unwrap_err();
    assert!(matches!(failure, Cause::HostNotFound), "{failure}");
}

#[tokio::test]
async fn asks_no_dns_for_an_address_or_a_socket() {
    for name in ["127.0.0.1", "::1", "/var/run/postgresql"] {
        assert!(look_up(&host(name), Instant::now()).await.is_ok(), "{name}");
    }
}

#[test]
fn names_each_kind_of_address() {
    for (name, expected) in [
        ("db.example.com", "db.example.com:5433"),
        ("127.0.0.1", "127.0.0.1:5433"),
        ("::1", "[::1]:5433"),
        ("/var/run/postgresql", "/var/run/postgresql/.s.PGSQL.5433"),
    ] {
        assert_eq!(address(&host(name).port(5433)), expected);
    }
}

/// sqlx looks the name up once more, and may not find it then.
#[test]
fn a_name_that_is_not_found_has_no_kind_of_its_own() {
    let error = |text: &str| sqlx::Error::Io(io::Error::other(text.to_owned()));
    let not_found = error("failed to lookup address information: Name or service not known");
    assert!(matches!(cause(&host("a"), &not_found), Cause::HostNotFound));
    assert!(matches!(cause(&host("a"), &error("another")), Cause::Other(_)));
}
