//! Topper: sends an event until it is answered with success, or for about three hours.

use std::{sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};
use topper_core::{Fate, Reply, protocol};
use topper_testkit::retry_schedule;

use super::{receiver::Receivers, world::World};

/// Sends the event until it is acknowledged; `true` if it was.
pub(super) async fn sends(world: &Arc<World>, receivers: &Arc<Receivers>, event: usize) -> bool {
    let id = receivers.id(event);
    let mut before = Duration::ZERO;
    for time in retry_schedule() {
        let wait = time - before;
        before = time;
        if !wait.is_zero() {
            let jitter = world.random(|random| 0.9 + random.below(200) as f64 / 1000.0);
            sleep(wait.mul_f64(jitter)).await;
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
