//! The load of a group of receivers: as Topper sends it, with forgeries and junk in between.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    task::JoinSet,
    time::{sleep, sleep_until},
};
use topper::{EventName, Fate};
use topper_testkit::{
    Act, Answer, Delivery, EventBuilder, Fault, converse, exchange, retry_schedule,
};

use crate::{
    PATH,
    client::junk,
    journal::{Attempt, Kind, now},
    random::Random,
    run::{Group, Latency, Run, lock},
    slot::Slot,
};

/// Topper's three hours of retries take 45 s.
const SQUEEZE: u32 = 240;
/// Repeats are of the last events.
const KEPT: usize = 100;
/// So many events of an order follow each other.
const OF_ORDER: usize = 3;

/// A genuine event, signed once.
#[derive(Debug)]
struct Event {
    id: String,
    delivery: Delivery,
    is_quick: bool,
}

/// How the first attempt is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Whole,
    /// In two parts.
    Slowly,
    /// The client ends the connection without waiting for the answer.
    HangsUp,
}

/// Sends to the group with this index until the run is over, and waits for what is in flight.
pub(crate) async fn send(run: Arc<Run>, group: usize) {
    let Some(name) = run.groups.get(group).map(|group| group.name.clone()) else { return };
    let mut random = Random::new(run.options.seed, &format!("load {name}"));
    let faults: Vec<Fault> = Fault::all().collect();
    let every = Duration::from_secs(1) / run.options.rate;
    let (mut next, mut number) = (Instant::now(), 0_usize);
    let mut recent: Vec<Arc<Event>> = Vec::new();
    let mut tasks = JoinSet::new();
    while !run.is_over.load(Ordering::Relaxed) {
        next += random.about(every);
        sleep_until(next.into()).await;
        number += 1;
        let part = Random::new(random.next(), "");
        match random.below(100) {
            0..60 => {
                let event = Arc::new(event(&run, &name, number, &mut random));
                let way = match random.below(20) {
                    0 => Way::Slowly,
                    1 => Way::HangsUp,
                    _ => Way::Whole,
                };
                if recent.len() >= KEPT {
                    recent.remove(0);
                }
                recent.push(Arc::clone(&event));
                tasks.spawn(deliver(Arc::clone(&run), group, event, way, part));
            }
            60..85 => {
                // Half of them are of the newest event, which is in flight.
                let is_newest = random.is_one_in(2);
                let event = if is_newest { recent.last() } else { random.one_of(&recent) };
                if let Some(event) = event.cloned() {
                    tasks.spawn(deliver(Arc::clone(&run), group, event, Way::Whole, part));
                }
            }
            _ => {
                let id = format!("{name}.forged-{number}");
                let is_forged = random.below(15) < 10;
                let (kind, request) = if is_forged {
                    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
                    let body = event.id(&id).to_json();
                    let fault = random.one_of(&faults);
                    let forged = fault.map(|fault| fault.forge(&run.key, &body));
                    (Kind::Forged, forged.map_or(Vec::new(), |forged| forged.to_http1(PATH)))
                } else {
                    (Kind::Junk, junk(&mut random))
                };
                tasks.spawn(intrude(Arc::clone(&run), group, kind, id, request, part));
            }
        }
        while let Some(ended) = tasks.try_join_next() {
            run.note(ended.map_err(io::Error::other));
        }
    }
    while let Some(ended) = tasks.join_next().await {
        run.note(ended.map_err(io::Error::other));
    }
}

/// A new event. The end of its id tells the receiver how its handler behaves.
fn event(run: &Run, group: &str, number: usize, random: &mut Random) -> Event {
    let work = match random.below(100) {
        0..6 => format!("fails-until-{}", now() / 1_000_000 + 2),
        6..9 => "slow".to_owned(),
        9 => "long".to_owned(),
        _ => "quick".to_owned(),
    };
    let id = format!("{group}.{number}.{work}");
    let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .id(&id)
        .order_id(&format!("{group}-order-{}", number / OF_ORDER))
        .to_json();
    Event { id, delivery: Delivery::signed(&run.key, body), is_quick: work == "quick" }
}

