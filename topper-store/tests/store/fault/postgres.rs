//! A PostgreSQL server that is down, stopped, slow, read-only, full, or has no connection left.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _, postgres::PgConnection};
use topper_store::PostgresStore;

use super::{Victim, fill, proxy::Proxy, volume::Volume};
use crate::server::{
    postgres::{Own, database},
    signal,
};

async fn store(url: &str) -> PostgresStore {
    PostgresStore::connect(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_down() {
    let Some(mut server) = Own::start(&[]).await else { return };
    let victim = Victim::new(store(&server.database().await).await).await;
    server.kill();
    victim.suffers().await;
    server.begin().await;
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_stopped() {
    let Some(server) = Own::start(&["-c", "fsync=off"]).await else { return };
    let victim = Victim::new(store(&server.database().await).await).await;
    let pids = server.pids();
    pids.iter().for_each(|pid| signal("-STOP", *pid));
    victim.suffers().await;
    pids.iter().for_each(|pid| signal("-CONT", *pid));
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_slow() {
    let Some(url) = database().await else { return };
    let (proxy, url) = Proxy::before(&url).await;
    let victim = Victim::new(store(&url).await).await;
    proxy.delay(Duration::from_secs(10));
    victim.suffers().await;
    proxy.delay(Duration::ZERO);
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_read_only() {
    let Some(server) = Own::start(&["-c", "fsync=off"]).await else { return };
    let url = server.database().await;
    let victim = Victim::new(store(&url).await).await;
    let mut admin = PgConnection::connect(&url).await.unwrap();
    for (value, is_harm) in [("on", true), ("off", false)] {
        let set = format!("ALTER SYSTEM SET default_transaction_read_only = {value}");
        admin.execute(sqlx::AssertSqlSafe(set)).await.unwrap();
        admin.execute("SELECT pg_reload_conf()").await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
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
    crate::server::postgres::give(&space);
    let create = format!("CREATE TABLESPACE small LOCATION '{}'", space.display());
    admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    let store = store(&url).await;
    admin.execute("ALTER TABLE topper_event SET TABLESPACE small").await.unwrap();
    admin.execute("ALTER INDEX topper_event_pkey SET TABLESPACE small").await.unwrap();
    let victim = Victim::new(store.clone()).await;
    volume.fill();
    fill(&store).await;
    victim.suffers().await;
    volume.free();
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_the_role_had_no_connection_left() {
    let Some(url) = database().await else { return };
    let (server, name) = url.rsplit_once('/').unwrap();
    let (_, host) = server.rsplit_once('@').unwrap();
    let role = format!("limited_{name}");
    let mut admin = PgConnection::connect(&url).await.unwrap();
    for statement in
        [format!("CREATE ROLE {role} LOGIN"), format!("GRANT CREATE ON SCHEMA public TO {role}")]
    {
        admin.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
    let victim = Victim::new(store(&format!("postgres://{role}@{host}/{name}")).await).await;
    for (limit, is_harm) in [(0, true), (-1, false)] {
        let set = format!("ALTER ROLE {role} CONNECTION LIMIT {limit}");
        admin.execute(sqlx::AssertSqlSafe(set)).await.unwrap();
        if is_harm {
            let end = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
            );
            admin.execute(sqlx::AssertSqlSafe(end)).await.unwrap();
            victim.suffers().await;
        } else {
            victim.recovers().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_once_it_is_back() {
    for later in [Duration::from_secs(1), Duration::from_secs(5)] {
        let Some(server) = Own::start(&["-c", "fsync=off"]).await else { return };
        let victim = Victim::new(store(&server.database().await).await).await;
        let server = tokio::sync::Mutex::new(server);
        let repair = async || server.lock().await.begin().await;
        victim.marks_later(later, async || server.lock().await.kill(), repair).await;
    }
}
