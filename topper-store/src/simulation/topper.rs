//! Topper: sends an event until it is answered with success, or for about three hours.

use std::{sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};
use topper_core::{Fate, Reply, protocol};

use super::{receiver::Receivers, world::World};

/// Ten of these, each twice as long as the one before, are about three hours.
const FIRST_WAIT: f64 = 3.0 * 3600.0 / 1023.0;

/// Sends the event until it is acknowledged; `true` if it was.
pub(super) async fn sends(world: &Arc<World>, receivers: &Arc<Receivers>, event: usize) -> bool {
    let id = receivers.id(event);
    for retry in 0..=protocol::MAX_RETRIES {
        if retry > 0 {
            let doublings = f64::from(2_u32.pow(retry - 1));
            let jitter = world.random(|random| 0.9 + random.below(200) as f64 / 1000.0);
            sleep(Duration::from_secs_f64(FIRST_WAIT * doublings * jitter)).await;
        }
        let reply = attempt(world, receivers, event).await;
        let status = reply.map_or(0, Reply::status);
        let code = reply.map_or("no answer", Reply::code);
        world.note(format_args!("{id} is answered {status} {code}"));
        match reply.map_or(Fate::Retried, |reply| Fate::of(reply.status())) {
            Fate::Delivered => return true,
            Fate::Retried => {}
            Fate::Lost => {
                world.violates(format_args!("{id} is answered {status}, so it is lost"));
                return false;
            }
        }
    }
    world.note(format_args!("{id} is given up"));
    false
}

async fn attempt(world: &Arc<World>, receivers: &Arc<Receivers>, event: usize) -> Option<Reply> {
    let host = world.random(|random| random.index(world.plan.hosts));
    // Nobody listens.
    let process = world.running(host)?;
    let delivering = tokio::spawn(Arc::clone(receivers).receive(process, event));
    let reply = timeout(protocol::TIMEOUT, delivering).await.ok()?.ok()?;
    // What the answer says holds, whether it arrives or not.
    if Fate::of(reply.status()) == Fate::Delivered {
        receivers.acknowledged(event, reply).await;
    }
    let is_lost = !world.plan.is_calm && world.random(|random| random.happens(20));
    (world.is_alive(process) && !is_lost).then_some(reply)
}
