use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

/// What is said of a server that answers each connection with this error.
async fn said(code: &str, message: &str) -> (String, bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap();
    let answer = [b"E".as_slice(), &length.to_be_bytes(), fields.as_bytes()].concat();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        // The client's first message begins with its length.
        let length = stream.read_u32().await.unwrap();
        stream.read_exact(&mut vec![0; usize::try_from(length).unwrap() - 4]).await.unwrap();
        stream.write_all(&answer).await.unwrap();
        stream.shutdown().await.unwrap();
    };
    let client = PgConnectOptions::new_without_pgpass()
        .host(&address.ip().to_string())
        .port(address.port())
        .username("user")
        .ssl_mode(PgSslMode::Disable);
    let (error, ()) = tokio::join!(client.connect(), server);
    let cause = refusal(&error.unwrap_err()).unwrap();
    (cause.to_string(), cause.is_passing())
}

#[tokio::test]
async fn each_refusal_has_its_advice() {
    for (code, message, advice, is_passing) in [
        ("28P01", "a", "check the user, the password, and pg_hba.conf", false),
        ("28000", "b", "check the user, the password, and pg_hba.conf", false),
        ("3D000", "c", "create the database, or correct its name in the URL", false),
        (
            "53300",
            "d",
            "raise the connection limit, or run fewer programs; a receiver uses 4 connections",
            true,
        ),
        ("57P01", "e", "wait until it has started", true),
        ("57P02", "f", "wait until it has started", true),
        ("57P03", "g", "wait until it has started", true),
        (
            "08P01",
            "unsupported startup parameter: h",
            "remove that parameter from the URL; a pooler does not accept it",
            false,
        ),
        ("08P01", "no such database", "see the server's log", true),
        ("42501", "i", "grant the user that right", false),
        ("XX000", "j", "see the server's log", true),
    ] {
        let expected = format!("the server answered: {message} (SQLSTATE {code}); {advice}");
        assert_eq!(said(code, message).await, (expected, is_passing));
    }
}
