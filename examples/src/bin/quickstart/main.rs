//! A demo without configuration: a receiver with a throw-away key on a free port and a SQLite file in
//! a temporary folder, and deliveries to it over a real socket: genuine, forged and repeated. Then two
//! receivers with an inbox, whose handlers fail at first.
//!
//! ```text
//! cargo run --bin quickstart
//! ```
//!
//! It prints what was received, the answer, and why, for each delivery. It exits with 1 if anything is not
//! as expected.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to the person who runs it"
)]

use std::{
    error::Error,
    fmt::{self, Display},
    net::SocketAddr,
    process::ExitCode,
    time::Duration,
};

use axum::{Router, extract::State, routing::post};
use tokio::{net::TcpListener, sync::mpsc};
use topper::{
    Event, Outcome, Reply, Retry, Verifier, Webhook,
    axum::{Verified, WebhookRejection, WebhookReply},
    store::{Once, SqliteStore},
};
use topper_testkit::{Answer, TestKey};

mod describe;
mod inbox;
mod script;

use script::Expected;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("{wrong} results were not as expected");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The path of the webhooks.
const PATH: &str = "/webhooks/topper";

/// What the receiver made of a delivery: shown next to the answer.
type Seen = Result<Webhook, WebhookRejection>;

#[derive(Clone)]
struct App {
    verifier: Verifier,
    once: Once<SqliteStore>,
    seen: mpsc::UnboundedSender<Seen>,
}

impl axum::extract::FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

/// The handler. Yours will take a plain `Verified`; this one also shows refused deliveries.
async fn receive(
    State(app): State<App>,
    verified: Result<Verified, WebhookRejection>,
) -> Result<WebhookReply, WebhookRejection> {
    let result = verified.map(Verified::into_inner);
    // The other end counts the deliveries and is there until the last.
    drop(app.seen.send(result.clone()));
    Ok(app.once.run(result?, process).await.into())
}

/// The work on an event: it runs once for each.
async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    if webhook.id() == script::SLOW {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(match webhook.event()? {
        Event::Unknown(_) => Outcome::Ignored,
        _ => Outcome::Processed,
    })
}

async fn run() -> Result<usize, Box<dyn Error>> {
    let key = TestKey::generate();
    let (seen, mut sightings) = mpsc::unbounded_channel();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("topper.db");
    let store = SqliteStore::open(&format!("sqlite://{}", file.display())).await?;
    let verifier = Verifier::new(&key.public_jwk())?;
    let app = App { verifier: verifier.clone(), once: Once::new(store), seen };
    let address = serve(Router::new().route(PATH, post(receive)).with_state(app)).await?;
    println!("receiver: http://{address}{PATH}, key {}", key.key_id());
    println!("store:    {} (both are deleted at the end)", file.display());

    let mut tally = Tally::default();
    for step in script::steps(&key) {
        if let Some(group) = step.group {
            println!("\n{group}");
        }
        let answer = step.delivery.send(address, PATH).await?;
        let seen = sightings.recv().await.ok_or("the receiver has stopped")?;
        tally.add_answer(&step.title, &step.expected, &answer, &seen);
    }

    println!("\nThe same event twice at once: processed once, and the second delivery is retried");
    let slow = script::slow(&key);
    let first = tokio::spawn({
        let delivery = slow.delivery.clone();
        async move { delivery.send(address, PATH).await }
    });
    let seen = sightings.recv().await.ok_or("the receiver has stopped")?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = slow.delivery.send(address, PATH).await?;
    tally.add_answer(&slow.title, &slow.expected, &first.await??, &seen);
    let seen = sightings.recv().await.ok_or("the receiver has stopped")?;
    let meanwhile = Expected::Repetition(Reply::InProgress);
    tally.add_answer("the same event, meanwhile", &meanwhile, &second, &seen);

    inbox::show(&key, &verifier, &mut tally).await?;

    let Tally { count, wrong } = tally;
    println!("\n{} of {count} as expected", count - wrong);
    Ok(wrong)
}

/// Serves on a free port.
async fn serve(router: Router) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await
    });
    Ok(address)
}

/// What was shown, and how much of it was not as expected.
#[derive(Default)]
struct Tally {
    count: usize,
    wrong: usize,
}

impl Tally {
    fn add_answer(&mut self, title: &str, expected: &Expected, answer: &Answer, seen: &Seen) {
        let answered = format!("{} {}", answer.status, answer.body);
        let is_met = expected.is_met(answer, seen);
        self.add(title, &answered, &describe::seen(seen), is_met, expected);
    }

    /// Prints what happened, and whether that is as it should be.
    fn add(
        &mut self,
        title: &str,
        happened: &str,
        detail: &str,
        is_as_expected: bool,
        expected: impl Display,
    ) {
        let mark = if is_as_expected { "ok" } else { "WRONG" };
        println!("  {mark:<5} {title:<44} {happened}");
        println!("        {detail}");
        if !is_as_expected {
            println!("        expected {expected}");
        }
        self.count += 1;
        self.wrong += usize::from(!is_as_expected);
    }
}

impl Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(name) => {
                write!(f, "event {name}, typed, and {}", Reply::Processed.status())
            }
            Self::UnknownEvent(name) => {
                write!(f, "event {name}, unknown, and {}", Reply::Ignored.status())
            }
            Self::Repetition(reply) | Self::Refusal(reply) => {
                write!(f, "{} {}", reply.status(), reply.code())
            }
        }
    }
}
