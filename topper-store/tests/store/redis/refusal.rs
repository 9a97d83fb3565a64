//! What cannot be used is refused at start, with its true cause.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpSocket, TcpStream},
};
use topper_store::RedisStore;

use super::{
    SECRET, assert_refused,
    fake::{bulk, serve},
    refusal,
};
use crate::server::{Port, redis::Own};

/// The time that a server has to start, and an attempt that began in it.
const LONGEST: Duration = Duration::from_secs(17);

#[tokio::test(flavor = "multi_thread")]
async fn says_that_no_one_listens() {
    let port = Port::reserve();
    let started = Instant::now();
    let url = format!("redis://:{SECRET}@127.0.0.1:{}/0", port.number());
    assert_refused(&url, &["connection refused", &format!("127.0.0.1:{}", port.number())]).await;
    let waited = started.elapsed();
    assert!(waited > Duration::from_secs(9) && waited < LONGEST, "it waited {waited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn says_that_a_host_is_not_found() {
    let url = format!("redis://:{SECRET}@topper.invalid/0");
    assert_refused(&url, &["topper.invalid:6379", "host name not found"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn says_that_a_host_is_silent() {
    // A queue that is full: the system drops what comes then.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(tokio::spawn(TcpStream::connect(address)));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let started = Instant::now();
    let url = format!("redis://:{SECRET}@{address}/0");
    assert_refused(&url, &["no connection within 5 s", "firewall"]).await;
    assert!(started.elapsed() < LONGEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn says_that_a_password_is_wrong_at_once() {
    let Some(server) = Own::start(&["--requirepass", "right"]).await else { return };
    let started = Instant::now();
    let url = format!("redis://:{SECRET}@127.0.0.1:{}/0", server.port());
    assert_refused(&url, &["WRONGPASS", "check the user and the password"]).await;
    let url = format!("redis://127.0.0.1:{}/0", server.port());
    assert_refused(&url, &["NOAUTH", "add the password to the URL"]).await;
    assert!(started.elapsed() < Duration::from_secs(5));
    let url = format!("redis://:right@127.0.0.1:{}/0", server.port());
    RedisStore::connect(&url).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn says_that_there_is_no_password() {
    let Some(server) = Own::start(&[]).await else { return };
    let url = format!("redis://:{SECRET}@127.0.0.1:{}/0", server.port());
    assert_refused(&url, &["without any password", "remove the password"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn says_that_there_is_no_such_database() {
    let Some(server) = Own::start(&[]).await else { return };
    assert_refused(&format!("{}/99", server.url()), &["out of range", "`databases`"]).await;
    RedisStore::connect(&format!("{}/3", server.url())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn says_that_a_server_has_too_many_clients() {
    let Some(server) = Own::start(&["--maxclients", "1"]).await else { return };
    // The connection that asked whether the server has started may end late.
    let client = redis::Client::open(server.url()).unwrap();
    let _connection = loop {
        if let Ok(mut connection) = client.get_multiplexed_async_connection().await
            && redis::cmd("PING").exec_async(&mut connection).await.is_ok()
        {
            break connection;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_refused(&server.url(), &["max number of clients", "maxclients"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn says_that_a_server_is_not_redis() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.writable().await.unwrap();
            let page = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n\xff\xfe<html>";
            let _ = stream.write_all(page).await;
        }
    });
    let started = Instant::now();
    let url = format!("redis://:{SECRET}@127.0.0.1:{port}");
    assert_refused(&url, &["does not speak the Redis protocol"]).await;
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_replica_in_words() {
    let Some(primary) = Own::start(&[]).await else { return };
    let Some(replica) = Own::start(&[]).await else { return };
    replica.command(&format!("REPLICAOF 127.0.0.1 {}", primary.port())).await;
    assert_refused(&replica.url(), &["it is a replica", "use the address of the primary"]).await;
    let said = super::point(&replica.url(), "server").await;
    assert!(
        said.starts_with(&format!("server: 127.0.0.1:{}: it is a replica", replica.port())),
        "{said}"
    );
    let said = super::point(&primary.url(), "connection").await;
    assert_eq!(said, format!("connection: to 127.0.0.1:{}", primary.port()));
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_server_that_is_too_old() {
    let port = serve(|command| match command {
        "INFO" => bulk("redis_version:6.2.14\r\nredis_mode:standalone\r\n"),
        _ => ":0\r\n".to_owned(),
    })
    .await;
    assert_refused(&format!("redis://127.0.0.1:{port}"), &["Redis 6.2.14", "Redis 7 or later"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_while_a_server_reads_its_data() {
    let began = Arc::new(Mutex::new(None));
    let port = serve(move |command| {
        let began = *began.lock().unwrap().get_or_insert_with(Instant::now);
        match command {
            _ if began.elapsed() < Duration::from_secs(1) => {
                "-LOADING Redis is loading the dataset in memory\r\n".to_owned()
            }
            "INFO" => bulk("redis_version:6.0.0\r\nredis_mode:standalone\r\n"),
            _ => ":0\r\n".to_owned(),
        }
    })
    .await;
    // It got past that.
    assert_refused(&format!("redis://127.0.0.1:{port}"), &["version"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_for_a_server_that_starts_later() {
    let Some(mut server) = Own::prepare(&[]) else { return };
    let url = server.url();
    let connecting = tokio::spawn(async move { RedisStore::connect(&url).await });
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!connecting.is_finished());
    server.begin().await;
    connecting.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_url_in_words_without_its_values() {
    let cases = [
        ("redis://:s3cret/word@host/0", "%2F"),
        ("redis://:s3cret#word@host/0", "%23"),
        ("redis://:s3cret?word@host/0", "%3F"),
        ("redis://:s3cret@word@host@/0", "no host"),
        ("redis://s3cret@host/0", "must be used together with a password"),
        ("redis://:s3cret@/0", "no host"),
        ("redis://:s3cret@a,b/0", "only PostgreSQL and Sentinel"),
        ("redis://host/s3cret", "`database`"),
        ("redis://host/0?s3cret%20=1", "a parameter"),
        ("redis://host/0?timeout=s3cret", "`timeout`"),
        ("redis://host/0?sslrootcert=s3cret", "rediss://"),
        ("rediss://host/0?sslcert=s3cret", "together with `sslkey`"),
        ("rediss://host/0?sslrootcert=/s3cret", "`sslrootcert`"),
        ("redis://host/0?sentinel_password=s3cret", "redis+sentinel://"),
        ("redis+sentinel://:s3cret@host:26379", "SERVICE"),
        ("redis+unix:///s3cret", "URL"),
    ];
    for (url, mut part) in cases {
        if url.starts_with("rediss://") && !cfg!(feature = "tls") {
            part = "the cargo feature `tls`";
        }
        let cause = refusal(url).await;
        assert!(cause.contains(part), "{part:?} is not in {cause:?} of {url}");
    }
}

/// What a server answers that is not one.
const NEVER: &str = "the server gave an answer that Redis never gives";

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_without_info_where_that_is_unknown_and_not_where_it_is_refused() {
    let port = serve(|command| match command {
        "INFO" => "-ERR unknown command 'INFO'\r\n".to_owned(),
        _ => ":0\r\n".to_owned(),
    })
    .await;
    assert_refused(&format!("redis://127.0.0.1:{port}"), &[NEVER]).await;
    for answer in ["NOAUTH Authentication required.", "MISCONF Errors writing to the AOF file"] {
        let port = serve(move |command| match command {
            "INFO" => format!("-{answer}\r\n"),
            _ => ":0\r\n".to_owned(),
        })
        .await;
        assert_refused(
            &format!("redis://127.0.0.1:{port}"),
            &["cannot connect", answer.trim_end_matches('.')],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_until_each_slot_has_a_primary() {
    let began = Arc::new(Mutex::new(None));
    let port = serve(move |command| {
        let began = *began.lock().unwrap().get_or_insert_with(Instant::now);
        let last = if began.elapsed() < Duration::from_secs(1) { 16382 } else { 16383 };
        match command {
            "INFO" => bulk("redis_version:7.2.0\r\nredis_mode:cluster\r\n"),
            // Without a host and with port 1: no one listens there.
            "CLUSTER SLOTS" => {
                format!("*1\r\n*3\r\n:0\r\n:{last}\r\n*2\r\n{}:1\r\n", bulk(""))
            }
            _ => ":0\r\n".to_owned(),
        }
    })
    .await;
    assert_refused(&format!("redis://127.0.0.1:{port}"), &["127.0.0.1:1:", "refused"]).await;
}
