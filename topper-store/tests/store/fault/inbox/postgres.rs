//! An inbox in a PostgreSQL server that is down, read-only or full, or whose connections are cut.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _, postgres::PgConnection};
use tokio::time::{Instant, sleep};
use topper_store::AnyInbox;

use super::{LEASES, Load, Victim, fill};
use crate::{
    fault::{proxy::Proxy, volume::Volume},
    server::postgres::{Own, database, give},
};

async fn open(url: &str) -> AnyInbox {
    AnyInbox::connect(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_down() {
    let Some(mut server) = Own::start(&[]).await else { return };
    let victim = Victim::new(open(&server.database().await).await).await;
    server.kill();
    victim.suffers().await;
    server.begin().await;
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_read_only() {
    let Some(server) = Own::start(&["-c", "fsync=off"]).await else { return };
    let url = server.database().await;
    let victim = Victim::new(open(&url).await).await;
    let mut admin = PgConnection::connect(&url).await.unwrap();
    for (value, is_harm) in [("on", true), ("off", false)] {
        let set = format!("ALTER SYSTEM SET default_transaction_read_only = {value}");
        admin.execute(sqlx::AssertSqlSafe(set)).await.unwrap();
        admin.execute("SELECT pg_reload_conf()").await.unwrap();
        sleep(Duration::from_millis(300)).await;
        if is_harm {
            victim.suffers().await;
        } else {
            victim.recovers().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_the_disk_is_full() {
    let Some(server) = Own::start(&["-c", "fsync=off"]).await else { return };
    let Some(volume) = Volume::new("2m") else { return };
    let url = server.database().await;
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let space = volume.path().join("space");
    std::fs::create_dir(&space).unwrap();
    give(&space);
    let create = format!("CREATE TABLESPACE small LOCATION '{}'", space.display());
    admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    let store = open(&url).await;
    for table in ["topper_event", "topper_inbox", "topper_body"] {
        let set = format!("ALTER TABLE {table} SET TABLESPACE small");
        admin.execute(sqlx::AssertSqlSafe(set)).await.unwrap();
    }
    let victim = Victim::new(store).await;
    volume.fill();
    let filling = fill(&victim).await;
    victim.suffers().await;
    volume.free();
    victim.recovers_with(filling).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_when_its_connections_are_cut_under_load() {
    let Some(url) = database().await else { return };
    let (proxy, url) = Proxy::before(&url).await;
    let load = Load::on(open(&url).await).await;
    for _ in 0..10 {
        sleep(Duration::from_millis(200)).await;
        assert!(proxy.cut() > 0, "there is no connection");
    }
    assert_eq!(load.end().await.twice, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_when_its_server_is_restarted_under_load() {
    let Some(mut server) = Own::start(&["-c", "fsync=off"]).await else { return };
    let load = Load::on(open(&server.database().await).await).await;
    let mut longest = Duration::ZERO;
    for _ in 0..3 {
        sleep(Duration::from_millis(500)).await;
        let down = Instant::now();
        server.kill();
        sleep(Duration::from_millis(300)).await;
        server.begin().await;
        longest = longest.max(down.elapsed());
    }
    sleep(Duration::from_millis(500)).await;
    let ended = load.end().await;
    assert!(ended.retried > 0, "no delivery has met a server that was down");
    // A lease may have ended before its event could be marked.
    assert!(ended.twice == 0 || longest > LEASES / 2, "{} in {longest:?}", ended.twice);
}
