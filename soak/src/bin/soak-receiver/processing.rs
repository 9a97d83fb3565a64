//! What is done with a verified event.

use std::{env, time::Duration};

use tokio::time::timeout;
use topper::{
    Outcome, Reply, Retry, Webhook,
    store::{AnyStore, Inbox, Once, inbox::RunningWorker},
};

use crate::{Effects, Result, effect::now};

/// How soon another receiver takes over from one that was killed. The checker knows it, too.
const LEASE: Duration = Duration::from_secs(5);
/// How long events in work may take once the server has ended.
const GRACE: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub(crate) struct Processing {
    kind: Kind,
    effects: Effects,
    broken: Broken,
}

#[derive(Clone)]
enum Kind {
    Once(Once<AnyStore>),
    Inbox(Inbox, RunningWorker),
}

/// How it is broken, to show that the test finds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Broken {
    Not,
    /// It answers before it processes or stores.
    AcknowledgesFirst,
    /// It runs the handler for each delivery.
    Repeats,
    /// It keeps 100 kB of each delivery.
    Leaks,
}

impl Processing {
    pub(crate) async fn open(mode: &str, store: &str, effects: Effects) -> Result<Self> {
        let broken = match env::var("TOPPER_SOAK_BREAK").as_deref() {
            Err(_) => Broken::Not,
            Ok("acknowledges-first") => Broken::AcknowledgesFirst,
            Ok("repeats") => Broken::Repeats,
            Ok("leaks") => Broken::Leaks,
            Ok(_) => {
                return Err("TOPPER_SOAK_BREAK is acknowledges-first, repeats or leaks".into());
            }
        };
        let kind = match mode {
            "once" => Kind::Once(Once::new(AnyStore::connect(store).await?).lease_term(LEASE)),
            "inbox" => {
                let inbox = Inbox::open(store).await?;
                let effects = effects.clone();
                let process = move |webhook| process(effects.clone(), webhook);
                let worker = inbox.work(process).lease_term(LEASE).start();
                Kind::Inbox(inbox, worker)
            }
            _ => return Err("MODE is once or inbox".into()),
        };
        Ok(Self { kind, effects, broken })
    }

    pub(crate) async fn receive(&self, webhook: impl Into<Webhook>) -> Reply {
        let webhook = webhook.into();
        match self.broken {
            Broken::Not => {}
            Broken::AcknowledgesFirst => {
                let processing = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    processing.process(webhook).await
                });
                return Reply::Processed;
            }
            Broken::Repeats => {
                let effects = self.effects.clone();
                return webhook.handle(|webhook| process(effects, webhook)).await;
            }
            Broken::Leaks => std::mem::forget(vec![1_u8; 100_000]),
        }
        self.process(webhook).await
    }

    async fn process(&self, webhook: Webhook) -> Reply {
        let effects = self.effects.clone();
        match &self.kind {
            Kind::Once(once) => once.run(webhook, |webhook| process(effects, webhook)).await,
            Kind::Inbox(inbox, _) => inbox.accept(&webhook).await,
        }
    }

    /// Waits for events in work, once the server has ended.
    pub(crate) async fn drain(&self) -> Result<()> {
        let drained = match &self.kind {
            Kind::Once(once) => timeout(GRACE, once.drain()).await,
            Kind::Inbox(_, worker) => timeout(GRACE, worker.drain()).await,
        };
        Ok(drained.map_err(|_| "events in work were not finished in time")?)
    }
}

/// The handler. The end of the event's id says how long it takes, or until when it fails.
async fn process(effects: Effects, webhook: Webhook) -> std::result::Result<Outcome, Retry> {
    let order = webhook.event()?.order_id().unwrap_or("-").to_owned();
    let run = effects.begin(webhook.id(), &order)?;
    let work = webhook.id().rsplit('.').next().unwrap_or_default();
    let fails_until = work.strip_prefix("fails-until-").and_then(|second| second.parse().ok());
    if fails_until.is_some_and(|second: u64| now().as_secs() < second) {
        run.failed()?;
        return Err("what this handler needs does not work yet".into());
    }
    let time = match work {
        "slow" => 1200,
        // Longer than the budget, and than a lease.
        "long" => 6000,
        _ => 1 + run.number() % 10,
    };
    tokio::time::sleep(Duration::from_millis(time)).await;
    run.done()?;
    Ok(Outcome::Processed)
}
