use std::io;

use redis::{Value, parse_redis_value};

use super::*;

fn address(host: &str, port: u16) -> Address {
    Address { host: host.to_owned(), port }
}

/// An error as a server sends it.
fn answer(line: &str) -> ServerError {
    match parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap() {
        Value::ServerError(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_refusal_has_its_advice() {
    for (line, advice, is_passing) in [
        ("LOADING a", "wait until the server has loaded its data", true),
        (
            "CLUSTERDOWN a",
            "wait until each slot of the cluster has a primary; see `CLUSTER INFO`",
            true,
        ),
        ("TRYAGAIN a", "see the server's log", true),
        ("NOAUTH a", "add the password to the URL, as in redis://:password@host", false),
        ("WRONGPASS a", "check the user and the password in the URL", false),
        ("DENIED a", "set a password on the server, or `protected-mode no`", false),
        (
            "NOPERM no right to run 'select'",
            "grant the user `+select`, or remove the number from the URL",
            false,
        ),
        ("NOPERM no right to run 'get'", "grant the user this right", false),
        ("OOM a", "raise the server's `maxmemory`, or remove keys", false),
        ("MISCONF a", "check the disk and the log of the server", false),
        ("NOREPLICAS a", "check the server's replicas, and its `min-replicas-to-write`", false),
        (
            "ERR max number of clients reached",
            "raise the server's `maxclients`, or close other connections",
            true,
        ),
        (
            "ERR AUTH called without any password configured",
            "remove the password from the URL",
            false,
        ),
        (
            "ERR DB index is out of range",
            "the number at the end of the URL must be less than the server's `databases`",
            false,
        ),
        (
            "ERR SELECT is not allowed in cluster mode",
            "a cluster has only database 0; remove the number from the URL",
            false,
        ),
        ("ERR another", "see the server's log", false),
        ("NEW a", "see the server's log", false),
    ] {
        let cause = refusal(&answer(line));
        assert_eq!(cause.to_string(), format!("the server answered: {line}; {advice}"));
        assert_eq!(cause.is_passing(), is_passing, "{line}");
    }
    for line in ["READONLY a", "MASTERDOWN a"] {
        assert_eq!(refusal(&answer(line)).to_string(), REPLICA);
        assert!(can_pass(&answer(line)), "after a failover it may be the primary");
    }
}

#[test]
fn each_error_says_where_to_go() {
    let from = address("asked", 1);
    let moved = |to: Address| Meaning::Moved { slot: 3999, to };
    for (line, expected) in [
        ("READONLY a", Meaning::NotHere),
        ("MASTERDOWN a", Meaning::NotHere),
        ("LOADING a", Meaning::NotHere),
        ("NOAUTH a", Meaning::NotHere),
        ("UNBLOCKED a", Meaning::NotHere),
        ("CLUSTERDOWN a", Meaning::Later),
        ("TRYAGAIN a", Meaning::Later),
        ("MOVED 3999 10.0.0.1:6381", moved(address("10.0.0.1", 6381))),
        ("MOVED 3999 [::1]:6381", moved(address("::1", 6381))),
        ("MOVED 3999 :6381", moved(address("asked", 6381))),
        ("MOVED 3999 ?:6381", moved(address("asked", 6381))),
        ("MOVED 3999", Meaning::NotHere),
        ("ASK 3999 10.0.0.1:6381", Meaning::Asked(address("10.0.0.1", 6381))),
        ("ASK", Meaning::NotHere),
        ("OOM a", Meaning::Final),
    ] {
        assert_eq!(meaning(&answer(line), &from), expected, "{line}");
    }
}

#[test]
fn a_connection_breaks_for_a_reason() {
    let parse = RedisError::from((ErrorKind::Parse, "not the protocol"));
    assert_eq!(broken(&parse).to_string(), NOT_REDIS);
    let refused = RedisError::from(io::Error::from(io::ErrorKind::ConnectionRefused));
    assert!(matches!(broken(&refused), Cause::Refused));
    let other = RedisError::from((ErrorKind::Io, "two\nlines"));
    assert_eq!(broken(&other).to_string().lines().count(), 1);
}
