//! An inbox in a SQLite file that cannot be written to, or is gone.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tokio::time::sleep;
use topper_core::Reply;
use topper_store::{AnyInbox, Inbox, inbox::InboxStore as _};

use super::{DONE, EVENTS, Victim, fill, ids, work};
use crate::fault::volume::Volume;

fn url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("topper.db").display())
}

async fn open(folder: &Path) -> AnyInbox {
    AnyInbox::connect(&url(folder)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_the_disk_is_full() {
    let Some(volume) = Volume::new("3m") else { return };
    let victim = Victim::new(open(volume.path()).await).await;
    volume.fill();
    let filling = fill(&victim).await;
    victim.suffers().await;
    volume.free();
    victim.recovers_with(filling).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_another_program_has_locked_it() {
    let folder = tempfile::tempdir().unwrap();
    let victim = Victim::new(open(folder.path()).await).await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("topper.db"));
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    victim.suffers().await;
    transaction.rollback().await.unwrap();
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_its_file_was_deleted_and_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let victim = Victim::new(open(folder.path()).await).await;
    let (path, elsewhere) = (folder.path().join("topper.db"), folder.path().join("elsewhere"));
    // A file that was deleted is there as long as it has another name.
    std::fs::hard_link(&path, &elsewhere).unwrap();
    std::fs::remove_file(&path).unwrap();
    victim.suffers().await;
    std::fs::rename(&elsewhere, &path).unwrap();
    victim.recovers().await;
}

/// Whoever starts it learns of it, and not its deliveries.
#[tokio::test(flavor = "multi_thread")]
async fn is_refused_on_a_read_only_disk_and_goes_on_when_that_can_be_written_to() {
    let Some(volume) = Volume::new("4m") else { return };
    let remount = |how: &str| {
        let mount = Command::new("mount").args(["-o", how]).arg(volume.path()).status();
        mount.is_ok_and(|status| status.success())
    };
    let victim = Victim::new(open(volume.path()).await).await;
    let Victim { inbox, worker, key, verifier, runs, may_end, _turn } = victim;
    may_end.send_replace(true);
    worker.drain().await;
    drop(inbox);
    let started = Instant::now();
    // Until the store has closed its file.
    while !remount("remount,ro") {
        assert!(started.elapsed() < DONE, "the file is still open");
        sleep(Duration::from_millis(20)).await;
    }
    let error = Inbox::open(&url(volume.path())).await.unwrap_err();
    println!("{error:?}");
    assert!(remount("remount,rw"));

    let inbox = Inbox::new(open(volume.path()).await);
    let stats = inbox.store().stats().await.unwrap();
    let finished = runs.lock().unwrap().len();
    assert_eq!(stats.pending + stats.in_work, u64::try_from(2 * EVENTS - finished).unwrap());
    let worker = work(&inbox, &runs, &may_end).start();
    let victim = Victim { inbox, worker, key, verifier, runs, may_end, _turn };
    victim.are_done([ids("done"), ids("waiting")].concat()).await;
    assert_eq!(victim.accept("one more").await, Reply::Accepted);
}
