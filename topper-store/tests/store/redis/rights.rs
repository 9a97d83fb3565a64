//! Users who may do little.

use topper_store::RedisStore;

use super::{assert_refused, warnings};
use crate::server::redis::Own;

/// As the error shows it, with a name.
const ACL: &str = "ACL SETUSER few ~topper:* +set +get +del +eval +info";

async fn url(server: &Own, acl: &str) -> String {
    server.command("ACL SETUSER few reset on >s3cret").await;
    server.command(acl).await;
    format!("redis://few:s3cret@127.0.0.1:{}/0", server.port())
}

#[tokio::test(flavor = "multi_thread")]
async fn needs_no_more_than_the_line_that_it_shows() {
    let Some(server) = Own::start(&[]).await else { return };
    let url = url(&server, ACL).await;
    RedisStore::connect(&url).await.unwrap();
    assert_eq!(warnings(&url).await, Vec::<String>::new());
    assert_eq!(server.info("db0").await, "", "something was left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_each_right_that_is_missing() {
    let Some(server) = Own::start(&[]).await else { return };
    for right in ["SET", "GET", "DEL", "EVAL"] {
        let acl = ACL.replace(&format!(" +{}", right.to_lowercase()), "");
        let shown = format!("`{}`", ACL.replace("few", "USER"));
        assert_refused(&url(&server, &acl).await, &[&format!("the right to {right} "), &shown])
            .await;
    }
    // A name with a word in it that such an error has.
    server.command("ACL SETUSER monkey on >s3cret ~topper:* +set +del +eval +info").await;
    let monkey = format!("redis://monkey:s3cret@127.0.0.1:{}/0", server.port());
    assert_refused(&monkey, &["the right to GET "]).await;
    let acl = ACL.replace("topper:", "other:");
    assert_refused(&url(&server, &acl).await, &["keys that begin with `topper:`"]).await;
    let acl = "ACL SETUSER few ~topper:* +info";
    assert_refused(&url(&server, acl).await, &["SET, GET, DEL, EVAL"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn warns_without_info() {
    let Some(server) = Own::start(&[]).await else { return };
    let url = url(&server, &ACL.replace(" +info", "")).await;
    let warnings = warnings(&url).await;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings.iter().any(|it| it.contains("may not run INFO") && it.contains("+info")));
    RedisStore::connect(&url).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn needs_one_right_more_for_another_database() {
    let Some(server) = Own::start(&[]).await else { return };
    let url = url(&server, ACL).await.replace("/0", "/1");
    assert_refused(&url, &["NOPERM", "+select"]).await;
    server.command("ACL SETUSER few +select -get").await;
    assert_refused(&url, &["the right to GET ", "+info +select`"]).await;
    server.command("ACL SETUSER few +get").await;
    RedisStore::connect(&url).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn takes_no_other_error_for_a_missing_right() {
    let Some(server) = Own::start(&["--maxmemory", "1"]).await else { return };
    assert_refused(&server.url(), &["SET on 127.0.0.1", "OOM", "`maxmemory`"]).await;
}
