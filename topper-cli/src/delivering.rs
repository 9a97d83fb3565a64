//! Sends a batch and shows each reply: what `send` and `replay` share.

use std::path::PathBuf;

use serde_json::json;
use tokio::sync::mpsc;
use topper_core::{Envelope, Fate, internal::Short, protocol};
use topper_testkit::{Attempt, Batch, Delivery, Received, Sender, Unreachable};

use crate::{
    console::{BAD, Console, FAINT, GOOD, WARN},
    failure::{Failure, Verdict},
    file,
    interrupt::Ended,
};

mod received;
pub(crate) mod unreachable;
mod url;

use received::elapsed;
pub(crate) use received::{answer, cause, millis, received, short};
pub(crate) use url::shown;

/// More deliveries than these are shown as progress, and line by line only when they fail.
const MOST_LINES: usize = 40;
/// The longest name of a documented event.
const NAME_WIDTH: usize = 37;

/// The options of `send` and `replay`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The URL to send to
    #[arg(long, value_name = "URL")]
    to: String,
    /// Add a header, or replace the one of this name; may be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// Send the deliveries in random order
    #[arg(long)]
    shuffle: bool,
    /// Use the random order of an earlier run that printed this number; implies --shuffle
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Send each delivery this many times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    duplicate: u32,
    /// Send this many deliveries at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    parallel: u32,
    #[arg(long, help = retry_help(), value_name = "SECONDS", num_args = 0..=1, default_missing_value = "10", value_parser = seconds)]
    retry: Option<f64>,
    /// Trust this certificate authority (PEM) too, in addition to the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("it must look like `name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn retry_help() -> String {
    format!(
        "Retry as Topper does, up to {} times, but all within this many seconds (10 without a number); \
         Topper retries for {} hours",
        protocol::MAX_RETRIES,
        protocol::RETRY_WINDOW.as_secs() / 3600,
    )
}

fn seconds(text: &str) -> Result<f64, &'static str> {
    text.parse()
        .ok()
        .filter(|&seconds| seconds > 0.0)
        .ok_or("it must be a number of seconds greater than 0")
}

/// A sender to a URL, trusting one more authority.
pub(crate) fn sender(url: &str, ca: Option<&PathBuf>) -> Result<Sender, Failure> {
    let sender =
        Sender::to(url).map_err(|error| Failure::Input(format!("{}: {error}", shown(url))))?;
    match ca {
        Some(path) => sender.trusting(&file::read(path)?).map_err(|it| Failure::file(path, it)),
        None => Ok(sender),
    }
}

impl Options {
    /// A delivery with the header lines of --header, in place of its own of these names.
    pub(crate) fn with_headers(&self, delivery: Delivery) -> Delivery {
        let own = &self.header;
        let bare = own.iter().fold(delivery, |it, (name, _)| it.without_header(name));
        own.iter().fold(bare, |it, (name, value)| it.header(name, value.as_bytes()))
    }

    fn sender(&self) -> Result<Sender, Failure> {
        let sender = sender(&self.to, self.ca.as_ref())?;
        Ok(match self.retry {
            Some(seconds) => sender.squeezed(protocol::RETRY_WINDOW.as_secs_f64() / seconds),
            None => sender.retries(0),
        })
    }

    fn arrange(&self, batch: Batch, console: &mut Console) -> Batch {
        let times = usize::try_from(self.duplicate).unwrap_or(1);
        let batch = batch.repeated(times).parallel(usize::try_from(self.parallel).unwrap_or(1));
        if !self.shuffle && self.seed.is_none() {
            return batch;
        }
        let seed = self.seed.unwrap_or_else(seed);
        console.note(format_args!("random order; to repeat it, use --seed {seed}"));
        batch.shuffled(seed)
    }
}

/// For a new random order.
pub(crate) fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::from(std::process::id()) ^ u64::from(now.unwrap_or_default().subsec_nanos())
}

