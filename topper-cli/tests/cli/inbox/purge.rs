//! `purge`

use topper_store::inbox::{AttemptEnd, InboxStore as _};

use super::{Receiver, completed, key, one_of_each};

#[tokio::test]
async fn purges_what_is_done_or_buried_for_long_and_nothing_else() {
    let receiver = one_of_each().await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let output = receiver.topper(&["purge", "--older-than", "1h", "--yes"]).await;
    assert_eq!((output.code, &*output.stdout), (Some(0), "no events to purge\n"));

    let output = receiver.topper(&["purge", "--older-than", "10ms"]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("at most 2 events"), "{output:?}");
    let output = receiver.topper(&["purge", "--older-than", "10ms", "--dry-run"]).await;
    assert_eq!(output.stdout, "at most 2 events to purge; nothing was changed\n");
    assert_eq!(receiver.ids(&[]).await.len(), 7);

    let output = receiver.topper(&["purge", "--older-than", "10ms", "--yes"]).await;
    assert_eq!((output.code, &*output.stdout), (Some(0), "2 events purged\n"), "{output:?}");
    assert_eq!(receiver.ids(&[]).await, ["parked", "dead", "waiting", "in-work", "due"]);
    // The marks stay.
    for id in ["done", "buried"] {
        assert!(receiver.inbox.store().is_marked(&key(id)).await.unwrap(), "{id}");
    }
}

#[tokio::test]
async fn purges_many_in_portions() {
    let receiver = Receiver::new().await;
    receiver.accept_many(1200).await;
    loop {
        let taken = receiver.take(200).await;
        for taken in &taken {
            receiver.inbox.store().end(&taken.lease, &AttemptEnd::Done).await.unwrap();
        }
        if taken.is_empty() {
            break;
        }
    }
    receiver.accept(&completed("young")).await;
    let output = receiver.topper(&["purge", "--older-than", "0s", "--yes", "--json"]).await;
    assert_eq!(output.objects()[0]["changed"], 1200, "{output:?}");
    assert_eq!(receiver.ids(&[]).await, ["young"]);
}

#[tokio::test]
async fn asks_for_an_age() {
    let receiver = Receiver::new().await;
    let output = receiver.topper(&["purge"]).await;
    assert!(output.code == Some(2) && output.stderr.contains("--older-than"), "{output:?}");
}
