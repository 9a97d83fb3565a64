//! The clock of the simulated store.

use std::{
    cell::Cell,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

thread_local! {
    static CLOCK: Cell<Option<Clock>> = const { Cell::new(None) };
}

#[derive(Clone, Copy)]
struct Clock {
    started: Instant,
    /// By so much it was set, in milliseconds.
    ahead: i64,
}

/// Long enough after 1970 to be set back.
const START: Duration = Duration::from_secs(1_800_000_000);

/// From here on this thread has a simulated clock, until it is stopped.
pub(super) fn start() {
    CLOCK.set(Some(Clock { started: Instant::now(), ahead: 0 }));
}

pub(super) fn stop() {
    CLOCK.set(None);
}

/// Sets it forward or back.
pub(super) fn step(millis: i64) {
    CLOCK.set(CLOCK.get().map(|clock| Clock { ahead: clock.ahead + millis, ..clock }));
}

pub(crate) fn now() -> Option<SystemTime> {
    let clock = CLOCK.get()?;
    let passed = i64::try_from(clock.started.elapsed().as_millis()).unwrap();
    let shown = Duration::from_millis(u64::try_from((passed + clock.ahead).max(0)).unwrap());
    Some(SystemTime::UNIX_EPOCH + START + shown)
}

#[tokio::test(start_paused = true)]
async fn what_was_done_before_midnight_does_not_count_as_done_today() {
    use topper_core::{EventName, Verifier};
    use topper_testkit::{Delivery, EventBuilder, TestKey};

    use crate::{
        MemoryInbox,
        inbox::{AttemptEnd, InboxStore as _, NewEvent},
    };

    const HOUR: i64 = 3_600_000;
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let event = EventBuilder::new(EventName::UserCreated).to_json();
    let webhook = Delivery::signed(&key, event).verify(&verifier).unwrap();
    let inbox = MemoryInbox::new();
    // It is eight o'clock.
    start();
    inbox.accept(&NewEvent::from(&webhook)).await.unwrap();
    let taken = inbox.take(&[1; 16], 1, Duration::from_secs(60)).await.unwrap();
    inbox.end(&taken.events.first().unwrap().lease, &AttemptEnd::Done).await.unwrap();
    let done_today = async || inbox.stats().await.unwrap().done_today;
    assert_eq!(done_today().await, 1);
    step(15 * HOUR);
    assert_eq!(done_today().await, 1);
    step(HOUR);
    assert_eq!(done_today().await, 0);
    stop();
}
