//! What a user must be able to do, and what is said when it is not.

use topper_store::{AnyInbox, AnyStore, PostgresInbox};

use super::{Sender, database, execute};

#[tokio::test(flavor = "multi_thread")]
async fn names_a_right_that_is_missing_at_start() {
    let Some(url) = database().await else { return };
    let (server, name) = url.rsplit_once('/').unwrap();
    let (_, host) = server.rsplit_once('@').unwrap();
    PostgresInbox::connect(&url).await.unwrap();
    // A name that needs its quotes, and one of its own.
    let user = format!("a \"{name}");
    let quoted = user.replace('"', "\"\"");
    execute(
        &url,
        &format!(
            "CREATE ROLE \"{quoted}\" LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON topper_event TO \"{quoted}\""
        ),
    )
    .await;
    let theirs =
        format!("postgres://{}@{host}/{name}", user.replace(' ', "%20").replace('"', "%22"));
    let grants = [
        format!("GRANT SELECT ON topper_store_version TO \"{quoted}\""),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON topper_inbox TO \"{quoted}\""),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON topper_body TO \"{quoted}\""),
        format!("GRANT USAGE ON SEQUENCE topper_inbox_row_seq TO \"{quoted}\""),
    ];
    let error = format!("{:?}", AnyInbox::connect(&theirs).await.unwrap_err());
    let wanted = format!("{}", grants.join("; ").escape_debug());
    assert!(error.contains(&wanted), "{error}\n{wanted}");
    assert!(error.contains("no USAGE on topper_inbox_row_seq"), "{error}");
    let error = format!("{:?}", AnyStore::connect(&theirs).await.unwrap_err());
    let (first, others) = grants.split_first().unwrap();
    assert!(error.contains(&format!("{}", first.escape_debug())), "{error}");
    assert!(!error.contains("topper_inbox"), "{error}");

    execute(&url, first).await;
    AnyStore::connect(&theirs).await.unwrap();
    execute(&url, &others.join("; ")).await;
    let inbox = PostgresInbox::connect(&theirs).await.unwrap();
    can_do_all(&inbox).await;
    drop(inbox);
    let end = format!("DROP OWNED BY \"{quoted}\"; DROP ROLE \"{quoted}\"");
    execute(&url, &end).await;
}

/// Everything that needs a right.
async fn can_do_all(inbox: &PostgresInbox) {
    use std::time::Duration;
    use topper_store::inbox::{AttemptEnd, EventFilter, InboxStore as _};
    inbox.accept(&Sender::new().event("id")).await.unwrap();
    let lease = super::take_one(inbox).await;
    inbox.renew(&lease, super::LONG).await.unwrap();
    inbox.end(&lease, &AttemptEnd::Done).await.unwrap();
    assert_eq!(inbox.list(&EventFilter::default(), 0, 10).await.unwrap().len(), 1);
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(inbox.purge(Duration::ZERO, 10).await.unwrap(), 1);
}
