//! What a server forgets is warned of.

use super::warnings;
use crate::server::redis::Own;

#[tokio::test(flavor = "multi_thread")]
async fn has_nothing_to_say_of_a_server_that_forgets_nothing() {
    let Some(server) = Own::start(&["--maxmemory", "1gb"]).await else { return };
    assert_eq!(warnings(&server.url()).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn warns_of_what_a_server_would_forget() {
    let Some(server) = Own::start(&["--appendfsync", "everysec"]).await else { return };
    let cases = [
        (None, "`appendfsync` is everysec", "`appendfsync always`"),
        (Some("CONFIG SET appendonly no"), "`appendonly` is no", "`appendonly yes`"),
        (
            Some("CONFIG SET maxmemory 1gb maxmemory-policy volatile-ttl"),
            "`maxmemory-policy` is volatile-ttl",
            "`maxmemory-policy noeviction`",
        ),
    ];
    for (command, found, advice) in cases {
        if let Some(command) = command {
            server.command(command).await;
        }
        let warnings = warnings(&server.url()).await;
        let warning = warnings.last().unwrap();
        assert!(warning.contains(found) && warning.contains(advice), "{warnings:?}");
    }
}
