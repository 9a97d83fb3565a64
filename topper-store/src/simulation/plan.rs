//! What goes wrong in a world, by its seed.

use std::time::Duration;

use super::random::Random;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

pub(super) struct Plan {
    /// Events are stored and processed later, and not at once.
    pub(super) is_inbox: bool,
    /// Nothing goes wrong but handlers.
    pub(super) is_calm: bool,
    pub(super) hosts: usize,
    pub(super) events: Vec<Sent>,
    cuts: Vec<Cut>,
    pub(super) ends: Vec<End>,
    /// When the store's clock is set, and by how many milliseconds.
    pub(super) steps: Vec<(Duration, i64)>,
}

/// An event that Topper sends.
pub(super) struct Sent {
    pub(super) at: Duration,
    /// How often it is sent at the same time.
    pub(super) copies: usize,
    pub(super) handler: Handler,
}

/// How an event's handler behaves.
#[derive(Clone, Copy)]
pub(super) struct Handler {
    /// So often it fails first.
    pub(super) failures: usize,
    pub(super) panics: bool,
    /// It may take so long.
    pub(super) longest: Duration,
}

/// Between these times a host cannot reach the store; without one, none can.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    host: Option<usize>,
    from: Duration,
    pub(super) to: Duration,
    /// Requests hang, and are not refused.
    pub(super) is_silent: bool,
}

/// A process ends and is started again.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) host: usize,
    pub(super) at: Duration,
    pub(super) down: Duration,
    /// It may first finish what it has begun, for so long.
    pub(super) drains: Option<Duration>,
}

impl Plan {
    /// With so many events to choose from.
    pub(super) fn new(random: &mut Random, most: usize) -> Self {
        let is_calm = random.happens(150);
        let hosts = 1 + random.index(3);
        let is_inbox = random.happens(550);
        let span = random.spread(10_000, 2 * HOUR);
        let time = |random: &mut Random| {
            Duration::from_millis(random.below(u64::try_from(span.as_millis()).unwrap()))
        };
        // That takes three days of the world's time, and so much of ours.
        let is_endless = random.happens(40);
        let count = 1 + random.index(most);
        let events = (0..count).map(|_| {
            let at = time(random);
            let copies = if random.happens(100) { 2 } else { 1 };
            Sent { at, copies, handler: Handler::new(random, is_calm, is_endless) }
        });
        let events = events.collect();
        let mut plan = Self {
            is_inbox,
            is_calm,
            hosts,
            events,
            cuts: Vec::new(),
            ends: Vec::new(),
            steps: Vec::new(),
        };
        if is_calm {
            return plan;
        }
        for _ in 0..random.below(6) {
            let host = if random.happens(300) { None } else { Some(random.index(hosts)) };
            let from = time(random);
            let to = from + random.spread(500, HOUR);
            plan.cuts.push(Cut { host, from, to, is_silent: random.happens(500) });
        }
        for _ in 0..random.below(8) {
            let drains = random.happens(400).then(|| random.spread(1000, 30_000));
            let (host, at) = (random.index(hosts), time(random));
            plan.ends.push(End { host, at, down: random.spread(100, 10 * MINUTE), drains });
        }
        plan.ends.sort_by_key(|end| end.at);
        if is_inbox && random.happens(200) {
            let size = i64::try_from(random.spread(1000, 30 * HOUR).as_millis()).unwrap();
            let millis = if random.happens(500) { size } else { -size };
            plan.steps.push((time(random), millis));
        }
        plan
    }

    /// What cuts a host off now.
    pub(super) fn cut(&self, host: usize, time: Duration) -> Option<Cut> {
        let is_now = |cut: &&Cut| {
            cut.host.is_none_or(|other| other == host) && (cut.from..cut.to).contains(&time)
        };
        self.cuts.iter().find(is_now).copied()
    }

    /// How long a lease is renewed.
    pub(super) fn longest(&self) -> Duration {
        Duration::from_secs(if self.is_inbox { 3600 } else { 600 })
    }
}

impl Handler {
    fn new(random: &mut Random, is_calm: bool, is_endless: bool) -> Self {
        let failures = match random.below(100) {
            0..80 => 0,
            80..92 => 1 + random.index(3),
            92..97 => 4 + random.index(10),
            _ if is_endless => usize::MAX,
            _ => 0,
        };
        let longest = match random.below(100) {
            0..70 => 200,
            70..90 => 5000,
            90..98 => 3 * MINUTE,
            _ if is_calm => 200,
            _ => 90 * MINUTE,
        };
        Self { failures, panics: random.happens(200), longest: Duration::from_millis(longest) }
    }
}
