use sqlx::ConnectOptions as _;

use super::*;

fn one(url: &str) -> PgConnectOptions {
    let mut options = parse(url).unwrap();
    assert_eq!(options.len(), 1, "{url}");
    options.remove(0)
}

fn error(url: &str) -> String {
    parse(url).unwrap_err().cause()
}

fn addresses(url: &str) -> Vec<(String, u16)> {
    let address = |options: &PgConnectOptions| {
        let socket = options.get_socket().map(|socket| socket.display().to_string());
        (socket.unwrap_or_else(|| options.get_host().to_owned()), options.get_port())
    };
    parse(url).unwrap().iter().map(address).collect()
}

#[test]
fn knows_user_password_and_database_decoded() {
    let options = one("postgresql://an%40user:p%2F%3F%23%40%3A%25%20%0Aü@host:5433/a%2Fdb");
    assert_eq!(options.get_username(), "an@user");
    assert_eq!(options.get_database(), Some("a/db"));
    let password = options.to_url_lossy();
    let password = percent_encoding::percent_decode_str(password.password().unwrap());
    assert_eq!(password.decode_utf8().unwrap(), "p/?#@:% \nü");
}

#[test]
fn knows_each_host_with_its_port() {
    for (url, expected) in [
        ("postgres://one,two:5433/db", vec![("one", 5432), ("two", 5433)]),
        ("postgres://[::1]:1,127.0.0.1/db", vec![("::1", 1), ("127.0.0.1", 5432)]),
        ("postgres://%2Fvar%2Frun/db", vec![("/var/run", 5432)]),
        ("postgres:///db?host=/var/run&port=1", vec![("/var/run", 1)]),
        ("postgres:///db?host=one,two", vec![("one", 5432), ("two", 5432)]),
        ("postgres://one/db?host=two", vec![("two", 5432)]),
        ("postgres://one:1/db?port=2", vec![("one", 2)]),
        ("postgres:///db?hostaddr=::1", vec![("::1", 5432)]),
    ] {
        let found = addresses(url);
        let found: Vec<_> = found.iter().map(|(name, port)| (name.as_str(), *port)).collect();
        assert_eq!(found, expected, "{url}");
    }
}

#[test]
fn does_what_each_parameter_says() {
    let options = one("postgres://host/db?user=u&dbname=other&application_name=a%20receiver");
    assert_eq!(options.get_username(), "u");
    assert_eq!(options.get_database(), Some("other"));
    assert_eq!(options.get_application_name(), Some("a receiver"));
    let options = one("postgres://host/db?options=-c%20geqo%3Doff&options[work_mem]=8%20MB");
    assert_eq!(options.get_options(), Some("-c geqo=off -c work_mem=8\\ MB"));
    let options = one("postgres://host/db?password=a%26b");
    assert!(options.to_url_lossy().as_str().contains(":a%26b@"));
    for harmless in [
        "target_session_attrs=any",
        "target_session_attrs=read-write",
        "target_session_attrs=primary",
        "channel_binding=disable",
        "channel_binding=prefer",
        "statement-cache-capacity=0",
    ] {
        let [with, without] = ["", harmless].map(|query| {
            let options = one(&format!("postgres://user:password@host/db?{query}"));
            format!("{options:?}")
        });
        assert_eq!(with, without, "{harmless}");
    }
}

#[test]
fn refuses_a_parameter_by_its_name_and_without_its_value() {
    for (query, expected) in [
        ("connect_timeout=VALUE", "`connect_timeout` in the URL is not supported; remove it"),
        ("sslpassword=VALUE", "`sslpassword` in the URL is not supported; remove it"),
        ("options[geqo=VALUE", "`options[geqo` in the URL is not supported; remove it"),
        ("geqo]=VALUE", "`geqo]` in the URL is not supported; remove it"),
        ("password=VALUE&VALUE=x", "a parameter in the URL is not supported; remove it"),
        (
            "password=VALUE&VALUE",
            "a parameter in the URL has no value; in a value, write `&` as %26",
        ),
        (
            "target_session_attrs=read-only",
            "`target_session_attrs` in the URL is not valid; it must be read-write or primary, since events are \
             written",
        ),
        (
            "channel_binding=require",
            "`channel_binding` in the URL is not supported; remove it, and use sslmode=verify-full \
             to verify the server",
        ),
        (
            "sslmode=VALUE",
            "`sslmode` in the URL is not valid; it must be disable, prefer, require, verify-ca or verify-full",
        ),
        (
            // sqlx takes it for `disable`.
            "sslmode=allow",
            "`sslmode` in the URL is not valid; it must be disable, prefer, require, verify-ca or verify-full",
        ),
        (
            "port=VALUE",
            "the port in the URL is not a number from 1 to 65535; in a password, write `:` as %3A",
        ),
        (
            "port=0",
            "the port in the URL is not a number from 1 to 65535; in a password, write `:` as %3A",
        ),
        (
            "hostaddr=::1",
            "`hostaddr` in the URL is not supported together with a host; write the address instead \
             of the host",
        ),
    ] {
        assert_eq!(error(&format!("postgres://host/db?{query}")), expected);
    }
    assert_eq!(
        error("postgres:///db?hostaddr=VALUE"),
        "`hostaddr` in the URL is not valid; it must be an IP address"
    );
}

#[cfg(feature = "tls")]
#[test]
fn takes_no_file_that_would_not_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    fs::write(&file, "-----BEGIN CERTIFICATE-----").unwrap();
    let file = file.display();
    let mode = |query: &str| one(&format!("postgres://host/db?{query}")).get_ssl_mode();
    assert!(matches!(mode("sslmode=verify-full"), PgSslMode::VerifyFull));
    assert!(matches!(mode("sslmode=verify-full&sslrootcert=system"), PgSslMode::VerifyFull));
    // A CA that is named is asked for, as in libpq.
    let query = format!("sslmode=require&sslrootcert={file}");
    assert!(matches!(mode(&query), PgSslMode::VerifyCa));
    for query in ["", "sslmode=prefer&", "sslmode=disable&"] {
        assert_eq!(
            error(&format!("postgres://host/db?{query}sslrootcert={file}")),
            "`sslrootcert` in the URL is not supported without sslmode=verify-full; add that"
        );
    }
}

#[cfg(not(feature = "tls"))]
#[test]
fn names_the_feature_that_tls_needs() {
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_eq!(
            error(&format!("postgres://host/db?sslmode={mode}")),
            "the URL asks for TLS, which needs the cargo feature `tls`; switch it on"
        );
    }
}
