//! A standby of a server, and what becomes of both.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _, postgres::PgConnection};

use super::{Own, as_user, give, installed};
use crate::server::Port;

impl Own {
    /// A hot standby. The server commits only what it has, too.
    pub(crate) async fn standby(&self) -> Self {
        let folder = tempfile::Builder::new().prefix("topper-standby").tempdir().unwrap().keep();
        give(&folder);
        let output = as_user(&installed("pg_basebackup").unwrap())
            .args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "-D"])
            .arg(folder.join("data"))
            .args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.number().to_string()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut standby = Self {
            bin: self.bin.clone(),
            folder,
            options: self.options.clone(),
            port: Port::reserve(),
            clock: None,
            process: None,
        };
        standby.begin().await;
        let mut admin = self.admin().await;
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'").await.unwrap();
        admin.execute("SELECT pg_reload_conf()").await.unwrap();
        let is_synchronous = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        while count(&mut admin, is_synchronous).await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        standby
    }

    pub(crate) async fn admin(&self) -> PgConnection {
        PgConnection::connect(&format!("{}/postgres", self.url())).await.unwrap()
    }

    /// Makes a standby the primary.
    pub(crate) async fn promote(&self) {
        let mut admin = self.admin().await;
        // It does not wait for a standby of its own.
        admin.execute("ALTER SYSTEM RESET synchronous_standby_names").await.unwrap();
        admin.execute("SELECT pg_reload_conf()").await.unwrap();
        admin.execute("SELECT pg_promote(true, 30)").await.unwrap();
    }

    /// It takes no more writes, as after another has become the primary, and goes on otherwise.
    pub(crate) async fn demote(&self) {
        let mut admin = self.admin().await;
        admin.execute("ALTER SYSTEM SET default_transaction_read_only = on").await.unwrap();
        admin.execute("SELECT pg_reload_conf()").await.unwrap();
        let is_caught_up = "SELECT count(*) FROM pg_stat_replication \
                            WHERE replay_lsn = pg_current_wal_lsn()";
        while count(&mut admin, is_caught_up).await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn count(connection: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(connection).await.unwrap()
}
