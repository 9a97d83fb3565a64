//! Topper, receivers and a store in a world where much goes wrong, for ten days that pass in a moment.
//!
//! All that happens follows from a seed: hosts that end and start again, networks that are slow, cut or
//! lose answers, a clock that is set, and handlers that fail, panic or take long. The code under test is
//! that of `Once`, of the inbox and of its workers; the store is the one in memory, behind such a network.
//!
//! It must hold that:
//! - what is acknowledged is done, or stored and done later, or dead;
//! - no two handlers of an event, or of an order's events in an inbox, run at once while leases hold;
//! - no handler runs for an event that is marked as done;
//! - an event is dead only after three days of failures;
//! - no event is answered in a way that Topper does not retry.
//!
//! `cargo xtask simulate` runs more of them, or one again.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{runtime::Builder, task::JoinSet, time::sleep};

use crate::inbox::EventState;

pub(crate) mod clock;
mod ledger;
mod network;
mod plan;
pub(crate) mod random;
mod receiver;
mod topper;
mod world;

use plan::Plan;
use random::Random;
use receiver::Receivers;
use world::World;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// By then everything is settled.
const MOST: Duration = Duration::from_secs(10 * 24 * 3600);
/// What is run when nothing else is asked for.
const USUAL: u64 = 40;
/// The last lines before a violation are shown.
const SHOWN: usize = 120;

/// What happened, and what does not hold.
struct End {
    trace: Vec<String>,
    violation: Option<String>,
}

fn simulate(seed: u64) -> End {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    random::set(Some(Random::new(!seed)));
    let end = runtime.block_on(async {
        clock::start();
        let mut random = Random::new(seed);
        let plan = Plan::new(&mut random, receiver::most());
        let world = Arc::new(World::new(plan, random));
        let receivers = Receivers::new(Arc::clone(&world));
        live(&world, &receivers).await;
        End { trace: world.trace(), violation: world.violation() }
    });
    drop(runtime);
    clock::stop();
    random::set(None);
    end
}

async fn live(world: &Arc<World>, receivers: &Arc<Receivers>) {
    let mut senders = JoinSet::new();
    for (event, sent) in world.plan.events.iter().enumerate() {
        for _ in 0..sent.copies {
            let (world, receivers, at) = (Arc::clone(world), Arc::clone(receivers), sent.at);
            senders.spawn(async move {
                sleep(at).await;
                (event, topper::sends(&world, &receivers, event).await)
            });
        }
    }
    let mut changes = JoinSet::new();
    for end in world.plan.ends.clone() {
        let receivers = Arc::clone(receivers);
        changes.spawn(async move {
            sleep(end.at).await;
            receivers.restart(&end).await;
        });
    }
    for (at, millis) in world.plan.steps.clone() {
        let world = Arc::clone(world);
        changes.spawn(async move {
            sleep(at).await;
            world.steps_clock(millis);
        });
    }
    let sent = senders.join_all().await;
    changes.join_all().await;
    let is_open = |state| matches!(state, EventState::Pending | EventState::InWork);
    while receivers.stored().await.iter().any(|event| is_open(event.state)) {
        if world.time() > MOST {
            return world.violates("events are pending after ten days");
        }
        sleep(Duration::from_secs(60)).await;
    }
    receivers.end().await;
    judge(world, receivers, &sent).await;
}

/// What must hold at the end.
async fn judge(world: &World, receivers: &Receivers, sent: &[(usize, bool)]) {
    for stored in receivers.stored().await {
        let (id, (runs, successes)) = (stored.key.id(), world.runs(stored.key.id()));
        match stored.state {
            EventState::Done if successes == 0 => {
                world.violates(format_args!("{id} is done, but no handler has succeeded"));
            }
            EventState::Done => {}
            EventState::Dead => {
                let failed_at = stored.failed_at.unwrap();
                let age = failed_at.duration_since(stored.received_at).unwrap_or_default();
                if age + Duration::from_secs(1) < (3 * DAY).saturating_sub(world.forward())
                    || runs == 0
                {
                    world.violates(format_args!("{id} is dead after {age:?} and {runs} runs"));
                }
            }
            state => world.violates(format_args!("{id} is {state}")),
        }
    }
    for &(event, is_acknowledged) in sent {
        let id = receivers.id(event);
        let failures = world.plan.events.get(event).unwrap().handler.failures;
        let (runs, successes) = world.runs(id);
        if is_acknowledged && failures != usize::MAX && successes == 0 {
            world.violates(format_args!("{id} is acknowledged, and no handler has succeeded"));
        }
        if !world.plan.is_calm {
            continue;
        }
        let is_in_time = world.plan.is_inbox || failures <= 5;
        if is_in_time && failures != usize::MAX {
            if !is_acknowledged {
                world.violates(format_args!("{id} is not acknowledged, and nothing went wrong"));
            }
            if (runs, successes) != (failures + 1, 1) {
                world.violates(format_args!(
                    "{id} has {runs} runs for {failures} failures, and nothing went wrong"
                ));
            }
        }
    }
}

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |value| value.parse().unwrap())
}

#[test]
fn acknowledged_events_are_done_once_in_every_simulated_world() {
    let from = number("TOPPER_SIMULATION_FROM", 0);
    let count = number("TOPPER_SIMULATION_SEEDS", USUAL);
    let (next, threads) = (AtomicU64::new(from), thread::available_parallelism().unwrap().get());
    let failed = thread::scope(|scope| {
        let work = || {
            let mut failed = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= from + count || !failed.is_empty() {
                    return failed;
                }
                let end = simulate(seed);
                if let Some(violation) = end.violation {
                    failed.push((seed, violation, end.trace));
                }
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    if let Some((seed, violation, trace)) = failed.into_iter().min() {
        let last = trace.len().saturating_sub(SHOWN);
        panic!(
            "seed {seed}: {violation}\n{}\nto see it again: cargo xtask simulate --from {seed} --seeds 1",
            trace.get(last..).unwrap().join("\n")
        );
    }
}

#[test]
fn a_world_is_the_same_for_the_same_seed() {
    for seed in 0..6 {
        let (one, other) = (simulate(seed).trace, simulate(seed).trace);
        let differs = one.iter().zip(&other).position(|(one, other)| one != other);
        let differs = differs.map(|line| (one.get(line), other.get(line)));
        assert!(one == other, "seed {seed}: {differs:?}");
    }
}
