//! `topper send`

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::Value;
use topper_core::{EventName, protocol};
use topper_testkit::{Batch, Delivery, EventBuilder, Lifecycle, PathError};

use crate::{
    console::Console,
    delivering,
    failure::{Failure, Verdict},
    file, interrupt, keys,
};

const EXAMPLES: &str = "\
Examples:
  topper send order:crypto-onramp:completed --to http://127.0.0.1:4000
  topper send order:crypto-onramp:completed --set data.origin.amount=250.00 \\
      --to http://127.0.0.1:4000
  topper send --flow onramp --shuffle --duplicate 3 --to http://127.0.0.1:4000";

/// Send signed events to a URL, as Topper does
#[derive(clap::Args)]
#[command(long_about = about(), after_help = EXAMPLES, after_long_help = long_help())]
pub(crate) struct Args {
    /// The name of the event; `topper send --help` lists all names
    #[arg(value_name = "EVENT", required_unless_present_any = ["body", "flow"], conflicts_with = "flow")]
    event: Option<String>,
    /// Send all events of an order or a user, instead of one event
    #[arg(long, value_name = "FLOW")]
    flow: Option<Flow>,
    /// Sign and send the bytes of this file, unchanged; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["event", "flow", "set", "add", "unknown"])]
    body: Option<PathBuf>,
    /// Change a field: `path=text` for text, `path:=json` for other JSON; may be repeated
    ///
    /// It is an error if the event has no such field, so that a misspelt path is noticed. With --flow,
    /// the field is changed in each event that has it.
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    set: Vec<Setting>,
    /// Add a field that the event does not have, in the same form as --set; may be repeated
    ///
    /// Missing objects and arrays on its path are created. With --flow, the field is added to each
    /// event that does not have it.
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    add: Vec<Setting>,
    /// Allow an event name that Topper does not document
    #[arg(long, conflicts_with = "flow")]
    unknown: bool,
    /// Sign with the private key in this file, a JWK as `topper keygen` writes it
    ///
    /// Default: the shared test key. `topper keygen --public` prints its public key.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Do not sign
    #[arg(long)]
    unsigned: bool,
    #[command(flatten)]
    options: delivering::Options,
}

/// The events of an order or a user.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Flow {
    /// A purchase that completes
    Onramp,
    /// A purchase that fails after the charge and is refunded
    OnrampRefunded,
    /// A purchase that fails before the charge
    OnrampFailed,
    /// A sale that completes
    Offramp,
    /// A new user who logs in and passes the identity check
    User,
}

impl From<Flow> for Lifecycle {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Onramp => Self::Onramp,
            Flow::OnrampRefunded => Self::OnrampRefunded,
            Flow::OnrampFailed => Self::OnrampFailed,
            Flow::Offramp => Self::Offramp,
            Flow::User => Self::User,
        }
    }
}

#[derive(Clone)]
struct Setting {
    path: String,
    value: Value,
}

/// Amounts are text, so text is what needs no quoting.
fn setting(text: &str) -> Result<Setting, String> {
    let (path, value) =
        text.split_once('=').ok_or("it must look like `path=text` or `path:=json`")?;
    let (path, value) = match path.strip_suffix(':') {
        Some(path) => (
            path,
            serde_json::from_str(value).map_err(|error| {
                format!("the value is not valid JSON ({error}); for text, write `path=text`")
            })?,
        ),
        None => (path, Value::from(value)),
    };
    Ok(Setting { path: path.to_owned(), value })
}

fn names() -> String {
    let names: Vec<String> = EventName::ALL.iter().map(|name| format!("  {name}")).collect();
    names.join("\n")
}

fn about() -> String {
    format!(
        "Send signed events to a URL, as Topper does\n\n\
         Wait {} s for each reply, as Topper does. `topper listen` accepts events that are signed \
         with the shared test key; to test your own endpoint, give it the public key that `topper \
         keygen --public` prints.",
        protocol::TIMEOUT.as_secs(),
    )
}

fn long_help() -> String {
    format!("{EXAMPLES}\n\nEvents:\n{}", names())
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    let bodies = match &args.body {
        Some(path) => vec![file::read(path)?],
        None => events(&args)?.iter().map(EventBuilder::to_json).collect(),
    };
    // Not before standard input is read: waiting for it is ended by the signal itself.
    let ended = interrupt::watch();
    let key = keys::private(args.key.as_deref())?;
    let deliveries = bodies.into_iter().map(|body| {
        args.options.with_headers(if args.unsigned {
            Delivery::unsigned(body)
        } else {
            Delivery::signed(&key, body)
        })
    });
    delivering::deliver(Batch::new(deliveries), &args.options, ended, console).await
}

fn events(args: &Args) -> Result<Vec<EventBuilder>, Failure> {
    let events = match (args.flow, &args.event) {
        (Some(flow), _) => Lifecycle::from(flow).events(),
        (None, Some(name)) => vec![event(name, args.unknown)?],
        (None, None) => Vec::new(),
    };
    let events = change(events, &args.set, EventBuilder::try_set)?;
    change(events, &args.add, EventBuilder::try_add)
}

/// Changes each event that can be; a setting that changes none is an error.
fn change(
    events: Vec<EventBuilder>,
    settings: &[Setting],
    change: fn(EventBuilder, &str, Value) -> Result<EventBuilder, PathError>,
) -> Result<Vec<EventBuilder>, Failure> {
    settings.iter().try_fold(events, |events, setting| {
        let changed: Vec<_> = events
            .iter()
            .map(|event| change(event.clone(), &setting.path, setting.value.clone()))
            .collect();
        if let (Some(Err(error)), false) = (changed.first(), changed.iter().any(Result::is_ok)) {
            return Err(Failure::Input(told(error)));
        }
        Ok(events.into_iter().zip(changed).map(|(event, it)| it.unwrap_or(event)).collect())
    })
}

/// In the words of the options.
fn told(error: &PathError) -> String {
    match error {
        PathError::Missing { path, nearest } => {
            let nearest = nearest.as_ref().map(|it| format!(" (did you mean `{it}`?)"));
            format!(
                "--set: the event has no field `{path}`{}; to add a new field, use --add",
                nearest.unwrap_or_default(),
            )
        }
        PathError::Exists { path } => {
            format!("--add: the event already has a field `{path}`; to change it, use --set")
        }
        other => format!("--add: {other}"),
    }
}

fn event(name: &str, may_be_unknown: bool) -> Result<EventBuilder, Failure> {
    match name.parse() {
        Ok(name) => Ok(EventBuilder::new(name)),
        Err(_) if may_be_unknown => Ok(EventBuilder::unknown(name)),
        Err(_) => Err(Failure::Input(format!(
            "`{name}` is not an event that Topper documents; to send it anyway, add --unknown. The \
             documented events are:\n{}",
            names(),
        ))),
    }
}
