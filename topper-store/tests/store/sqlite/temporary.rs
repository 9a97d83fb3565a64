//! A machine on which no temporary file can be made, such as a container with a file system to read only.

use std::{env, time::Duration};

use tokio::task::JoinSet;
use topper_store::{Claim, EventKey, Lease, SqliteStore, Store as _};

use crate::program::{Program, say};

const TERM: Duration = Duration::from_secs(60);
const FOLDER: &str = "TOPPER_STORE_FOLDER";
/// SQLite takes it for a folder to write to, where the user is root, and then cannot make a file there.
const NO_FILES: &str = "/proc";
const DONE: &str = "claimed without a temporary file";

#[tokio::test]
async fn claims_many_events_at_once_without_a_temporary_file() {
    let Some(folder) = env::var_os(FOLDER) else {
        let folder = tempfile::tempdir().unwrap();
        let variables = [(FOLDER, folder.path().into()), ("SQLITE_TMPDIR", NO_FILES.into())];
        let test = "sqlite::temporary::claims_many_events_at_once_without_a_temporary_file";
        return Program::start(test, variables).says(DONE).await;
    };
    let url = format!("sqlite://{}/topper.db", folder.display());
    let store = SqliteStore::open(&url).await.unwrap();
    // The more there are, the more pages a statement over many changes: it could be undone from 64 kB of
    // memory, and from a file beyond.
    for round in 0..40 {
        let mut claims = JoinSet::new();
        for number in 0..100 {
            let store = store.clone();
            claims.spawn(async move {
                // Ids come in no order.
                let id = format!("{:02}-{round}", (number * 37) % 100);
                let lease = Lease::new(EventKey::new("default", &id)).unwrap();
                store.claim(&lease, TERM).await.unwrap()
            });
        }
        while let Some(claim) = claims.join_next().await {
            assert!(matches!(claim.unwrap(), Claim::New(_)));
        }
    }
    say(DONE);
}