/// Sends an event as Topper does, until it is acknowledged, refused or given up.
async fn deliver(run: Arc<Run>, group: usize, event: Arc<Event>, way: Way, mut random: Random) {
    let Some(group) = run.groups.get(group) else { return };
    run.waiting.fetch_add(1, Ordering::Relaxed);
    let mut before = Duration::ZERO;
    let mut fate = Fate::Retried;
    for (number, time) in retry_schedule().enumerate() {
        sleep((time - before) / SQUEEZE).await;
        before = time;
        let first = random.below(group.slots.len());
        // A load balancer that cannot connect to a receiver asks the next one.
        for at in (0..group.slots.len()).map(|step| (first + step) % group.slots.len()) {
            let way = if number == 0 { way } else { Way::Whole };
            let (status, is_refused) = attempt(&run, group, at, &event, way).await;
            fate = status.map_or(Fate::Retried, Fate::of);
            if !is_refused {
                break;
            }
        }
        if fate != Fate::Retried {
            break;
        }
    }
    if fate == Fate::Retried {
        run.journal.gave_up(&event.id);
    }
    run.waiting.fetch_sub(1, Ordering::Relaxed);
}

/// Sends an event to one receiver, and returns the status and whether the connection was refused.
async fn attempt(
    run: &Run,
    group: &Group,
    at: usize,
    event: &Event,
    way: Way,
) -> (Option<u16>, bool) {
    let Some(slot) = group.slots.get(at) else { return (None, false) };
    let (receiver, sent, started) = (slot.name(), now(), Instant::now());
    let answer = ask(slot, &event.delivery, way).await;
    let status = answer.as_ref().ok().map(|answer| answer.status);
    let is_refused = answer.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    let kind = Kind::Genuine;
    run.journal.sent(&Attempt { kind, event: &event.id, status, sent, receiver: &receiver });
    let is_delivered = status.map(Fate::of) == Some(Fate::Delivered);
    // One that is killed gives no answer.
    let is_counted = slot.receiver.is_steady || is_delivered;
    let is_usual = way == Way::Whole && event.is_quick;
    if is_usual && is_counted && group.store.has_worked_since(started) {
        let at_time = started.duration_since(run.began);
        let latency = Latency { at: at_time, slot: at, time: started.elapsed() };
        lock(&group.latencies).push(latency);
    }
    (status, is_refused)
}

async fn ask(slot: &Slot, delivery: &Delivery, way: Way) -> io::Result<Answer> {
    let request = delivery.to_http1(PATH);
    match way {
        Way::Whole => exchange(slot.address, request).await,
        Way::Slowly => {
            let (first, rest) = request.split_at(request.len() - delivery.body.len() / 2);
            let pause = Act::Pause(Duration::from_millis(700));
            let acts = vec![Act::Send(first.to_vec()), pause, Act::Send(rest.to_vec())];
            let answer = converse(slot.address, acts, 1).await?.pop();
            answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        }
        Way::HangsUp => {
            let mut socket = TcpStream::connect(slot.address).await?;
            socket.write_all(&request).await?;
            sleep(Duration::from_millis(2)).await;
            Err(io::Error::other("it does not wait for the answer"))
        }
    }
}

/// Sends what must not be accepted, once.
async fn intrude(
    run: Arc<Run>,
    group: usize,
    kind: Kind,
    id: String,
    request: Vec<u8>,
    mut random: Random,
) {
    let Some(slot) = run.groups.get(group).and_then(|group| random.one_of(&group.slots)) else {
        return;
    };
    let (receiver, sent) = (slot.name(), now());
    let status = exchange(slot.address, request).await.ok().map(|answer| answer.status);
    run.journal.sent(&Attempt { kind, event: &id, status, sent, receiver: &receiver });
}