/// Sends a batch, shows each delivery, and counts.
pub(crate) async fn deliver(
    batch: Batch,
    options: &Options,
    mut ended: Ended,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let batch = options.arrange(batch, console);
    let labels: Vec<Label> = batch.iter().map(|delivery| Label::of(&delivery.body)).collect();
    let (observer, mut attempts) = mpsc::unbounded_channel();
    let will_retry = options.retry.is_some();
    let sender = options.sender()?.observed(move |index, attempt: &Attempt| {
        // After Ctrl-C, no one receives it.
        let _ = observer.send((index, attempt.clone()));
    });
    let sending = sender.send_all(batch);
    tokio::pin!(sending);

    let mut counts = Counts::new(labels.len());
    let mut is_interrupted = false;
    let mut is_sent = false;
    while !is_sent && !is_interrupted {
        tokio::select! {
            biased;
            Some((index, attempt)) = attempts.recv() => {
                counts.show(labels.get(index), index, &attempt, will_retry, console)?;
            }
            _ = &mut sending => is_sent = true,
            () = &mut ended => is_interrupted = true,
        }
    }
    // What arrived at the end.
    while let Ok((index, attempt)) = attempts.try_recv() {
        counts.show(labels.get(index), index, &attempt, will_retry, console)?;
    }
    counts.sum(is_interrupted, console)?;
    Ok(match (is_interrupted, counts.delivered == counts.all) {
        (true, _) => Verdict::Interrupted,
        (false, is_delivered) => Verdict::of(is_delivered),
    })
}

/// What a delivery is called.
struct Label {
    name: String,
    id: Option<String>,
}

impl Label {
    fn of(body: &[u8]) -> Self {
        match Envelope::from_json(body) {
            Ok(envelope) => {
                Self { name: envelope.name().to_owned(), id: Some(envelope.id().to_owned()) }
            }
            Err(_) => Self { name: format!("({} bytes, not an event)", body.len()), id: None },
        }
    }
}

#[derive(Default)]
struct Counts {
    all: usize,
    delivered: usize,
    lost: usize,
    given_up: usize,
    attempts: usize,
    /// The first failed connection of each kind.
    unreachable: Vec<Unreachable>,
}

impl Counts {
    fn new(all: usize) -> Self {
        Self { all, ..Self::default() }
    }

    fn show(
        &mut self,
        label: Option<&Label>,
        index: usize,
        attempt: &Attempt,
        will_retry: bool,
        console: &mut Console,
    ) -> Result<(), Failure> {
        let Some(label) = label else { return Ok(()) };
        let fate = attempt.received.fate();
        let is_last = attempt.number == if will_retry { 1 + protocol::MAX_RETRIES } else { 1 };
        let (style, word) = match fate {
            Fate::Delivered => (GOOD, "delivered"),
            Fate::Lost => (BAD, "lost"),
            Fate::Retried if is_last && will_retry => (BAD, "given up"),
            Fate::Retried if is_last => (WARN, "to retry"),
            Fate::Retried => (WARN, "retried"),
        };
        self.attempts += 1;
        match fate {
            Fate::Delivered => self.delivered += 1,
            Fate::Lost => self.lost += 1,
            Fate::Retried if is_last => self.given_up += 1,
            Fate::Retried => (),
        }
        if let Received::Unreachable(error) = &attempt.received
            && self.unreachable.iter().all(|other| other.kind() != error.kind())
        {
            self.unreachable.push(error.clone());
        }
        let answer = answer(&attempt.received);
        if self.all <= MOST_LINES || fate != Fate::Delivered {
            let (number, name) = (index + 1, Short(&label.name).to_string());
            let time = elapsed(&attempt.received);
            console.line(format_args!(
                "{FAINT}{number:>2}{FAINT:#} {name:<NAME_WIDTH$} {answer:<21} \
                 {style}{word:<9}{style:#} {FAINT}{time}{FAINT:#}"
            ))?;
        }
        console.object(&json!({
            "number": index + 1,
            "attempt": attempt.number,
            "name": label.name,
            "id": label.id,
            "at_ms": millis(attempt.at),
            "fate": word.replace(' ', "_"),
            "received": received(&attempt.received),
        }))?;
        if self.all > MOST_LINES {
            let done = self.delivered + self.lost + self.given_up;
            console.progress(format_args!("{done} of {} done", self.all));
        }
        Ok(())
    }

    fn sum(&self, is_interrupted: bool, console: &mut Console) -> Result<(), Failure> {
        let Self { all, delivered, lost, given_up, attempts, unreachable } = self;
        let open = all - delivered - lost - given_up;
        let mut parts = vec![format!("{delivered} of {all} delivered")];
        for (count, word) in [(lost, "lost"), (given_up, "not delivered"), (&open, "unfinished")] {
            if *count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        if attempts != all {
            parts.push(format!("{attempts} attempts"));
        }
        for error in unreachable.iter().filter(|_| delivered < all) {
            console.note(format_args!("{error}: {}", unreachable::advice(error)));
        }
        if is_interrupted {
            console.note("interrupted");
        }
        console.note(parts.join(", "));
        Ok(())
    }
}
